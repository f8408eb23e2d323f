package api

import (
	"net/http"
	"reflect"

	"watchword"
	"watchword/internal/web"
)

// Health is what probes are told.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

var okBody = []byte("{\"status\":\"ok\"}\n")

func (a *API) mountHealth() {
	a.plain(operation{
		id: "healthz", method: http.MethodGet, path: "/healthz", tag: "Server", security: anyone(),
		summary: "Whether the process serves", description: "200 as long as anything is answered at all.",
	}, "application/json", a.schemaOf(reflect.TypeFor[Health]()), http.HandlerFunc(healthy))
	a.plain(operation{
		id: "readyz", method: http.MethodGet, path: "/readyz", tag: "Server", security: anyone(),
		summary: "Whether new work is welcome", description: "503 while the database is away and while the server drains.",
	}, "application/json", a.schemaOf(reflect.TypeFor[Health]()), http.HandlerFunc(a.ready))
	a.plain(operation{
		id: "metrics", method: http.MethodGet, path: "/metrics", tag: "Server",
		security: keyHolders(watchword.ScopeMetricsRead),
		summary:  "Prometheus metrics", description: "For an API key with metrics:read; open on the listener of --metrics-listen.",
	}, "text/plain", someText(), http.HandlerFunc(a.metrics))
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(okBody)
}

func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.Ready(r); err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	healthy(w, r)
}

func (a *API) metrics(w http.ResponseWriter, r *http.Request) {
	if err := a.mayReadMetrics(r); err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	a.Metrics.ServeHTTP(w, r)
}
