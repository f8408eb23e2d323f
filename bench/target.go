package main

import (
	"fmt"
	"strings"
	"time"
)

// target is what a row is meant to reach. A bound of zero is none.
type target struct {
	what        string
	engine      string // empty: any
	connections int
	atLeast     float64 // of the result, in the row's unit
	atMost      float64
	cpu         time.Duration // per request, at most
	ofHello     float64       // at least
	ofHash      float64       // at least
}

// targets hold for any number of users: cost must stay flat.
func targets() []target {
	return []target{
		{what: "health", connections: 32, ofHello: 0.70},
		{what: "me", engine: engineSQLite, connections: 32, atLeast: 12_000, cpu: 120 * time.Microsecond},
		{what: "me", engine: enginePostgres, connections: 32, atLeast: 8_000, cpu: 200 * time.Microsecond},
		{what: "refresh", engine: engineSQLite, connections: 32, atLeast: 6_000, cpu: 250 * time.Microsecond},
		{what: "refresh", engine: enginePostgres, connections: 32, atLeast: 4_500, cpu: 350 * time.Microsecond},
		{what: "sign-in", connections: 32, ofHash: 0.95},
		{what: "sign-up", connections: 32, ofHash: 0.90},
		{what: whatStartEmpty, engine: engineSQLite, atMost: 100},
		{what: whatStartEmpty, engine: enginePostgres, atMost: 300},
		{what: whatStartExisting, engine: engineSQLite, atMost: 30},
		{what: whatStartExisting, engine: enginePostgres, atMost: 50},
		{what: whatMemoryIdle, atMost: 40},
		{what: whatMemoryLoad, atMost: 200},
	}
}

// The verdicts. A missed target is told and never fails the run: the machine
// may have been busy with something else.
const (
	verdictOK     = "ok"
	verdictMissed = "MISSED"
)

func (t target) meets(r row) bool {
	return t.what == r.What && t.connections == r.Connections && (t.engine == "" || t.engine == r.Engine)
}

// judge gives the row its target and verdict, where there is one.
func judge(r *row) {
	for _, t := range targets() {
		if t.meets(*r) {
			r.Target, r.Verdict = t.judge(*r)
		}
	}
}

func (t target) judge(r row) (text, verdict string) {
	var bounds []string
	verdict = verdictOK
	bound := func(value *float64, limit float64, sign, format string) {
		if limit == 0 {
			return
		}
		bounds = append(bounds, sign+" "+fmt.Sprintf(format, limit))
		missed := value != nil && (*value < limit && sign == atLeast || *value > limit && sign == atMost)
		if missed { // what cannot be measured here is not missed
			verdict = verdictMissed
		}
	}
	bound(&r.Result, t.atLeast, atLeast, "%.0f"+r.Unit)
	bound(&r.Result, t.atMost, atMost, "%.0f"+r.Unit)
	bound(r.CPU, float64(t.cpu.Microseconds()), atMost, "%.0f µs cpu")
	bound(r.OfHello, t.ofHello, atLeast, "%.2f of hello")
	bound(r.OfHash, t.ofHash, atLeast, "%.2f of hash")
	return strings.Join(bounds, ", "), verdict
}

const (
	atLeast = "≥"
	atMost  = "≤"
)
