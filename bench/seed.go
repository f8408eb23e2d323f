package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/argon2"
)

// seedUser is one line of what `admin import-users` reads.
type seedUser struct {
	Email         string      `json:"email"`
	EmailVerified bool        `json:"email_verified"`
	Name          string      `json:"name"`
	PasswordHash  string      `json:"password_hash"`
	Account       seedAccount `json:"account"`
}

type seedAccount struct {
	Name string `json:"name"`
}

// writeSeed streams users to w, one JSON line each.
func writeSeed(w io.Writer, users int) error {
	encoded := base64.RawStdEncoding
	hash := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashLanes,
		encoded.EncodeToString([]byte(hashSalt)), encoded.EncodeToString(hashPassword()))
	buffered := bufio.NewWriterSize(w, 64<<10)
	lines := json.NewEncoder(buffered)
	for n := range users {
		err := lines.Encode(seedUser{
			Email: userEmail(n), EmailVerified: true, Name: userName(n),
			PasswordHash: hash, Account: seedAccount{Name: userName(n)},
		})
		if err != nil {
			return err
		}
	}
	return buffered.Flush()
}

func writeSeedFile(path string, users int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return writeSeed(file, users)
}
