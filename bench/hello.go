package main

import (
	"context"
	"io"
	"net"
	"net/http"
)

// helloCmd is the child process that everything is compared with: what
// net/http itself can do on this machine with the same client.
type helloCmd struct {
	Listen string `required:"" help:"Loopback address to listen on."`
}

// Run serves until the context ends.
func (h helloCmd) Run(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello") // a client that left needs no answer
	})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.Listen)
	if err != nil {
		return err
	}
	return serve(ctx, listener, mux)
}
