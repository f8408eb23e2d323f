package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// observe counts, times and logs each call once it is answered.
func (c *chain) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := callOf(r.Context())
		start := c.now()
		c.metrics.inFlight.Inc()
		defer func() { // also when the connection is broken off
			c.metrics.inFlight.Dec()
			end := c.now()
			took := end.Sub(start)
			c.metrics.observe(r.Method, in, took)
			c.logCall(r, in, end, took)
			c.logFault(r.Context(), in)
		}()
		next.ServeHTTP(w, r)
	})
}

// logCall writes one line. It names the route's pattern and never the path or
// the query, which may hold tokens and addresses.
func (c *chain) logCall(r *http.Request, in *call, at time.Time, took time.Duration) {
	level := slog.LevelInfo
	// A page that looks every second whether there is news would drown the log.
	if in.route != nil && in.route.quiet || in.writer.status == http.StatusNotModified {
		level = slog.LevelDebug
	}
	if !c.log.Enabled(r.Context(), level) {
		return
	}
	// Made by hand: the logger would read the clock and look up this line's place in
	// the program, which nobody is told, for each call.
	line := slog.NewRecord(at, level, "request", 0)
	line.AddAttrs(
		slog.String("method", methodLabel(r.Method)),
		slog.String("route", in.routePath()),
		slog.Int("status", in.writer.status),
		slog.Int64("bytes", in.writer.bytes),
		slog.Duration("took", took),
		slog.String("request_id", in.origin.RequestID),
		slog.String("ip", in.origin.IP))
	if in.upstreamID != "" {
		line.AddAttrs(slog.String("proxy_request_id", in.upstreamID))
	}
	_ = c.log.Handler().Handle(r.Context(), line) // as the logger itself does
}

// logFault tells the cause of a 5xx. What callers did wrong is no error of ours
// and is not logged as one.
func (c *chain) logFault(ctx context.Context, in *call) {
	if in.fault == nil {
		return
	}
	level := slog.LevelError
	if errors.Is(in.fault, context.Canceled) && ctx.Err() != nil {
		level = slog.LevelDebug // the caller left: nobody is waiting for this answer
	}
	c.log.LogAttrs(ctx, level, "fault",
		slog.String("request_id", in.origin.RequestID),
		slog.String("route", in.routePath()),
		slog.Int("status", in.writer.status),
		slog.String("error", in.fault.Error()))
}

// routePath is the label of the call's route, one and the same for all that
// match none.
func (c *call) routePath() string {
	if c.route == nil {
		return "unmatched"
	}
	return c.route.path
}

// methodLabel is the method if it is a known one: callers may make up others,
// and each would be a new series and any text in the log.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	default:
		return "other"
	}
}
