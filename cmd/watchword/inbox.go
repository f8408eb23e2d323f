package main

import (
	"net/url"
	"time"

	"watchword/internal/config"
	"watchword/internal/delivery"
	"watchword/internal/ui"
	"watchword/internal/web"
)

// mountInbox mounts the inbox, under dev alone. Where others can reach the server,
// they need the API key.
func (s *server) mountInbox(mux *web.Mux, cfg config.Config, publicURL *url.URL, clock func() time.Time) {
	if cfg.Mode != config.Dev {
		return
	}
	deps := ui.InboxDeps{Inbox: delivery.Inbox{Store: s.store}, PublicURL: cfg.PublicURL}
	if cfg.AllowRemote {
		deps.Guard = ui.InboxGuard{Keys: &s.apiKeys, Pass: web.InboxPass{Keys: s.keyring, Now: clock, Public: publicURL}}
	}
	ui.MountInbox(mux, deps)
}
