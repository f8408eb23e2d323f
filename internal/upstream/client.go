package upstream

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/sony/gobreaker/v2"

	"watchword/internal/secret"
)

const (
	tripAfter = 5                // failures in a row
	openFor   = 30 * time.Second // until one call tries again
)

// client makes calls of one kind to one provider. While that is down, its breaker
// answers at once: nobody waits, and our connections are not spent on it.
type client struct {
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[struct{}]
}

// newPublishedClient asks for what a provider publishes. Nobody who signs in has a
// say in the answer, so one that is no good is the provider's failure.
func newPublishedClient(h *http.Client) *client {
	return newClient(h, gobreaker.Settings{
		IsSuccessful: func(err error) bool {
			_, refused := errors.AsType[*refusal](err)
			return err == nil || refused
		},
		IsExcluded: leftEarly,
	})
}

// newPersonalClient asks about one person, who may choose the code and the profile:
// whatever is answered to those neither opens the breaker for everybody else nor
// keeps it closed. Only that nothing is answered does.
func newPersonalClient(h *http.Client) *client {
	return newClient(h, gobreaker.Settings{
		IsSuccessful: func(err error) bool { return err == nil },
		IsExcluded:   func(err error) bool { return leftEarly(err) || err != nil && !outage(err) },
	})
}

func newClient(h *http.Client, s gobreaker.Settings) *client {
	s.Timeout = openFor
	s.ReadyToTrip = func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter }
	return &client{http: h, breaker: gobreaker.NewCircuitBreaker[struct{}](s)}
}

// leftEarly: they have closed the page; that says nothing of the provider.
func leftEarly(err error) bool { return errors.Is(err, context.Canceled) }

// call runs one call to the provider, if the breaker lets it.
func (c *client) call(ctx context.Context, do func(ctx context.Context) error) error {
	_, err := c.breaker.Execute(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, perCall)
		defer cancel()
		return struct{}{}, do(ctx)
	})
	return err
}

// question is what the provider is asked by GET.
type question struct {
	target string
	header map[string]string
	bearer secret.String // zero: none
}

// get asks, and reads the JSON of a 200.
func (c *client) get(ctx context.Context, q question, read func(body []byte) error) error {
	err := c.call(ctx, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, q.target, http.NoBody)
		if err != nil {
			return unreachable(err)
		}
		request.Header.Set("Accept", "application/json")
		request.Header.Set("User-Agent", "Watchword")
		for name, value := range q.header {
			request.Header.Set(name, value)
		}
		if !q.bearer.IsZero() {
			request.Header.Set("Authorization", "Bearer "+q.bearer.Reveal())
		}
		response, err := c.http.Do(request)
		if err != nil {
			return unreachable(err)
		}
		defer response.Body.Close()
		if err := statusTrouble(response); err != nil {
			return err
		}
		return readJSON(response, read)
	})
	if err != nil {
		return fmt.Errorf("ask %s: %w", hostOf(q.target), err)
	}
	return nil
}

func readJSON(response *http.Response, read func(body []byte) error) error {
	// Signed userinfo would have to be verified, and we ask for none.
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "application/jwt" {
		return &trouble{text: "the answer is a JWT, not JSON"}
	}
	body, err := readAll(response)
	if err != nil {
		return err
	}
	return read(body)
}
