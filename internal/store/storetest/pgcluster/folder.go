package pgcluster

import "syscall"

// memory is where a system keeps files in memory, and enough what of it must be
// free: several packages are tested at once, each with a cluster.
const (
	memory = "/dev/shm"
	enough = 4 << 30 // bytes
)

// usualFolder is where clusters lie that say nothing else: in memory, if there is
// room and nobody asks for durability. A copy of a template takes a sixth of the
// time there.
func usualFolder(options Options) string {
	var stat syscall.Statfs_t
	if !options.Fsync && syscall.Statfs(memory, &stat) == nil && stat.Bavail*uint64(stat.Bsize) >= enough {
		return memory
	}
	return "/tmp" // not os.TempDir, which may be too long for a socket and closed to postgres
}
