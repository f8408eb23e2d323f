package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
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
	hashes float64         // rate of the bare hash, measured just before
}

func (g *group) measure(ctx context.Context) error {
	if err := g.withoutMail(ctx); err != nil {
		return err
	}
	return g.mails(ctx)
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
	if s.hashes {
		if err := g.hashAlone(ctx); err != nil {
			return err
		}
	}
	for _, connections := range g.plan.Connections {
		if err := g.rehearse(ctx, s, connections); err != nil {
			return err
		}
		t, err := g.perform(ctx, s, connections)
		if err != nil {
			return err
		}
		r := loadRow(s.name, connections, t)
		if s.flood == nil {
			r.OfHello = ratio(r.Result, g.hellos[connections])
		}
		if s.hashes {
			r.OfHash = ratio(r.Result, g.hashes)
		}
		g.addRow(r)
	}
	return nil
}

// rehearse does before the measurement what the scenario needs.
func (g *group) rehearse(ctx context.Context, s scenario, connections int) error {
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
	return l.run(ctx, play)
}

// hashAlone measures what bounds every scenario that hashes.
func (g *group) hashAlone(ctx context.Context) error {
	hands := runtime.NumCPU()
	l := g.load(g.server.address, hands)
	l.watched = []int{os.Getpid()}
	t, err := l.run(ctx, g.hash)
	if err != nil {
		return err
	}
	g.hashes = t.rate()
	g.addRow(loadRow(whatHash, hands, t))
	return nil
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
