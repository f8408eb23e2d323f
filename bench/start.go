package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// prepare makes an installation with the group's users and leaves its server
// running. On the way it takes the time of the starts.
func (g *group) prepare(ctx context.Context) (*process, error) {
	rounds := 1
	if g.plan.wants(onlyStart) {
		rounds = g.startRounds
	}
	installed, err := g.startEmpty(ctx, rounds)
	if err != nil {
		return nil, err
	}
	if err := g.seed(ctx, installed); err != nil {
		return nil, err
	}
	return g.startExisting(ctx, installed, rounds)
}

// startEmpty starts on so many empty databases, and gives the last of them.
func (g *group) startEmpty(ctx context.Context, rounds int) (server, error) {
	var times []time.Duration
	for {
		made, err := newServer(ctx, g.binary, g.dir, g.engine)
		if err != nil {
			return server{}, err
		}
		if g.provider != nil {
			if err := made.setProvider("http://" + g.provider.address); err != nil {
				return server{}, err
			}
		}
		running, err := made.start(ctx)
		if err != nil {
			return server{}, err
		}
		if err := running.stop(); err != nil {
			return server{}, err
		}
		if times = append(times, running.startup); len(times) == rounds {
			g.addStart(whatStartEmpty, times)
			return made, nil
		}
	}
}

// startExisting starts on the seeded database again and again, and gives the
// last server.
func (g *group) startExisting(ctx context.Context, installed server, rounds int) (*process, error) {
	var times []time.Duration
	for {
		running, err := installed.start(ctx)
		if err != nil {
			return nil, err
		}
		if times = append(times, running.startup); len(times) == rounds {
			g.addStart(whatStartExisting, times)
			return running, nil
		}
		if err := running.stop(); err != nil {
			return nil, err
		}
	}
}

func (g *group) addStart(what string, times []time.Duration) {
	if !g.plan.wants(onlyStart) {
		return
	}
	slices.Sort(times)
	g.addRow(row{What: what, Result: inMilliseconds(times[len(times)/2]), Unit: milliseconds})
}

func (g *group) seed(ctx context.Context, installed server) error {
	file := filepath.Join(installed.dir, "users.jsonl")
	if err := writeSeedFile(file, g.stage.users); err != nil {
		return err
	}
	began := time.Now()
	if err := installed.importUsers(ctx, file); err != nil {
		return fmt.Errorf("import users: %w", err)
	}
	g.tell(fmt.Sprintf("%s: imported %d users in %s", g.name, g.stage.users, time.Since(began).Round(time.Millisecond)))
	return nil
}
