package main

import "golang.org/x/crypto/argon2"

// The server's own parameters, so that no sign-in re-hashes.
const (
	hashMemory = 19456 // KiB
	hashTime   = 2
	hashLanes  = 1
	hashLength = 32
	// One salt for all: the databases are thrown away, and 200,000 hashes would
	// take an hour.
	hashSalt = "bench bench salt"
)

func hashPassword() []byte {
	return argon2.IDKey([]byte(password), []byte(hashSalt), hashTime, hashMemory, hashLanes, hashLength)
}

// bareHash is the password hash and nothing else: what sign-in and sign-up could
// reach at best. It is played like any journey, on a connection that is never
// opened, by as many hands as there are processors.
func bareHash(int) journey {
	return func(*conn) error {
		hashPassword()
		return nil
	}
}
