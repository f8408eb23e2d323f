package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts and times calls by route pattern, method and status class: all
// of them bounded, whatever callers send.
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "watchword_http_requests_total",
			Help: "Answered HTTP requests by route pattern, method and status class.",
		}, []string{"route", "method", "class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "watchword_http_request_duration_seconds",
			Help:    "Time to answer HTTP requests by route pattern and method.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "watchword_http_requests_in_flight",
			Help: "HTTP requests being answered.",
		}),
	}
	registry.MustRegister(m.requests, m.duration, m.inFlight)
	return m
}

func (m *Metrics) observe(method string, in *call, took time.Duration) {
	path := in.routePath()
	method = methodLabel(method)
	m.requests.WithLabelValues(path, method, statusClass(in.writer.status)).Inc()
	m.duration.WithLabelValues(path, method).Observe(took.Seconds())
}

func statusClass(status int) string {
	switch status / 100 {
	case 2:
		return "2xx"
	case 3:
		return "3xx"
	case 4:
		return "4xx"
	case 5:
		return "5xx"
	default:
		return "none" // broken off before an answer
	}
}
