package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// tick is the unit of the times in /proc: USER_HZ, which is 100 on every Linux
// that Go runs on.
const tick = time.Second / 100

// stat is what is read of /proc/PID/stat (proc_pid_stat(5)).
type stat struct {
	pid, parent int
	used        time.Duration // its own and that of the children it has waited for
}

// cpuTime is what the processes and all their descendants have used so far; it
// only grows, because what a child has used is its parent's once it is gone. It
// knows nothing where there is no /proc.
func cpuTime(roots []int) (time.Duration, bool) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(paths) == 0 || len(roots) == 0 {
		return 0, false
	}
	stats := make([]stat, 0, len(paths))
	for _, path := range paths {
		line, err := os.ReadFile(path)
		if err != nil {
			continue // gone since it was listed
		}
		if s, ok := parseStat(line); ok {
			stats = append(stats, s)
		}
	}
	return treeTime(stats, roots)
}

func treeTime(stats []stat, roots []int) (time.Duration, bool) {
	var used time.Duration
	family := slices.Clone(roots)
	for i := 0; i < len(family); i++ {
		alive := false
		for _, s := range stats {
			if s.pid == family[i] {
				used += s.used
				alive = true
			} else if s.parent == family[i] && !slices.Contains(family, s.pid) {
				family = append(family, s.pid)
			}
		}
		if !alive {
			return 0, false
		}
	}
	return used, true
}

// parseStat starts behind the last parenthesis: a program's name may hold any
// character.
func parseStat(line []byte) (stat, bool) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 1 || end < open {
		return stat{}, false
	}
	pid, err := strconv.Atoi(string(line[:open-1]))
	fields := bytes.Fields(line[end+1:])
	if err != nil || len(fields) < 15 {
		return stat{}, false
	}
	var ticks int64
	for _, f := range fields[11:15] { // utime stime cutime cstime
		n, err := strconv.ParseInt(string(f), 10, 48)
		if err != nil {
			return stat{}, false
		}
		ticks += n
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return stat{pid: pid, parent: parent, used: time.Duration(ticks) * tick}, err == nil
}

// memory is a figure of /proc/PID/status in bytes: VmRSS (resident now) or
// VmHWM (the most it ever was).
func memory(pid int, name string) (int64, bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	value, ok := field(status, name)
	if !ok {
		return 0, false
	}
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSuffix(value, []byte(" kB"))), 10, 48)
	return kilobytes << 10, err == nil
}
