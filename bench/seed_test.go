package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSeedIsOneUserPerLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := writeSeed(&out, 300); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	emails := map[string]bool{}
	for _, line := range lines {
		var user seedUser
		if err := json.Unmarshal([]byte(line), &user); err != nil {
			t.Fatal(err)
		}
		emails[user.Email] = true
		if !user.EmailVerified || user.Account.Name == "" || !strings.HasPrefix(user.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Fatalf("seeded %s", line)
		}
	}
	if len(lines) != 300 || len(emails) != 300 || !emails[userEmail(299)] {
		t.Errorf("%d lines, %d addresses", len(lines), len(emails))
	}
}

func TestSeededHashIsThatOfThePassword(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := writeSeed(&out, 1); err != nil {
		t.Fatal(err)
	}
	want := base64.RawStdEncoding.EncodeToString(hashPassword())
	if !strings.Contains(out.String(), fmt.Sprintf(`$%s"`, want)) {
		t.Errorf("no hash of the password in %s", &out)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestSeedTellsThatItCouldNotBeWritten(t *testing.T) {
	t.Parallel()
	if err := writeSeed(fullDisk{}, 1000); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
