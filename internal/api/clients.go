package api

import (
	"watchword"
	"watchword/internal/client"
)

// Clients are the client applications, as headers name them.
type Clients struct {
	*client.Registry
}

// Asking is who asks by X-Client-Id: the default client where it is empty.
func (c Clients) Asking(id string) (watchword.Client, error) {
	named := watchword.ClientID(id)
	if id == "" {
		named = c.Default()
	}
	found, ok := c.Find(named)
	if !ok {
		return watchword.Client{}, errClientNotFound
	}
	return found, nil
}
