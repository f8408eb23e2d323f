package upstream

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// A connection for each person would cost more than all else that is done for them.
func TestConnectionsOfABusyHourAreKept(t *testing.T) {
	t.Parallel()
	const together = 16
	var opened atomic.Int64
	var all sync.WaitGroup // who are asking at the same time
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		all.Done()
		all.Wait()
		_, _ = io.WriteString(w, "{}")
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	transport := newTransport(NetworkLoopback)
	t.Cleanup(transport.CloseIdleConnections)
	client := newHTTPClient(NetworkLoopback, transport)
	for range 3 {
		all.Add(together)
		var asking sync.WaitGroup
		for range together {
			asking.Go(func() {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
				if err != nil {
					t.Error(err)
					return
				}
				response, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
			})
		}
		asking.Wait()
	}
	if opened.Load() != together {
		t.Errorf("%d connections were opened for %d people at once", opened.Load(), together)
	}
}
