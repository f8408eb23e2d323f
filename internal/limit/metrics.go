package limit

import "github.com/prometheus/client_golang/prometheus"

// attemptsName labels the attempts of Begin, beside the rules' own names.
const attemptsName = "attempts"

type metrics struct {
	taken, refused *prometheus.CounterVec
	fallbacks      prometheus.Counter
	redisUp        prometheus.GaugeFunc // nil without Redis
	attempts       outcomes
}

// outcomes counts what became of one rule's attempts.
type outcomes struct{ taken, refused prometheus.Counter }

func newMetrics(s *shared) *metrics {
	m := &metrics{
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "watchword_limit_taken_total", Help: "Attempts that passed a limit.",
		}, []string{"rule"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "watchword_limit_refused_total", Help: "Attempts that a limit refused.",
		}, []string{"rule"}),
		fallbacks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "watchword_limit_fallback_total",
			Help: "Attempts counted on this node alone, more strictly, because Redis was away.",
		}),
	}
	m.attempts = m.outcomes(attemptsName)
	if s != nil {
		m.redisUp = prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "watchword_limit_redis_up", Help: "Whether Redis answered when it was last asked.",
		}, s.breaker.up)
	}
	return m
}

func (m *metrics) outcomes(rule string) outcomes {
	return outcomes{taken: m.taken.WithLabelValues(rule), refused: m.refused.WithLabelValues(rule)}
}

func (m *metrics) collectors() []prometheus.Collector {
	all := []prometheus.Collector{m.taken, m.refused, m.fallbacks}
	if m.redisUp != nil {
		all = append(all, m.redisUp)
	}
	return all
}

// Describe implements prometheus.Collector.
func (l *Limiter) Describe(out chan<- *prometheus.Desc) {
	if l.off {
		return
	}
	for _, c := range l.metrics.collectors() {
		c.Describe(out)
	}
}

// Collect implements prometheus.Collector.
func (l *Limiter) Collect(out chan<- prometheus.Metric) {
	if l.off {
		return
	}
	for _, c := range l.metrics.collectors() {
		c.Collect(out)
	}
}
