package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Pieces is an answer that is written piece by piece and may take longer than
// [Timeouts].Write, as long as it is read. A reader who stops would else hold its
// handler for good, and the end of the process with it.
type Pieces struct {
	control *http.ResponseController
	each    time.Duration
	forget  func() bool // the end of the server

	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelFunc
}

// NewPieces lets the answer take as long as ctx, each piece so long, and all that is
// left of it only so long as last once the server accepts no more.
func NewPieces(ctx context.Context, w http.ResponseWriter, each, last time.Duration) *Pieces {
	p := &Pieces{control: http.NewResponseController(w), each: each}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.forget = context.AfterFunc(stoppingOf(ctx), func() { p.hurry(last) })
	return p
}

// Next is called before each piece. Its error says that there is no time for it.
func (p *Pieces) Next() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit()
	return p.ctx.Err()
}

// Done is called after the last.
func (p *Pieces) Done() {
	p.forget()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancel()
}

// hurry has all of it end soon, a piece that is being written, too.
func (p *Pieces) hurry(last time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return // it is over, and the connection may be another call's
	}
	whole := p.cancel
	soon, cancel := context.WithTimeout(p.ctx, last)
	p.ctx, p.cancel = soon, func() { cancel(); whole() }
	p.limit()
}

// limit ends the writing with the piece, or with ctx if that is sooner.
func (p *Pieces) limit() {
	piece, cancel := context.WithTimeout(p.ctx, p.each)
	defer cancel()
	end, _ := piece.Deadline()
	_ = p.control.SetWriteDeadline(end) // a writer that knows no deadline has no reader to wait for
}

type stoppingKey struct{}

// stoppingOf ends when the server of a call accepts no more.
func stoppingOf(ctx context.Context) context.Context {
	if stopping, ok := ctx.Value(stoppingKey{}).(context.Context); ok {
		return stopping
	}
	return context.Background()
}
