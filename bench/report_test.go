package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTargetsAreJudged(t *testing.T) {
	t.Parallel()
	value := func(v float64) *float64 { return &v }
	for name, test := range map[string]struct {
		row     row
		target  string
		verdict string
	}{
		"reached": {
			row{Engine: engineSQLite, What: "me", Connections: 32, Result: 12_000, Unit: perSecond, CPU: value(120)},
			"≥ 12000/s, ≤ 120 µs cpu", verdictOK,
		},
		"too slow": {
			row{Engine: engineSQLite, What: "me", Connections: 32, Result: 11_999, Unit: perSecond, CPU: value(20)},
			"≥ 12000/s, ≤ 120 µs cpu", verdictMissed,
		},
		"too dear": {
			row{Engine: enginePostgres, What: "refresh", Connections: 32, Result: 5_000, Unit: perSecond, CPU: value(351)},
			"≥ 4500/s, ≤ 350 µs cpu", verdictMissed,
		},
		"not measured here": {
			row{Engine: enginePostgres, What: "refresh", Connections: 32, Result: 5_000, Unit: perSecond},
			"≥ 4500/s, ≤ 350 µs cpu", verdictOK,
		},
		"other share of hello": {
			row{Engine: enginePostgres, What: "health", Connections: 32, OfHello: value(0.69)},
			"≥ 0.70 of hello", verdictMissed,
		},
		"share of the hash": {
			row{Engine: enginePostgres, What: "sign-up", Connections: 32, OfHash: value(0.9)},
			"≥ 0.90 of hash", verdictOK,
		},
		"start":     {row{Engine: engineSQLite, What: whatStartExisting, Result: 31, Unit: milliseconds}, "≤ 30 ms", verdictMissed},
		"no target": {row{Engine: engineSQLite, What: "me", Connections: 1}, "", ""},
	} {
		judge(&test.row)
		if test.row.Target != test.target || test.row.Verdict != test.verdict {
			t.Errorf("%s: %q %q, want %q %q", name, test.row.Target, test.row.Verdict, test.target, test.verdict)
		}
	}
}

func TestEveryTargetHasItsScenario(t *testing.T) {
	t.Parallel()
	known := append(names(), whatStartEmpty, whatStartExisting, whatMemoryIdle, whatMemoryLoad)
	for _, target := range targets() {
		if !slices.Contains(known, target.what) {
			t.Errorf("nothing is called %q", target.what)
		}
	}
}

func TestSlowIsNoFailureAndWrongIs(t *testing.T) {
	t.Parallel()
	r := newReport(1)
	r.add(row{Engine: engineSQLite, What: "me", Connections: 32, Result: 1, Unit: perSecond})
	if err := r.verdict(); err != nil || r.Rows[0].Verdict != verdictMissed {
		t.Errorf("a missed target: %v, %q", err, r.Rows[0].Verdict)
	}
	r.add(row{What: "me", Result: 1, Unit: perSecond, Faults: map[string]int64{"answered 500 fault": 2}})
	if err := r.verdict(); !errors.Is(err, errWrongAnswers) || !strings.Contains(err.Error(), "2 × answered 500 fault") {
		t.Errorf("wrong answers: %v", err)
	}
	silent := newReport(1)
	silent.add(row{What: "me", Unit: perSecond})
	if err := silent.verdict(); !errors.Is(err, errWrongAnswers) {
		t.Errorf("no answers: %v", err)
	}
}

func TestLoadRowTellsTheTally(t *testing.T) {
	t.Parallel()
	used := 3 * time.Millisecond
	counted := newTally()
	counted.elapsed, counted.cpu, counted.busy = time.Second/2, &used, 4
	counted.faults["x"] = 5
	for range 30 {
		counted.latencies.record(time.Millisecond)
	}
	r := loadRow("me", 8, counted)
	if r.Result != 60 || *r.CPU != 100 || r.Errors != 5 || r.Busy != 4 || *r.P50 < 1 || *r.P99 > 1.02 {
		t.Errorf("%+v", r)
	}
	if empty := loadRow("me", 8, newTally()); empty.P50 != nil || empty.CPU != nil || empty.Result != 0 {
		t.Errorf("of nothing: %+v", empty)
	}
}

func TestTableIsAlignedAndSaved(t *testing.T) {
	t.Parallel()
	ms := 1.234
	r := newReport(5)
	r.add(row{What: whatBinary, Result: 20.04, Unit: megabytes})
	r.add(row{Engine: engineSQLite, Users: 1000, What: "me", Connections: 32, Result: 12345.6, Unit: perSecond, P99: &ms, CPU: &ms})
	var table strings.Builder
	if err := r.write(&table); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"engine  users  what         conns   result  p50 ms  p99 ms  cpu µs  of hello  of hash  ours  busy  errors  target\n" +
		"               binary size         20.0 MB\n" +
		"sqlite   1000  me              32  12346/s            1.23       1                                         ≥ 12000/s, ≤ 120 µs cpu  ok\n"
	if table.String() != want {
		t.Errorf("got\n%swant\n%s", &table, want)
	}
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := r.save(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var saved report
	if err := json.Unmarshal(content, &saved); err != nil || len(saved.Rows) != 2 || *saved.Rows[1].P99 != ms {
		t.Errorf("saved %s, %v", content, err)
	}
}

func TestHashIsHeldAgainstTheTimeOfARequest(t *testing.T) {
	t.Parallel()
	value := func(f float64) *float64 { return &f }
	before, after := row{Result: 40, CPU: value(20_000)}, row{Result: 80, CPU: value(18_000)}
	if got := ofHash(row{Result: 30, CPU: value(20_000)}, before, after); got == nil || *got != 0.95 {
		t.Errorf("by time: got %v, want 0.95", got)
	}
	if got := ofHash(row{Result: 30}, before, after); got == nil || *got != 0.5 {
		t.Errorf("by rate: got %v, want 0.5", got)
	}
	if got := ofHash(row{Result: 30}, row{}, row{}); got != nil {
		t.Errorf("of no hash: got %v", *got)
	}
}

func TestShareOfTheServerIsToldWhereBothAreKnown(t *testing.T) {
	t.Parallel()
	server, provider := 900*time.Microsecond, 100*time.Microsecond
	for name, test := range map[string]struct {
		cpu, besides *time.Duration
		want         float64 // 0: none
	}{
		"both":        {&server, &provider, 0.9},
		"no provider": {&server, nil, 0},
		"no server":   {nil, &provider, 0},
	} {
		told := newTally()
		told.latencies.record(time.Millisecond)
		told.cpu, told.besides = test.cpu, test.besides
		got := loadRow("x", 1, told).Ours
		if (got == nil) != (test.want == 0) || got != nil && (*got < test.want-1e-9 || *got > test.want+1e-9) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
