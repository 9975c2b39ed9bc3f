package files

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/ingest/files/sheet"
)

// openSheet makes ready to read a workbook's sheet. One that cannot be used is reported, and is no source.
func (t *table) openSheet(f io.Reader, size int64, opt *Options, progress func(int)) error {
	at, err := readerAt(f, size)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.report.File, err)
	}
	s, err := sheet.Open(at, size, sheet.Options{Name: cmp.Or(opt.Sheet, opt.profile().Sheet), Skip: opt.profile().Skip,
		Headers: opt.profile().Headers, Warn: t.report.Warn, Read: progress})
	if err != nil {
		if t.report.refuse(err) {
			return nil
		}
		return fmt.Errorf("read %s: %w", t.report.File, err)
	}
	file := t.close
	t.src, t.cells, t.close = t.through(opt, s), true, func() error { return errors.Join(s.Close(), file()) }
	return nil
}

// maxHeld is how large a file may be that can only be read from its beginning and has to be held in memory.
const maxHeld = 64 << 20

// readerAt returns the file as one that can be read anywhere.
func readerAt(f io.Reader, size int64) (io.ReaderAt, error) {
	if at, ok := f.(io.ReaderAt); ok {
		return at, nil
	}
	if size > maxHeld {
		return nil, fmt.Errorf("a workbook of %d MiB cannot be read while it comes in; save it to a file first", size>>20)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxHeld))
	return bytes.NewReader(b), err
}

// through reads the source as the profile says, if there is one.
func (t *table) through(opt *Options, src rows.Source) rows.Source {
	if opt.Profile == nil {
		return src
	}
	return opt.Profile.Over(src,
		profile.Context{Members: opt.roster, From: opt.From, To: opt.To, Warn: t.report.Warn, Unfit: t.report.unfit})
}

// profile is the options' profile, or one that leaves everything open.
func (o *Options) profile() *profile.Profile {
	if o.Profile == nil {
		return &profile.Profile{}
	}
	return o.Profile
}
