// Package browser tests what only a browser can tell, in a real Chromium: how
// pages look and behave, and what it makes of our cookies and headers.
package browser

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestInABrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		return // it needs Chromium and Node.js
	}
	program := build(t)
	t.Run("the pages read well", func(t *testing.T) {
		t.Parallel()
		testPages(t, startServer(t, program).url) // of its own: its inbox stays empty
	})
	t.Run("the CSRF snippet carries a session of another origin", func(t *testing.T) {
		t.Parallel()
		testCSRF(t, startServer(t, program).url)
	})
	t.Run("the inbox shows mails as they arrive", func(t *testing.T) {
		t.Parallel()
		testInbox(t, startServer(t, program))
	})
	t.Run("the inbox asks for the key where others reach it", func(t *testing.T) {
		t.Parallel()
		testKeyedInbox(t, startServer(t, program, "--allow-remote", "--api-key", inboxKey))
	})
	t.Run("mailed links do what people mean", func(t *testing.T) {
		t.Parallel()
		testLinks(t, program)
	})
	t.Run("people sign in at a provider", func(t *testing.T) {
		t.Parallel()
		testProviders(t, program)
	})
}

// build makes the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "watchword")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/watchword").CombinedOutput(); err != nil {
		t.Fatalf("build the server: %v\n%s", err, output)
	}
	return program
}

// devServer is a server as `watchword dev` runs it.
type devServer struct {
	url  string
	data string // folder
}

func startServer(t *testing.T, program string, args ...string) devServer {
	t.Helper()
	return startServerAt(t, program, freeAddress(t), args...)
}

func startServerAt(t *testing.T, program, address string, args ...string) devServer {
	t.Helper()
	server := devServer{url: localhost(address), data: filepath.Join(t.TempDir(), "data")}
	var log bytes.Buffer
	command := exec.Command(program, append([]string{"dev", "--listen", address, "--public-url", server.url, "--data", server.data}, args...)...)
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Errorf("the server ended with %v:\n%s", err, &log)
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if response, err := http.Get(server.url + "/readyz"); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return server
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the server does not become ready")
		}
	}
}

// localhost is the public URL of a server that listens at the address.
func localhost(address string) string { return "http://localhost:" + address[len("127.0.0.1:"):] }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// drive runs a script in Chromium and reads what it saw.
func drive(t *testing.T, script string, orders map[string]string, seen any) {
	t.Helper()
	if _, err := os.Stat("../node_modules/playwright-core"); err != nil {
		t.Fatalf("run scripts/test-tools first: %v", err)
	}
	orders["chromium"] = chromium(t)
	text, err := json.Marshal(orders)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", script), string(text))
	command.Stderr = t.Output()
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if err := json.Unmarshal(output, seen); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, output)
	}
}

// chromium is the browser's program.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: run scripts/test-tools")
	return ""
}
