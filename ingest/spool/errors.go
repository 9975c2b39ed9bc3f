package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"rollcall/ingest"
)

// errClosed says that the spool is not open.
var errClosed = errors.New("the spool is not open")

// errOwned says that another process owns the folder of the spool.
var errOwned = errors.New("another process owns the folder")

// damageError says that a record which had been acknowledged cannot be read any more. Nothing was changed on disk.
type damageError struct {
	// Folder and Segment name the file, Offset is where its readable part ends.
	Folder, Segment string
	Offset          int64
	// Reason says what was found there.
	Reason string
}

// Error is one sentence that names segment and offset and says how to go on.
func (e *damageError) Error() string {
	return fmt.Sprintf("spool %s: segment %s is damaged at offset %d (%s); to go on without the damaged record, rename "+
		"the file to %s and start again: everything readable in it is taken over and its bytes are set aside as %s",
		e.Folder, e.Segment, e.Offset, e.Reason, e.Segment+damagedSuffix, e.Segment+quarantineSuffix)
}

// explain puts what the operating system said into one sentence with a remedy.
func (s *Spool) explain(doing string, err error) error {
	var damage *damageError
	switch {
	case err == nil, errors.As(err, &damage), errors.Is(err, ingest.ErrFull):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("spool %s: %s: %w: %w; free some disk space there", s.cfg.Dir, doing, ingest.ErrFull, err)
	case errors.Is(err, errOwned):
		return fmt.Errorf("spool %s: %w; stop that process, or give this one a folder of its own (store.dir)", s.cfg.Dir, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("spool %s: %s: the folder cannot be written: %w; make it writable for this user", s.cfg.Dir, doing,
			err)
	default:
		return fmt.Errorf("spool %s: %s: %w", s.cfg.Dir, doing, err)
	}
}
