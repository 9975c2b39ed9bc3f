package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"rollcall/reports"
)

// Outbox is the folder in which mails lie until they are sent, and for a while after. ID.eml holds the bytes;
// ID.sending says that the last line of the mail was about to be sent, ID.sent that the server has taken it. A marker
// outlives the process, so that a restart knows.
type Outbox struct{ dir string }

// NewOutbox returns the outbox in a folder, which is made when it is needed.
func NewOutbox(dir string) *Outbox { return &Outbox{dir} }

// The suffixes of the files.
const (
	mailFile    = ".eml"
	sendingFile = ".sending"
	sentFile    = ".sent"
)

// path returns a file of a delivery. An id that is no UUID never becomes a path.
func (o *Outbox) path(id, suffix string) (string, error) {
	if _, err := uuid.Parse(id); err != nil || strings.ContainsAny(id, `/\.`) {
		return "", fmt.Errorf("delivery id %q is not a UUID", id)
	}
	return filepath.Join(o.dir, id+suffix), nil
}

// Put stores the bytes of a mail and returns their hash. They are on disk when it returns.
func (o *Outbox) Put(id string, raw []byte) (hash string, err error) {
	path, err := o.path(id, mailFile)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return "", fmt.Errorf("make the outbox: %w", err)
	}
	err = reports.ReplaceFile(path, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
	return hashOf(raw), err
}

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// errChanged is wrapped by the error of a mail whose bytes are not those that were composed.
var errChanged = errors.New("the mail in the outbox is not the one that was composed")

// Get reads a mail back; the hash has to fit.
func (o *Outbox) Get(id, hash string) ([]byte, error) {
	path, err := o.path(id, mailFile)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path) //nolint:gosec // a file of the outbox, named by a UUID
	if err != nil {
		return nil, fmt.Errorf("read mail %s: %w", id, err)
	}
	if hashOf(raw) != hash {
		return nil, fmt.Errorf("read mail %s: %w", id, errChanged)
	}
	return raw, nil
}

// Has says whether the mail lies in this outbox.
func (o *Outbox) Has(id string) bool {
	path, err := o.path(id, mailFile)
	if err == nil {
		_, err = os.Stat(path)
	}
	return err == nil
}

// markSending notes that the last line of the mail is about to be sent: from here on the outcome is unknown, until Sent
// or Unsent.
func (o *Outbox) markSending(id string) error {
	path, err := o.path(id, sendingFile)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return fmt.Errorf("note that mail %s is being sent: %w", id, err)
	}
	return reports.SyncFolder(o.dir)
}

// Sent notes that the server has taken the mail.
func (o *Outbox) Sent(id string) error {
	from, err := o.path(id, sendingFile)
	if err != nil {
		return err
	}
	if err := os.Rename(from, strings.TrimSuffix(from, sendingFile)+sentFile); err != nil {
		return fmt.Errorf("note that mail %s is sent: %w", id, err)
	}
	return reports.SyncFolder(o.dir)
}

// Forget removes the markers of a delivery; its mail stays.
func (o *Outbox) Forget(id string) error {
	for _, suffix := range []string{sendingFile, sentFile} {
		path, err := o.path(id, suffix)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("forget the markers of mail %s: %w", id, err)
		}
	}
	return nil
}

// Marked lists the deliveries that have a marker: those that were being sent, and those that were sent.
func (o *Outbox) Marked() (sending, sent []string, err error) {
	entries, err := os.ReadDir(o.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("list the outbox: %w", err)
	}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), sendingFile); ok {
			sending = append(sending, id)
		} else if id, ok := strings.CutSuffix(e.Name(), sentFile); ok {
			sent = append(sent, id)
		}
	}
	return sending, sent, nil
}

// removeOld removes mails older than the instant, unless they are among those to retain.
func (o *Outbox) removeOld(before time.Time, waiting []string) error {
	entries, err := os.ReadDir(o.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("list the outbox: %w", err)
	}
	var errs []error
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), mailFile)
		info, err := e.Info()
		if !ok || err != nil || info.ModTime().After(before) || slices.Contains(waiting, id) {
			continue
		}
		errs = append(errs, os.Remove(filepath.Join(o.dir, e.Name())))
	}
	return errors.Join(errs...)
}

// errTaken says that another process sends from this outbox, such as the daemon.
var errTaken = errors.New("another process sends from this outbox")

// take makes this process the only one that sends from the outbox, until release is called or it ends.
func (o *Outbox) take() (release func() error, err error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the outbox: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(o.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the outbox: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) //nolint:gosec // a file descriptor
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(errTaken, f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock the outbox: %w", err), f.Close())
	}
	return f.Close, nil
}
