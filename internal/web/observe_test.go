package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchword/internal/store/storetest"
)

const canary = "canary-7f3"

func TestAPanicIsA503AndItsDataStaysHere(t *testing.T) {
	t.Parallel()
	var missing map[string]int
	for name, fault := range map[string]func(){
		"text":    func() { panic("body: " + canary) },
		"error":   func() { panic(fmt.Errorf("body: %s", canary)) },
		"runtime": func() { missing["x"] = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := NewMux(nil)
			mux.HandleFunc("POST /x", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Set-Cookie", "access_token=x")
				w.Header().Set("Content-Length", "5")
				fault()
			})
			f := newFixture(t, mux)
			w := send(f, "POST", "/x?q="+canary, `{"a":"`+canary+`"}`,
				"Content-Type", "application/json", "Authorization", "Bearer "+canary, "User-Agent", canary)
			p := wantProblem(t, w, 503, "unavailable")
			if !p.Retryable || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%+v %v", p, w.Header())
			}
			log := f.log.String()
			if strings.Contains(log, canary) || strings.Contains(w.Body.String(), canary) {
				t.Errorf("submitted data got out: %s", log)
			}
			if !strings.Contains(log, "observe_test.go") || !strings.Contains(log, p.RequestID) {
				t.Errorf("the log does not say where: %s", log)
			}
		})
	}
}

func TestAPanicAmidAnAnswerBreaksTheConnection(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"half":`))
		panic("half-way")
	})
	mux.HandleFunc("GET /aborts", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	f := newFixture(t, mux)
	server := httptest.NewServer(f)
	defer server.Close()
	if answer, err := server.Client().Get(server.URL + "/aborts"); err == nil {
		_ = answer.Body.Close()
		t.Errorf("answered %d", answer.StatusCode)
	}
	if strings.Contains(f.log.String(), "panic") {
		t.Error("a deliberate abort is no fault")
	}
	func() {
		defer func() {
			if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
				t.Errorf("recovered %v", err)
			}
		}()
		send(f, "GET", "/x", "")
	}()
	if n := strings.Count(f.log.String(), `"msg":"request"`); n != 2 {
		t.Errorf("%d access log lines", n)
	}
}

func TestPanicTextTellsOnlyWhatHoldsNoData(t *testing.T) {
	t.Parallel()
	var fault runtime.Error
	func() {
		defer func() { fault, _ = recover().(runtime.Error) }()
		none := []int{}
		_ = none[len(none)]
	}()
	if got := panicText(fault); !strings.Contains(got, "index out of range") {
		t.Errorf("%q", got)
	}
	if got := panicText(canary); got != "string" {
		t.Errorf("%q", got)
	}
}

func TestAccessLogNamesThePatternAndNothingSubmitted(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /auth/{provider}/callback", healthz)
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /polled", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	f := newFixture(t, mux)
	send(f, "GET", "/auth/"+canary+"/callback?token="+canary, "", "Cookie", "c="+canary, "Referer", canary, "X-Client-Id", canary)
	send(f, "GET", "/"+canary, "")
	send(f, canary, "/healthz", "")
	send(f, "GET", "/healthz", "")
	send(f, "GET", "/polled", "")
	if strings.Contains(f.log.String(), canary) {
		t.Fatalf("%s", f.log)
	}
	var lines []map[string]any
	for line := range strings.Lines(f.log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, entry)
	}
	if len(lines) != 5 {
		t.Fatalf("%d lines: %s", len(lines), f.log)
	}
	for i, want := range []struct {
		level, method, route string
		status               float64
	}{
		{"INFO", "GET", "/auth/{provider}/callback", 200},
		{"INFO", "GET", "unmatched", 404},
		{"INFO", "other", "unmatched", 405},
		{"DEBUG", "GET", "/healthz", 200},
		{"DEBUG", "GET", "/polled", 304},
	} {
		got := lines[i]
		if got["level"] != want.level || got["method"] != want.method || got["route"] != want.route || got["status"] != want.status {
			t.Errorf("line %d: %v", i, got)
		}
		if got["request_id"] == "" || got["ip"] != "192.0.2.1" || (got["bytes"].(float64) == 0) != (want.status == 304) {
			t.Errorf("line %d: %v", i, got)
		}
	}
}

func TestDurationComesFromTheClock(t *testing.T) {
	t.Parallel()
	at := storetest.NewClock()
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(http.ResponseWriter, *http.Request) { at.Advance(1500 * time.Millisecond) })
	f := newFixture(t, mux, func(o *Options) { o.Now = at.Now })
	send(f, "GET", "/x", "")
	if !strings.Contains(f.log.String(), fmt.Sprintf(`"took":%d`, 1500*time.Millisecond)) {
		t.Errorf("%s", f.log)
	}
	if sum := gather(t, f.registry)["watchword_http_request_duration_seconds/GET,/x"]; sum != 1.5 {
		t.Errorf("%v", sum)
	}
}

func TestProbesAreNotEvenFormattedUnlessDebugging(t *testing.T) {
	t.Parallel()
	out := &logLines{}
	f := newFixture(t, answering("GET /readyz", nil), func(o *Options) {
		o.Log = slog.New(slog.NewJSONHandler(out, nil))
	})
	send(f, "GET", "/readyz", "")
	if out.String() != "" {
		t.Errorf("%s", out)
	}
}

// gather gives counters and gauges, and the sums of histograms, by name and labels.
func gather(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, label := range metric.GetLabel() {
				labels = append(labels, label.GetValue())
			}
			key := family.GetName() + "/" + strings.Join(labels, ",")
			values[key] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + metric.GetHistogram().GetSampleSum()
		}
	}
	return values
}

func TestMetricsHaveBoundedLabels(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	mux.HandleFunc("GET /users/{id}", healthz)
	f := newFixture(t, mux)
	for i := range 20 {
		send(f, "GET", fmt.Sprintf("/users/%d?x=%d", i, i), "")
		send(f, "GET", fmt.Sprintf("/nowhere/%d", i), "")
		send(f, fmt.Sprintf("VERB%d", i), "/users/1", "")
	}
	got := gather(t, f.registry)
	for key, want := range map[string]float64{
		"watchword_http_requests_total/2xx,GET,/users/{id}": 20,
		"watchword_http_requests_total/4xx,GET,unmatched":   20,
		"watchword_http_requests_total/4xx,other,unmatched": 20,
		"watchword_http_requests_in_flight/":                0,
	} {
		if got[key] != want {
			t.Errorf("%s: %v, want %v", key, got[key], want)
		}
	}
	if len(got) != 7 { // three counters, three histograms, one gauge
		t.Errorf("%d series: %v", len(got), got)
	}
}
