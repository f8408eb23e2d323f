//go:build race

package store_test

import (
	command "os/exec"
	"testing"
)

// The race detector makes SQLite tens of times slower, and nothing here goes on at
// once: without it the test takes seconds.
func TestListsOfALargeInstallationReadWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	arguments := []string{"test", "-count=1", "-run", "^" + t.Name() + "$", "."}
	if testing.Short() {
		arguments = append(arguments, "-short")
	}
	if output, err := command.CommandContext(t.Context(), "go", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}
