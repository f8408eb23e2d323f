package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
)

// recoverPanics turns a panic into a 503. Where an answer has already begun, it
// breaks the connection instead: a torn answer must not look whole.
func (c *chain) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value) // meant to break the connection
			}
			in := callOf(r.Context())
			c.log.LogAttrs(r.Context(), slog.LevelError, "panic",
				slog.String("request_id", in.origin.RequestID),
				slog.String("route", in.routePath()),
				slog.String("panic", panicText(value)),
				slog.String("stack", string(debug.Stack())))
			if in.writer.status != 0 {
				panic(http.ErrAbortHandler)
			}
			w.Header().Del("Set-Cookie") // of a change that may not have come to be
			in.writer.routing = false
			WriteProblem(w, r, ErrUnavailable)
			in.fault = nil // told above
		}()
		next.ServeHTTP(w, r)
	})
}

// panicText is what may be logged of a panic's value. The runtime's own faults
// hold no data; any other may hold what a caller submitted, so that only its
// type is told, and the stack says where.
func panicText(value any) string {
	if err, ok := value.(error); ok {
		if fault, ok := errors.AsType[runtime.Error](err); ok {
			return fault.Error()
		}
	}
	return fmt.Sprintf("%T", value)
}
