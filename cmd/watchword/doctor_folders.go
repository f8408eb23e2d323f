package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"watchword/internal/config"
)

// checkFolders checks where SQLite keeps the data, and the secret beside it.
// With Postgres the server keeps nothing on its own disk.
func (d *doctor) checkFolders() {
	if d.cfg.Database.Engine != config.SQLite {
		return
	}
	folders := []string{filepath.Dir(d.cfg.Database.Path)}
	if data := filepath.Clean(d.cfg.Data); d.cfg.Secret.IsZero() && data != folders[0] {
		folders = append(folders, data)
	}
	for _, folder := range folders {
		d.checkFolder(folder)
	}
}

func (d *doctor) checkFolder(folder string) {
	const check = "folder"
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.ok(check, "%s is not there yet: the first start makes it", folder)
		return
	case err != nil:
		d.fail(check, "give it to the server's user", "%s cannot be looked at", folder)
		return
	case !info.IsDir():
		d.fail(check, "move it away, or choose another folder", "%s is no folder", folder)
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		d.warn(check, "chmod 700 it", "%s is open to other users of this machine: it holds password hashes", folder)
	}
	// Asking for permissions would miss file systems that are mounted read-only.
	probe, err := os.CreateTemp(folder, ".doctor-*")
	if err != nil {
		d.fail(check, "give it to the server's user, and run doctor as that user", "nothing can be written into %s", folder)
		return
	}
	_, _ = probe.Close(), os.Remove(probe.Name())
	d.checkDisk(folder)
}

// What must be free: below the first the next larger import or a busy night may
// fill the disk, below the second the write-ahead log may.
const (
	littleDisk = 1 << 30
	noDisk     = 128 << 20
)

func (d *doctor) checkDisk(folder string) {
	const check, mend = "disk", "make room: without it every write is answered with 503"
	free, err := freeDisk(folder)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		d.ok(check, "how much is free cannot be found out on this system")
	case err != nil:
		d.warn(check, "", "how much is free cannot be found out")
	case free < noDisk:
		d.fail(check, mend, "only %d MiB are free in %s", free>>20, folder)
	case free < littleDisk:
		d.warn(check, mend, "only %d MiB are free in %s", free>>20, folder)
	default:
		d.ok(check, "%d GiB are free in %s", free>>30, folder)
	}
}
