package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sys/unix"
)

// Endpoint is where an engine answers the native protocol, and as whom to log
// on. It is also the content of engine.json.
type Endpoint struct {
	// Addr is host:port of the native protocol, always on 127.0.0.1.
	Addr string `json:"addr"`
	// User and Password log on; the password is made new by every owner.
	User     string `json:"user"`
	Password string `json:"password"`
	// PID is the process that owns the folder, EnginePID the engine itself.
	PID       int `json:"pid"`
	EnginePID int `json:"engine_pid"`
	// Shared says that commands may use the engine too, which only a daemon's is.
	Shared bool `json:"shared"`
	// Version is ClickHouse's "major.minor".
	Version string `json:"version"`
}

// String names the endpoint without its password, so that it may be logged.
func (e Endpoint) String() string { return e.User + "@" + e.Addr }

// GoString is String: a password must not get into a log by %#v.
func (e Endpoint) GoString() string { return e.String() }

func endpointPath(dir string) string { return filepath.Join(dir, "engine.json") }

func readEndpoint(dir string) (Endpoint, error) {
	text, err := os.ReadFile(endpointPath(dir))
	if err != nil {
		return Endpoint{}, fmt.Errorf("read endpoint: %w", err)
	}
	var at Endpoint
	if err := json.Unmarshal(text, &at); err != nil {
		return Endpoint{}, fmt.Errorf("read endpoint in %s: %w", endpointPath(dir), err)
	}
	return at, nil
}

func writeEndpoint(dir string, at Endpoint) error {
	text, err := json.Marshal(at) //nolint:gosec // the file is there to hold the password, mode 0600
	if err != nil {
		return fmt.Errorf("write endpoint: %w", err)
	}
	return explain(dir, "write engine.json", writeFile(endpointPath(dir), append(text, '\n')))
}

// holder is who owns a folder, as its lock file says.
type holder struct {
	PID  int  `json:"pid"`
	Mode Mode `json:"mode"`
}

func (h holder) waitingFor(dir string) string {
	switch {
	case h.PID == 0:
		return fmt.Sprintf("waiting for another rollcall to finish with folder %s", dir)
	case h.Mode == Daemon:
		return fmt.Sprintf("waiting for the engine of the rollcall daemon (pid %d) in folder %s to answer", h.PID, dir)
	default:
		return fmt.Sprintf("waiting for another rollcall (pid %d) to finish with folder %s", h.PID, dir)
	}
}

// folder is a store.dir that this process owns. The lock is on an open file
// that the child inherits: after our death it stays taken until the engine is
// gone too.
type folder struct {
	dir         string
	lock        *os.File
	credentials credentials
}

// takeFolder makes dir when needed and locks it. It returns no folder and who
// holds it when another process does.
func takeFolder(dir string, mode Mode) (*folder, holder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // store.dir is the operator's choice
		return nil, holder{}, explain(dir, "make the folder", err)
	}
	//nolint:gosec // in store.dir
	lock, err := os.OpenFile(filepath.Join(dir, "engine.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, holder{}, explain(dir, "open its lock", err)
	}
	err = tryLock(lock)
	if errors.Is(err, unix.EWOULDBLOCK) {
		var by holder
		_ = json.NewDecoder(lock).Decode(&by) // a torn or empty text names nobody
		return nil, by, lock.Close()
	}
	if err != nil {
		return nil, holder{}, errors.Join(explain(dir, "lock it", err), lock.Close())
	}
	owned := &folder{dir: dir, lock: lock, credentials: newCredentials()}
	if err := owned.sign(mode); err != nil {
		return nil, holder{}, errors.Join(err, lock.Close())
	}
	return owned, holder{}, nil
}

// sign names this process in the lock and forgets the endpoint of an owner who
// had no time to.
func (f *folder) sign(mode Mode) error {
	text, err := json.Marshal(holder{PID: os.Getpid(), Mode: mode})
	if err != nil {
		return fmt.Errorf("sign lock: %w", err)
	}
	if err := f.lock.Truncate(0); err != nil {
		return explain(f.dir, "sign its lock", err)
	}
	if _, err := f.lock.WriteAt(text, 0); err != nil {
		return explain(f.dir, "sign its lock", err)
	}
	return f.forget()
}

func (f *folder) forget() error {
	if err := os.Remove(endpointPath(f.dir)); !errors.Is(err, fs.ErrNotExist) {
		return explain(f.dir, "remove an old engine.json", err)
	}
	return nil
}

// release lets go of the folder. The lock file stays: removing it would let two
// processes lock two files of one name.
func (f *folder) release() error {
	return errors.Join(f.forget(), f.lock.Truncate(0), f.lock.Close())
}

// tryLock takes an exclusive lock or returns EWOULDBLOCK.
func tryLock(file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// alive reports whether a process with this id exists.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}

// writeFile replaces a file as a whole, with mode 0600.
func writeFile(path string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// permanent is an error that starting the engine again cannot repair.
func permanent(format string, args ...any) error {
	return backoff.Permanent(fmt.Errorf(format, args...))
}

// explain turns what the system says of a folder into one sentence with a
// remedy.
func explain(dir, doing string, err error) error {
	remedy := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EROFS):
		remedy = "the file system is read-only; mount it writable or name another store.dir"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("folder %s: cannot %s: the disk is full; free some space and start again: %w", dir, doing, err)
	case errors.Is(err, fs.ErrPermission):
		remedy = "permission denied; give this user the folder or name another store.dir"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		remedy = "a file is in the way; remove it or name another store.dir"
	default:
		return fmt.Errorf("folder %s: %s: %w", dir, doing, err)
	}
	return permanent("folder %s: cannot %s: %s: %w", dir, doing, remedy, err)
}
