package job

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Task is something to be done again and again, on every node: it must bear
// being done twice at once.
type Task struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Periodic runs tasks.
type Periodic struct {
	Tasks []Task
	Log   *slog.Logger

	stop context.CancelFunc
	done sync.WaitGroup
}

// Start runs every task at its pace until Stop, the first time after one interval.
func (p *Periodic) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	for _, t := range p.Tasks {
		p.done.Go(func() { p.repeat(ctx, t) })
	}
}

// Stop ends all tasks and waits for those under way.
func (p *Periodic) Stop() {
	p.stop()
	p.done.Wait()
}

func (p *Periodic) repeat(ctx context.Context, t Task) {
	tick := time.NewTicker(t.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := t.Do(ctx); err != nil && ctx.Err() == nil {
				p.Log.WarnContext(ctx, "a recurring task failed; it will be run again", "task", t.Name, "error", err)
			}
		}
	}
}
