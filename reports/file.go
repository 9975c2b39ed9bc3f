package reports

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ReplaceFile writes a file through a temporary one in the same folder, brings it to disk and renames it: at path there
// is always the whole new file or what was there before, whatever fails.
func ReplaceFile(path string, write func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	temp := filepath.Join(dir, "."+base+"."+rand.Text()+".tmp")
	//nolint:gosec // the user's umask decides who reads a file that they asked for
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("write %s: into folder %s: %w", path, dir, bare(err))
	}
	err = fill(f, write)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, removed(temp)))
	}
	return SyncFolder(dir)
}

// bare returns what went wrong without the name of the temporary file, which says nothing to a reader.
func bare(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// fill writes, flushes, syncs and closes.
func fill(f *os.File, write func(io.Writer) error) error {
	buf := bufio.NewWriterSize(f, 1<<16)
	err := write(buf)
	if err == nil {
		err = buf.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func removed(temp string) error {
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// SyncFolder makes what was renamed in a folder last.
func SyncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the folder of a file that the user named, or our own
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
