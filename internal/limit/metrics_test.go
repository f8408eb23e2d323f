package limit

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"watchword/internal/store/storetest"
)

func TestCollectorTellsWhatPassedAndWhatNot(t *testing.T) {
	t.Parallel()
	l := New(Config{Now: storetest.NewClock().Now})
	pass(t, l, tenPerHour, "k", 10)
	fail(t, l, "k", 5)
	barred(t, l, "k")
	for _, c := range []struct {
		name, rule string
		want       float64
	}{
		{"watchword_limit_taken_total", "test", 10},
		{"watchword_limit_refused_total", "test", 1},
		{"watchword_limit_taken_total", "attempts", 5},
		{"watchword_limit_refused_total", "attempts", 1},
		{"watchword_limit_fallback_total", "", 0},
	} {
		if got := metric(t, l, c.name, c.rule); got != c.want {
			t.Errorf("%s of %q is %v, want %v", c.name, c.rule, got, c.want)
		}
	}
}

func TestCollectorOfLimitsThatAreOffTellsNothing(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(Off())
	if families := must(registry.Gather())(t); len(families) != 0 {
		t.Errorf("%d metrics", len(families))
	}
}

// metric is a value that the limiter's collector tells.
func metric(t *testing.T, l *Limiter, name, rule string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l)
	for _, family := range must(registry.Gather())(t) {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			if rule == "" || m.GetLabel()[0].GetValue() == rule {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() // one of them is nil: 0
			}
		}
	}
	t.Fatalf("no metric %s of %q", name, rule)
	return 0
}
