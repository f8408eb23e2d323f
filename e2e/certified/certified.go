package certified

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Client is an application that the provider knows.
type Client struct {
	ID           string   `json:"client_id"`
	Secret       string   `json:"client_secret"`
	RedirectURIs []string `json:"redirect_uris"`
}

// Start runs the provider until the test ends and answers its issuer.
func Start(t testing.TB, clients ...Client) (issuer string) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(here), "provider.mjs")
	if _, err := os.Stat(filepath.Join(filepath.Dir(here), "../node_modules/oidc-provider")); err != nil {
		t.Fatalf("run scripts/test-tools first: %v", err)
	}
	orders, err := json.Marshal(map[string]any{"port": freePort(t), "clients": clients})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("node", script, string(orders))
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	command.Stderr = &complaints
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider does not start: %v\n%s", err, complaints.String())
	}
	return strings.TrimSpace(line)
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}
