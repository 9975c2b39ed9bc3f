package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// openSheet makes ready to read a workbook's sheet.
func (t *table) openSheet(f io.ReadCloser, size int64, opt *Options, progress func(int)) error {
	at, err := readerAt(f, size)
	if err != nil {
		return errors.Join(fmt.Errorf("read %s: %w", t.report.File, err), f.Close())
	}
	s, err := openSheet(&metered{r: at, tell: progress}, size, opt.sheet(), opt.skip(), t.report.Warn)
	if d := notRead(err); d != nil {
		t.report.whole(0, 0, "", d.what)
		return nil
	}
	if err != nil {
		return errors.Join(fmt.Errorf("read %s: %w", t.report.File, err), f.Close())
	}
	t.src, t.cells = t.through(opt, s), true
	t.close = func() error { return errors.Join(s.Close(), f.Close()) }
	if err := t.readHeader(); err != nil {
		return errors.Join(err, t.close())
	}
	return nil
}

// maxHeld is how large a file may be that can only be read from its beginning and has to be held in memory.
const maxHeld = 64 << 20

// readerAt gives the file as one that can be read anywhere.
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
func (t *table) through(opt *Options, src source) source {
	if opt.Profile == nil {
		return src
	}
	return opt.Profile.over(src, t.report, &people{members: opt.roster}, opt.From)
}

// splitter reads text as options and profile say.
func (o *Options) splitter(text io.Reader) *splitter {
	delimiter := o.Delimiter
	if delimiter == 0 && o.Profile != nil {
		delimiter = o.Profile.delimiter
	}
	s := newSplitter(text, delimiter)
	s.skip = o.skip()
	return s
}

// skip is how many lines stand before the header.
func (o *Options) skip() int {
	if o.Profile == nil {
		return 0
	}
	return o.Profile.skip
}

func (o *Options) sheet() string {
	if o.Sheet == "" && o.Profile != nil {
		return o.Profile.sheet
	}
	return o.Sheet
}

// coding is the encoding that options or profile give; empty where it is to be detected.
func (o *Options) coding() Encoding {
	if o.Encoding == "" && o.Profile != nil {
		return o.Profile.encoding
	}
	return o.Encoding
}
