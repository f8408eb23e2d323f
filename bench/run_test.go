package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func parse(t *testing.T, args ...string) (runCmd, error) {
	t.Helper()
	var line commandLine
	parser, err := kong.New(&line, kong.Name("bench"), kong.Exit(func(int) { t.Error("exit") }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return line.Run, err
}

func TestFlagsHaveDefaults(t *testing.T) {
	t.Parallel()
	plan, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(plan.Engines, []string{"sqlite", "postgres"}) || !slices.Equal(plan.Users, []int{1000, 200_000}) ||
		!slices.Equal(plan.Connections, []int{1, 32}) || plan.Seconds != 5 || !plan.wants("me") {
		t.Errorf("%+v", plan)
	}
}

func TestFlagsAreObeyed(t *testing.T) {
	t.Parallel()
	plan, err := parse(t, "--engines", "sqlite", "--only", "me,refresh", "--users", "5", "--connections", "2,3", "--seconds", "0.5")
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Engines) != 1 || plan.wants("health") || !plan.wants("refresh") || plan.Users[0] != 5 || plan.Connections[1] != 3 {
		t.Errorf("%+v", plan)
	}
}

func TestBadFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--engines", "oracle"},
		{"--only", "dance"},
		{"--users", "0"},
		{"--users", "many"},
		{"--connections", "5000"},
		{"--seconds", "0"},
		{"--seconds", "3600"},
	} {
		if _, err := parse(t, args...); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

func TestSettingsOfTheCallerStayOutside(t *testing.T) {
	t.Parallel()
	got := withoutSettings([]string{"PATH=/bin", "WATCHWORD_DATABASE=postgres://precious", "PGHOST=precious", "HOME=/"})
	if !slices.Equal(got, []string{"PATH=/bin", "HOME=/"}) {
		t.Errorf("kept %v", got)
	}
}

// testProgram is this test binary, which TestMain makes every program of a run.
func testProgram(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

func TestRunMeasuresEveryScenario(t *testing.T) {
	t.Parallel()
	for engine, only := range map[string][]string{engineSQLite: nil, enginePostgres: {"me", onlyMemory}} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			b := testBench(t, engine, only)
			if err := b.measure(t.Context()); err != nil {
				t.Fatal(err)
			}
			var table strings.Builder
			if err := b.finish(&table); err != nil {
				t.Errorf("%v\n%s", err, &table)
			}
			for _, name := range names() {
				told := strings.Contains(table.String(), "  "+name+"  ") || strings.Contains(table.String(), "  "+name+",")
				if told != b.plan.wants(name) {
					t.Errorf("%s is told: %v\n%s", name, told, &table)
				}
			}
		})
	}
}

// testBench measures the fake, which this test binary also is.
func testBench(t *testing.T, engine string, only []string) *bench {
	t.Helper()
	self := testProgram(t)
	plan := runCmd{
		Engines: []string{engine}, Users: []int{20}, Connections: []int{2}, Only: only,
		Seconds: 0.2, Binary: self, Folder: "/tmp",
	}
	if err := plan.Validate(); err != nil {
		t.Fatal(err)
	}
	cheap := func(int) journey { return func(*conn) error { time.Sleep(time.Millisecond); return nil } }
	return &bench{plan: plan, dir: t.TempDir(), startRounds: 2, hash: cheap, report: newReport(plan.Seconds), progress: t.Output()}
}

func TestBrokenServerFailsTheRunWithItsWords(t *testing.T) {
	t.Parallel()
	p := program{path: testProgram(t), args: []string{"dev", "--listen", "not an address"}, log: t.TempDir() + "/log"}
	_, err := p.start(context.Background(), nowhere, "/readyz")
	if err == nil || !strings.Contains(err.Error(), "ended at once") || !strings.Contains(err.Error(), "listen tcp") {
		t.Errorf("got %v", err)
	}
}
