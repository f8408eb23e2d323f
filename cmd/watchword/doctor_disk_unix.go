//go:build linux || darwin

package main

import "syscall"

// freeDisk is how many bytes others than root can still write into a folder.
func freeDisk(folder string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}
