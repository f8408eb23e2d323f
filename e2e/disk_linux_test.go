package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// disk is where a server's data lies, and can be made full.
type disk struct {
	name    string
	prepare func(t *testing.T, data string)
	fill    func(t *testing.T, s *server, data string)
	free    func(t *testing.T, s *server, data string)
}

// disks are the ways to run out of space that this machine allows: a small file
// system takes the right to mount one, a limit on the size of files does not.
func disks(t *testing.T) []disk {
	t.Helper()
	all := []disk{{"files may not grow", func(*testing.T, string) {}, stopGrowth, allowGrowth}}
	probe := t.TempDir()
	if err := mountSmall(probe); err == nil {
		all = append(all, disk{"the file system is full", mountFor, fillFolder, freeFolder})
		_ = unix.Unmount(probe, unix.MNT_DETACH)
	}
	return all
}

func mountSmall(folder string) error {
	return unix.Mount("tmpfs", folder, "tmpfs", 0, "size=4m,mode=0755")
}

// stopGrowth forbids a running server to write beyond the present end of its
// largest file: such writes fail with EFBIG.
func stopGrowth(t *testing.T, s *server, data string) {
	t.Helper()
	var largest uint64
	for _, name := range []string{"watchword.db", "watchword.db-wal"} {
		if info, err := os.Stat(filepath.Join(data, name)); err == nil {
			largest = max(largest, uint64(info.Size()))
		}
	}
	limitFiles(t, s, largest)
}

func allowGrowth(t *testing.T, s *server, _ string) {
	t.Helper()
	limitFiles(t, s, math.MaxUint64)
}

func limitFiles(t *testing.T, s *server, size uint64) {
	t.Helper()
	limit := unix.Rlimit{Cur: size, Max: math.MaxUint64}
	if err := unix.Prlimit(s.command.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		t.Fatal(err)
	}
}

func ballast(data string) string { return filepath.Join(data, "ballast") }

func fillFolder(t *testing.T, _ *server, data string) {
	t.Helper()
	file, err := os.Create(ballast(data))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 16; size > 0; {
		if _, err = file.Write(make([]byte, size)); err != nil {
			size /= 2 // what is left is less
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

func freeFolder(t *testing.T, _ *server, data string) {
	t.Helper()
	if err := os.Remove(ballast(data)); err != nil {
		t.Fatal(err)
	}
}

func TestAFullDiskRefusesWritesAndHarmsNothing(t *testing.T) {
	t.Parallel()
	for _, d := range disks(t) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			d.prepare(t, data)
			i := devInstall(t, "--rate-limits", "off", "--data", data)
			s := i.start()
			s.signUp("grace@example.com")
			signedOut := s.post("/auth/sign-in", credentials("grace@example.com")).want(t, 200, "")
			held := s.signUp("ada@example.com")

			for range 2 { // it may become full again
				d.fill(t, s, data)
				held = refreshUntilRefused(t, s, held)
				wantReadOnly(t, s, held, signedOut)
				d.free(t, s, data)
				eventually(t, "space to be noticed", func() bool {
					next := s.post("/auth/refresh", refreshBody(held.str("refresh_token")))
					if next.status == 503 {
						return false
					}
					held = next.want(t, 200, "")
					return true
				})
			}
			for n := range refusedUsers {
				s.signUp(refusedUser(n)) // none has left a trace
			}
			s.post("/auth/sign-in", credentials("ada@example.com")).want(t, 200, "")
			s.post("/auth/sign-out", "", bearer(signedOut)...).want(t, 204, "")
			s.stop()
			wantWholeFile(t, filepath.Join(data, "watchword.db"))
			i.start().get("/auth/me", bearer(held)...).want(t, 200, "")
		})
	}
}

func mountFor(t *testing.T, folder string) {
	t.Helper()
	if err := mountSmall(folder); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH) })
}

// refreshUntilRefused writes until there is no more space, and gives the last
// tokens that were acknowledged.
func refreshUntilRefused(t *testing.T, s *server, held answer) answer {
	t.Helper()
	for range 10000 {
		next := s.post("/auth/refresh", refreshBody(held.str("refresh_token")))
		if next.status != 200 {
			next.wantAway(t)
			return held
		}
		held = next
	}
	t.Fatal("the disk does not become full")
	return held
}

// wantReadOnly wants what writes to be refused, for now, also many writes that
// share a commit, and what reads to go on.
func wantReadOnly(t *testing.T, s *server, held, other answer) {
	t.Helper()
	var writing sync.WaitGroup
	for n := range refusedUsers {
		writing.Go(func() {
			c := s.another()
			refused := func(path, body string, headers ...string) {
				if a, err := c.try("POST", path, body, headers...); err != nil {
					t.Error(err)
				} else {
					a.wantAway(t)
				}
			}
			refused("/auth/sign-up", credentials(refusedUser(n)))
			for range 10 {
				refused("/auth/refresh", refreshBody(held.str("refresh_token")))
				refused("/auth/sign-out", "", bearer(other)...)
			}
			refused("/auth/sign-in", credentials("ada@example.com"))
		})
	}
	writing.Wait()
	s.get("/auth/me", bearer(held)...).want(t, 200, "")
	s.get("/auth/me", bearer(other)...).want(t, 200, "")
	s.get("/auth/sessions", bearer(held)...).want(t, 200, "")
	s.get("/.well-known/jwks.json").want(t, 200, "")
	s.get("/healthz").want(t, 200, "")
}

const refusedUsers = 4

func refusedUser(n int) string { return fmt.Sprintf("refused-%d@example.com", n) }

// nobody is a user without rights: root may write everywhere.
func nobody() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

// giveToNobody makes a folder and all in it readable to nobody, and not writable.
func giveToNobody(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o400)
		if entry.IsDir() {
			mode = 0o500
			t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
		}
		if who := nobody(); who != nil {
			err = os.Chown(path, int(who.Uid), int(who.Gid))
		}
		return errors.Join(err, os.Chmod(path, mode))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAReadOnlyDataFolderStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, existing := range []bool{false, true} {
		t.Run(fmt.Sprintf("existing data %t", existing), func(t *testing.T) {
			t.Parallel()
			// Not t.TempDir, whose parents are closed to others.
			folder, err := os.MkdirTemp("", "watchword-e2e-") //nolint:usetesting // see above
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(folder) })
			i := devInstall(t, "--data", folder)
			i.dir, i.run.dir = folder, folder
			if existing {
				i.start().stop()
			}
			giveToNobody(t, folder)
			i.run.credential = nobody()
			i.run.finish(t).wantExit(1, folder)
		})
	}
}
