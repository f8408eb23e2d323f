package pgcluster

import (
	"context"
	"fmt"
	"io"
	"os/exec"
)

// The guard waits until nobody holds the other end of its standard input, stops
// the server if it runs, and removes the folder.
const guardScript = `read -r _; "$1" stop -D "$2/data" -m immediate -t 10; rm -rf -- "$2"`

// guard is the process that makes an end of a cluster when this process ends.
type guard struct {
	process *exec.Cmd
	hold    io.Closer
}

func startGuard(o owner, pgCtl, dir string) (*guard, error) {
	// It must outlive every context: its whole task is to be there at the end.
	process := exec.CommandContext(context.Background(), "/bin/sh", "-c", guardScript, "guard", pgCtl, dir)
	process.Dir = "/"
	process.SysProcAttr = o.process()
	hold, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("start the guard of a cluster: %w", err)
	}
	return &guard{process: process, hold: hold}, nil
}

// release has the guard do its work and waits for it.
func (g *guard) release() error {
	if err := g.hold.Close(); err != nil {
		return err
	}
	return g.process.Wait()
}
