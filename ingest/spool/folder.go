package spool

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Files is the folder of a spool, with exactly what the spool asks of a file system. Names are plain, without a folder.
// folder is the real one.
type Files interface {
	// ReadDir returns the names of the files in the folder, in order.
	ReadDir() ([]string, error)
	// Create makes a file that does not exist yet, for writing.
	Create(name string) (File, error)
	// Append opens a file that exists, for writing at its end.
	Append(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (Reader, error)
	// Rename renames a file; a file that had the new name is gone.
	Rename(from, to string) error
	// Remove takes a file out of the folder.
	Remove(name string) error
	// SyncDir returns when the names in the folder are on disk.
	SyncDir() error
	// Lock takes the folder for this process until the result is closed. The error names the process that has it.
	Lock() (io.Closer, error)
}

// File is a file that is written at its end.
type File interface {
	io.WriteCloser
	// Sync returns when the file is on disk.
	Sync() error
	// Truncate cuts the file to size bytes; the next Write follows there.
	Truncate(size int64) error
}

// Reader is a file that is read.
type Reader interface {
	io.ReaderAt
	io.Closer
	// Size returns the length in bytes.
	Size() (int64, error)
}

// folder is a folder of the operating system. Lock makes it, mode 0700, where it is missing.
type folder string

// lockName is the file that the process which owns the folder has locked; it holds the number of that process.
const lockName = "LOCK"

func (d folder) path(name string) string { return filepath.Join(string(d), name) }

// ReadDir returns the names of the regular files.
func (d folder) ReadDir() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// Create makes a new file, mode 0600.
func (d folder) Create(name string) (File, error) {
	return d.open(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND)
}

// Append opens a file to write at its end.
func (d folder) Append(name string) (File, error) { return d.open(name, os.O_WRONLY|os.O_APPEND) }

func (d folder) open(name string, flag int) (File, error) {
	return os.OpenFile(d.path(name), flag, 0o600)
}

// Open opens a file to read.
func (d folder) Open(name string) (Reader, error) {
	f, err := os.Open(d.path(name)) //nolint:gosec // names are the spool's own
	if err != nil {
		return nil, err
	}
	return osReader{f}, nil
}

// Rename renames within the folder.
func (d folder) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

// Remove deletes.
func (d folder) Remove(name string) error { return os.Remove(d.path(name)) } //nolint:gosec // names are the spool's own

// SyncDir fsyncs the folder.
func (d folder) SyncDir() error { return syncFolder(string(d)) }

func syncFolder(path string) error {
	f, err := os.Open(path) //nolint:gosec // the folder that the operator configured
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("fsync %s: %w", path, cmp.Or(err, f.Close()))
	}
	return f.Close()
}

// Lock makes the folder where it is missing and locks the file LOCK in it; the lock ends with the process.
func (d folder) Lock() (io.Closer, error) {
	if _, err := os.Stat(string(d)); os.IsNotExist(err) {
		if err := os.MkdirAll(string(d), 0o700); err != nil {
			return nil, err
		}
		if err := syncFolder(filepath.Dir(string(d))); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(d.path(lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owned := errOwned
		// only to say who; without it the sentence still stands
		if holder, _ := io.ReadAll(io.LimitReader(f, 32)); len(holder) > 0 {
			owned = fmt.Errorf("%w (process %s)", errOwned, holder)
		}
		return nil, cmp.Or(owned, f.Close())
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0) // only to say who: a full disk must not stop what waits
	}
	return f, nil
}

type osReader struct{ *os.File }

// Size asks the file system.
func (r osReader) Size() (int64, error) {
	info, err := r.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
