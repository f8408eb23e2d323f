package pgcluster

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the user that a cluster runs as and belongs to.
type owner struct {
	credential *syscall.Credential // nil: the user of this process
}

// findOwner is the present user, or postgres where that is root: PostgreSQL
// refuses to run as root.
func findOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return owner{}, fmt.Errorf("PostgreSQL does not run as root, and root needs a user postgres to run it as: %w", err)
	}
	uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		return owner{}, fmt.Errorf("user postgres: %w", err)
	}
	return owner{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// makeFolder makes a new folder in base that only the owner (and root) can enter.
func (o owner) makeFolder(base string) (string, error) {
	dir, err := os.MkdirTemp(base, "watchword-pg-")
	if err != nil {
		return "", err
	}
	if o.credential == nil {
		return dir, nil
	}
	if err := os.Chown(dir, int(o.credential.Uid), int(o.credential.Gid)); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	return dir, nil
}

// process is how the owner's processes start: in a group of their own, so that
// Ctrl-C in a terminal reaches the tests first and the guard after them.
func (o owner) process() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: o.credential, Setpgid: true}
}
