package main

import (
	"os"
	"runtime"
	"testing"
	"time"
)

const exampleStat = "42 (a (b) c) S 7 42 42 0 -1 4194560 100 0 0 0 11 12 13 14 20 0 1 0 1 1 1\n"

func TestParseStatReadsBehindTheName(t *testing.T) {
	t.Parallel()
	want := stat{pid: 42, parent: 7, used: 50 * tick}
	if got, ok := parseStat([]byte(exampleStat)); !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	for _, line := range []string{"", "42", "(a) S 7", "42 (a) S 7 1 2", "x (a" + exampleStat[4:], "42 )a("} {
		if _, ok := parseStat([]byte(line)); ok {
			t.Errorf("%q was read", line)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(exampleStat))
	f.Fuzz(func(t *testing.T, line []byte) { parseStat(line) })
}

func TestTreeTimeCountsDescendantsOnce(t *testing.T) {
	t.Parallel()
	stats := []stat{{1, 0, 1000}, {2, 1, 1}, {3, 2, 10}, {4, 3, 100}, {5, 1, 5000}, {6, 1, 10000}}
	for name, test := range map[string]struct {
		roots []int
		want  time.Duration
		known bool
	}{
		"one":              {[]int{2}, 111, true},
		"two":              {[]int{2, 6}, 10111, true},
		"one in the other": {[]int{2, 3}, 111, true},
		"gone":             {[]int{2, 9}, 0, false},
	} {
		if got, known := treeTime(stats, test.roots); got != test.want || known != test.known {
			t.Errorf("%s: %d, %v", name, got, known)
		}
	}
}

func TestProcessFiguresAreThereOnLinuxAlone(t *testing.T) {
	t.Parallel()
	linux := runtime.GOOS == "linux"
	if _, known := cpuTime([]int{os.Getpid()}); known != linux {
		t.Errorf("processor time known: %v", known)
	}
	for _, figure := range []string{"VmRSS", "VmHWM"} {
		if n, known := memory(os.Getpid(), figure); known != linux || linux && n < 1<<20 {
			t.Errorf("%s: %d, known: %v", figure, n, known)
		}
	}
}
