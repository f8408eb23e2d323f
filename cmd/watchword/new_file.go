package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// newFile is a file that is to hold what nobody else may read. It stands under its
// name only when it is whole, and never takes the place of another.
type newFile struct {
	*os.File
	name string
}

func createFile(name string) (*newFile, error) {
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, fmt.Errorf("%s is there already, and nothing is overwritten", name))
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".part-*") // for its owner alone
	if err != nil {
		return nil, fmt.Errorf("make the file: %w", err)
	}
	return &newFile{file, name}, nil
}

// keep puts the file under its name, safe from a power cut.
func (f *newFile) keep() error {
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = f.settle()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep the file: %w", err), os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(f.name))
}

// settle links the file, which fails where somebody else's has come meanwhile.
func (f *newFile) settle() error {
	err := os.Link(f.Name(), f.name)
	if err == nil {
		return os.Remove(f.Name())
	}
	if _, there := os.Lstat(f.name); !errors.Is(there, fs.ErrNotExist) {
		return err
	}
	return os.Rename(f.Name(), f.name) // not every file system has links
}

// discard removes the file.
func (f *newFile) discard() {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("sync the folder: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync the folder: %w", err)
	}
	return nil
}
