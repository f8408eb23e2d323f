package session

import "watchword/internal/store"

// ClientAuthentication says whether a client has authenticated.
type ClientAuthentication = store.ClientAuthentication

// The two.
const (
	ClientAuthenticated   = store.ClientAuthenticated
	ClientUnauthenticated = store.ClientUnauthenticated
)
