package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"
)

// The rows that are one figure each, and those that others are compared with.
const (
	whatHello         = "hello (plain net/http)"
	whatHash          = "argon2id alone"
	whatStartEmpty    = "start, empty database"
	whatStartExisting = "start, existing database"
	whatMemoryIdle    = "memory, idle"
	whatMemoryLoad    = "memory, sign-in load"
	whatBinary        = "binary size"
	whatFirstCount    = "statistics, at first"
)

// The units of results.
const (
	perSecond    = "/s"
	milliseconds = " ms"
	megabytes    = " MB"
)

// row is one line of the table. What is nil was not measured.
type row struct {
	Engine      string           `json:"engine,omitempty"`
	Users       int              `json:"users,omitempty"`
	What        string           `json:"what"`
	Connections int              `json:"connections,omitempty"`
	Result      float64          `json:"result"`
	Unit        string           `json:"unit"`
	P50         *float64         `json:"p50_ms,omitempty"`
	P99         *float64         `json:"p99_ms,omitempty"`
	CPU         *float64         `json:"cpu_us_per_request,omitempty"`
	OfHello     *float64         `json:"of_hello,omitempty"`
	OfHash      *float64         `json:"of_hash,omitempty"`
	Ours        *float64         `json:"ours,omitempty"`
	Busy        int64            `json:"busy"`
	Errors      int64            `json:"errors"`
	Faults      map[string]int64 `json:"faults,omitempty"`
	Target      string           `json:"target,omitempty"`
	Verdict     string           `json:"verdict,omitempty"`
}

// loadRow is the row of a tally.
func loadRow(what string, connections int, t *tally) row {
	r := row{
		What: what, Connections: connections, Result: t.rate(), Unit: perSecond,
		Busy: t.busy, Errors: t.failed(), Faults: t.faults,
	}
	if t.latencies.total == 0 {
		return r
	}
	p50, p99 := inMilliseconds(t.latencies.quantile(0.50)), inMilliseconds(t.latencies.quantile(0.99))
	r.P50, r.P99 = &p50, &p99
	if t.cpu != nil {
		each := float64(t.cpu.Microseconds()) / float64(t.latencies.total)
		r.CPU = &each
	}
	if t.cpu != nil && t.besides != nil {
		r.Ours = ratio(t.cpu.Seconds(), (*t.cpu + *t.besides).Seconds())
	}
	return r
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// report is the table and the machine it was made on.
type report struct {
	OS      string  `json:"os"`
	Arch    string  `json:"arch"`
	CPUs    int     `json:"cpus"`
	Go      string  `json:"go"`
	Seconds float64 `json:"seconds"`
	Rows    []row   `json:"rows"`
}

func newReport(seconds float64) *report {
	return &report{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version(), Seconds: seconds}
}

// add judges a row and keeps it.
func (r *report) add(line row) row {
	judge(&line)
	r.Rows = append(r.Rows, line)
	return line
}

var errWrongAnswers = errors.New("there were wrong answers")

// verdict is an error where any answer was wrong, or a load had no answer at
// all, and says which. Slowness is none.
func (r *report) verdict() error {
	var errs []error
	for _, line := range r.Rows {
		if line.Unit == perSecond && line.Result == 0 {
			errs = append(errs, fmt.Errorf("%w: %s: none within the window", errWrongAnswers, line.What))
		}
		for _, fault := range slices.Sorted(maps.Keys(line.Faults)) {
			errs = append(errs, fmt.Errorf("%w: %s %d users, %s, %d connections: %d × %s", errWrongAnswers,
				line.Engine, line.Users, line.What, line.Connections, line.Faults[fault], fault))
		}
	}
	return errors.Join(errs...)
}

// save writes the table as JSON.
func (r *report) save(path string) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(content, '\n'), 0o644)
}
