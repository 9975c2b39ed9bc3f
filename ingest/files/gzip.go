package files

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"

	"rollcall/ingest/files/rows"
)

// Bounds of what a packed file may unpack to: no file that people plan with is packed so tightly.
const (
	maxUnpacked      = 8 << 30
	maxUnpackedRatio = 200
	unpackedFreely   = 64 << 20
)

// unpacked returns the text of a file, which may be packed with gzip.
func unpacked(r io.Reader) (io.Reader, error) {
	u := &unpacking{}
	b := bufio.NewReaderSize(&counted{r, func(n int) { u.in += int64(n) }}, 1<<16)
	magic, err := b.Peek(2)
	if err != nil || string(magic) != "\x1f\x8b" {
		return b, nil //nolint:nilerr // the next read returns the error
	}
	if u.unzip, err = gzip.NewReader(b); err != nil {
		return nil, damagedGzip(err)
	}
	return u, nil
}

// unpacking reads a packed file and watches how much it makes of how little.
type unpacking struct {
	unzip   *gzip.Reader
	in, out int64
}

func (u *unpacking) Read(b []byte) (int, error) {
	n, err := u.unzip.Read(b)
	u.out += int64(n)
	if u.out > maxUnpacked || u.out > unpackedFreely && u.out > maxUnpackedRatio*u.in {
		return 0, rows.Unusablef("is it a schedule at all?",
			"the file is packed with gzip so that %d bytes become more than %d", u.in, u.out)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = damagedGzip(err)
	}
	return n, err
}

// damagedGzip distinguishes a packed file that is broken from one that cannot be read.
func damagedGzip(err error) error {
	remedy, corrupt := "was it cut off?", flate.CorruptInputError(0)
	switch {
	case errors.As(err, &corrupt):
		remedy = ""
	case !errors.Is(err, gzip.ErrHeader) && !errors.Is(err, gzip.ErrChecksum) && !errors.Is(err, io.ErrUnexpectedEOF) &&
		!errors.Is(err, io.EOF):
		return err
	}
	return rows.Unusablef(remedy, "the file is packed with gzip and damaged (%s)", err)
}
