package pgcluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"watchword/internal/store/storetest/pgcluster"
)

// ownerVariable makes this test binary the process that has a cluster and is killed.
const ownerVariable = "PGCLUSTER_TEST_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		holdCluster()
	}
	os.Exit(m.Run())
}

// holdCluster tells where its cluster lies and waits to be killed.
func holdCluster() {
	cluster, err := pgcluster.New(context.Background(), pgcluster.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(cluster.URL("postgres"))
	time.Sleep(time.Hour)
	_ = cluster.Close()
}

func TestKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), ownerVariable+"=1")
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url = strings.TrimSpace(url)
	mustQuery(t, url, "SELECT 'alive'")

	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // tells that it was killed
	dir := hostOf(t, url)
	for range 600 { // the guard works on its own; the bound only ends a hopeless wait
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s outlived its process", dir)
}
