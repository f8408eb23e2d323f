package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

// settle is how long a fresh server is left alone before its memory is read.
const settle = time.Second

// group is the rows of one engine with one number of users.
type group struct {
	*bench
	engine engine
	name   string
	stage  *stage
	server *process
	hellos map[int]float64 // rate of hello by connections
}

func (g *group) measure(ctx context.Context) error {
	first := g.withoutMail
	if !slices.ContainsFunc(plain(), g.plan.wants) { // their users need not be there
		first = g.sayHello
	}
	for _, part := range []func(context.Context) error{first, g.manage, g.mails} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// withoutMail measures everything that needs no mail server.
func (g *group) withoutMail(ctx context.Context) (err error) {
	if g.server, err = g.prepare(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.server.stop()) }()
	g.stage.address = g.server.address
	if g.plan.wants(onlyMemory) {
		time.Sleep(settle)
		g.addMemory(whatMemoryIdle, "VmRSS")
	}
	if err := g.sayHello(ctx); err != nil {
		return err
	}
	for _, s := range scenarios() {
		if !g.plan.wants(s.name) {
			continue
		}
		if err := g.play(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if s.memory != "" && g.plan.wants(onlyMemory) {
			g.addMemory(s.memory, "VmHWM")
		}
	}
	return nil
}

// sayHello measures plain net/http in every group anew: the machine may not be
// as free as it was a minute ago.
func (g *group) sayHello(ctx context.Context) error {
	g.hellos = map[int]float64{}
	for _, connections := range g.plan.Connections {
		l := g.load(g.hello.address, connections)
		l.watched = []int{g.hello.pid}
		t, err := l.run(ctx, func(int) journey { return health(nil, 0, 0) })
		if err != nil {
			return err
		}
		g.hellos[connections] = t.rate()
		g.addRow(loadRow(whatHello, connections, t))
	}
	return nil
}

// play measures one scenario with each number of connections.
func (g *group) play(ctx context.Context, s scenario) error {
	for _, connections := range g.plan.Connections {
		if err := g.rehearse(ctx, s, connections); err != nil {
			return err
		}
		r, err := g.playOnce(ctx, s, connections)
		if err != nil {
			return err
		}
		if s.flood == nil {
			r.OfHello = ratio(r.Result, g.hellos[connections])
		}
		g.addRow(r)
	}
	return nil
}

// playOnce measures one row. One that hashes stands between two measurements of
// the bare hash: what others do on the machine meanwhile makes memory, and so
// this hash, slower by a third from one minute to the next.
func (g *group) playOnce(ctx context.Context, s scenario, connections int) (row, error) {
	var before, after row
	var err error
	if s.hashes {
		if before, err = g.hashAlone(ctx); err != nil {
			return row{}, err
		}
	}
	t, err := g.perform(ctx, s, connections)
	if err != nil {
		return row{}, err
	}
	r := loadRow(s.name, connections, t)
	if s.hashes {
		if after, err = g.hashAlone(ctx); err != nil {
			return row{}, err
		}
		r.OfHash = ofHash(r, before, after)
	}
	return r, nil
}

// ofHash is how much of a request's processor time is the hash itself: where
// processors are what everybody waits for, that is the part of the bare hash's
// rate that is reached. Rates themselves would tell how many others wanted a
// processor in either moment; they stand in where nobody tells the time.
func ofHash(r, before, after row) *float64 {
	if r.CPU == nil || before.CPU == nil || after.CPU == nil {
		return ratio(r.Result, (before.Result+after.Result)/2)
	}
	return ratio((*before.CPU+*after.CPU)/2, *r.CPU)
}

// rehearse does before the measurement what the scenario needs.
func (g *group) rehearse(ctx context.Context, s scenario, connections int) error {
	if s.people && g.stage.known.Load() == 0 {
		return g.stage.meetPeople(ctx)
	}
	if !s.sessions {
		return nil
	}
	if want := max(sessionCount, connections); len(g.stage.sessions) < want {
		return g.stage.openSessions(ctx, want)
	}
	return g.stage.renew(ctx)
}

// perform plays the scenario, beside its flood if it has one.
func (g *group) perform(ctx context.Context, s scenario, connections int) (*tally, error) {
	l := g.load(g.server.address, connections)
	play := func(part int) journey { return s.journey(g.stage, part, connections) }
	if s.flood != nil {
		return l.runIn(ctx, play, floodConns, func(part int) journey { return s.flood(g.stage, part, floodConns) })
	}
	workers, err := g.engine.processes()
	if err != nil {
		return nil, err
	}
	l.watched = append(workers, g.server.pid)
	if s.provider {
		l.beside = []int{g.provider.pid}
	}
	return l.run(ctx, play)
}

// hashAlone measures what bounds every scenario that hashes.
func (g *group) hashAlone(ctx context.Context) (row, error) {
	hands := runtime.NumCPU()
	l := g.load(g.server.address, hands)
	l.watched = []int{os.Getpid()}
	t, err := l.run(ctx, g.hash)
	if err != nil {
		return row{}, err
	}
	r := loadRow(whatHash, hands, t)
	g.addRow(r)
	return r, nil
}

func (g *group) load(address string, connections int) load {
	window := time.Duration(g.plan.Seconds * float64(time.Second))
	return load{address: address, connections: connections, warmUp: window / 5, window: window}
}

func (g *group) addMemory(what, figure string) {
	if n, ok := memory(g.server.pid, figure); ok {
		g.addRow(row{What: what, Result: inMegabytes(n), Unit: megabytes})
	}
}

func (g *group) addRow(r row) {
	r.Engine, r.Users = g.name, g.stage.users
	g.add(r)
}

func ratio(part, whole float64) *float64 {
	if whole <= 0 {
		return nil
	}
	r := part / whole
	return &r
}
