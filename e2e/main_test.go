package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// buildFolder is where the program is built, once for all tests.
const buildFolder = "WATCHWORD_E2E_BUILD"

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		os.Exit(0)
	}
	folder, err := os.MkdirTemp("", "watchword-e2e-")
	if err == nil {
		err = os.Chmod(folder, 0o755) // some tests run the program as somebody else
	}
	if err == nil {
		err = os.Setenv(buildFolder, folder)
	}
	if err == nil {
		// Most of the time here is spent waiting: for a drain, a time-out, a child.
		err = flag.Set("test.parallel", "4")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder)
		os.Exit(code)
	}))
}

// built is the path of the program, with the race detector if the tests have it.
var built = sync.OnceValues(func() (string, error) {
	program := filepath.Join(os.Getenv(buildFolder), "watchword")
	args := append([]string{"build"}, raceFlags...)
	output, err := exec.Command("go", append(args, "-o", program, "watchword/cmd/watchword")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return program, nil
})
