package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/token"
)

// newRegistry gathers what the parts tell of themselves.
func newRegistry(s *store.Store, hasher *secret.Hasher, limiter *limit.Limiter, keys *token.Keys, clock func() time.Time, log *slog.Logger) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		limiter, hashCollector(hasher), keyCollector(keys, clock), &poolCollector{s}, &backlogCollector{s, clock, log})
	return r
}

func metricsHandler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

func counter(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value)
}

// group is several collectors as one.
type group []prometheus.Collector

func (g group) Describe(out chan<- *prometheus.Desc) {
	for _, c := range g {
		c.Describe(out)
	}
}

func (g group) Collect(out chan<- prometheus.Metric) {
	for _, c := range g {
		c.Collect(out)
	}
}

func hashCollector(h *secret.Hasher) prometheus.Collector {
	return group{
		gauge("watchword_hash_workers", "Password hashes that may run at once.", func() float64 { return float64(h.Stats().Workers) }),
		gauge("watchword_hash_running", "Password hashes under way.", func() float64 { return float64(h.Stats().Running) }),
		gauge("watchword_hash_queued", "Password hashes that wait for a worker.", func() float64 { return float64(h.Stats().Queued) }),
		gauge("watchword_hash_seconds", "Moving average of one password hash.", func() float64 { return h.Stats().Average.Seconds() }),
		counter("watchword_hash_done_total", "Password hashes done.", func() float64 { return float64(h.Stats().Done) }),
		counter("watchword_hash_refused_total", "Password hashes refused as busy.", func() float64 { return float64(h.Stats().Refused) }),
	}
}

func keyCollector(k *token.Keys, clock func() time.Time) prometheus.Collector {
	return gauge("watchword_signing_key_age_seconds", "How long the present key has signed.",
		func() float64 { return clock().Sub(k.SigningSince()).Seconds() })
}

// poolCollector tells of the database's connections.
type poolCollector struct{ store *store.Store }

var (
	poolOpen = prometheus.NewDesc("watchword_db_connections_open", "Open database connections.", []string{"pool"}, nil)
	poolBusy = prometheus.NewDesc("watchword_db_connections_in_use", "Database connections in use.", []string{"pool"}, nil)
	poolWait = prometheus.NewDesc("watchword_db_wait_seconds_total", "Time spent waiting for a connection.", []string{"pool"}, nil)
)

func (c *poolCollector) Describe(out chan<- *prometheus.Desc) {
	out <- poolOpen
	out <- poolBusy
	out <- poolWait
}

func (c *poolCollector) Collect(out chan<- prometheus.Metric) {
	for name, s := range c.store.Pools() {
		out <- prometheus.MustNewConstMetric(poolOpen, prometheus.GaugeValue, float64(s.Open), name)
		out <- prometheus.MustNewConstMetric(poolBusy, prometheus.GaugeValue, float64(s.InUse), name)
		out <- prometheus.MustNewConstMetric(poolWait, prometheus.CounterValue, s.Waited.Seconds(), name)
	}
}

// backlogCollector asks the database what waits, each time it is scraped.
type backlogCollector struct {
	store *store.Store
	clock func() time.Time
	log   *slog.Logger
}

var (
	jobsWaiting = prometheus.NewDesc("watchword_jobs_waiting", "Jobs that are not done.", []string{"kind"}, nil)
	jobsFailed  = prometheus.NewDesc("watchword_jobs_failed", "Jobs that failed for good and are not yet purged.", []string{"kind"}, nil)
	jobsOldest  = prometheus.NewDesc("watchword_jobs_oldest_seconds", "How long the oldest of them waits.", []string{"kind"}, nil)
)

func (c *backlogCollector) Describe(out chan<- *prometheus.Desc) {
	out <- jobsWaiting
	out <- jobsOldest
	out <- jobsFailed
}

func (c *backlogCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	list, err := c.store.Read().Backlogs(ctx)
	failed, errFailed := c.store.Read().FailedJobs(ctx)
	if err = errors.Join(err, errFailed); err != nil {
		// The other metrics still tell: those of a server without its database
		// are the ones that matter.
		c.log.Warn("the backlog of jobs could not be read for the metrics", "error", err)
		return
	}
	for _, kind := range []job.Kind{job.KindMail, job.KindSignUp, job.KindWaitlist} { // a gauge that is gone looks like a server that is
		if !slices.ContainsFunc(list, func(b store.Backlog) bool { return b.Kind == string(kind) }) {
			list = append(list, store.Backlog{Kind: string(kind), Oldest: c.clock()})
		}
		out <- prometheus.MustNewConstMetric(jobsFailed, prometheus.GaugeValue, float64(failedOf(failed, kind)), string(kind))
	}
	for _, b := range list {
		out <- prometheus.MustNewConstMetric(jobsWaiting, prometheus.GaugeValue, float64(b.Waiting), b.Kind)
		out <- prometheus.MustNewConstMetric(jobsOldest, prometheus.GaugeValue, c.clock().Sub(b.Oldest).Seconds(), b.Kind)
	}
}

func failedOf(list []store.Failures, kind job.Kind) int64 {
	for _, f := range list {
		if f.Kind == string(kind) {
			return f.Failed
		}
	}
	return 0
}
