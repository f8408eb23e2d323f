package main

import (
	"io"
	"log/slog"

	"watchword/internal/config"
)

// newLog writes JSON for machines under serve, and short lines for people
// elsewhere.
func newLog(w io.Writer, cfg config.Config) *slog.Logger {
	level := cfg.Log.Level.Level()
	if cfg.Mode == config.Serve {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: shortTime}))
}

func shortTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.String(slog.TimeKey, a.Value.Time().Format("15:04:05.000"))
	}
	return a
}
