package main

import (
	"context"
	"sync"
)

// runIn is run while other connections flood the server: they begin before the
// warm-up and end after the window. Their wrong answers count as the load's;
// their refusals too, as the sign that the flood was one.
func (l load) runIn(ctx context.Context, play func(part int) journey, conns int, flood func(part int) journey) (*tally, error) {
	flooding, ebb := context.WithCancel(ctx)
	defer ebb()
	around := load{address: l.address, connections: conns, window: l.warmUp + l.window + drain}
	var beside *tally
	var group sync.WaitGroup
	group.Go(func() { beside, _ = around.run(flooding, flood) }) // it always ends by the ebb
	measured, err := l.run(ctx, play)
	ebb()
	group.Wait()
	if err != nil {
		return nil, err
	}
	if beside != nil {
		measured.busy += beside.busy
		for fault, n := range beside.faults {
			measured.faults["in the flood: "+fault] += n
		}
	}
	return measured, nil
}
