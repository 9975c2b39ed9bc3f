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
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, err := b.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return b, nil //nolint:nilerr // the next read returns the error
	}
	u := &unpacking{packed: b}
	zip, err := gzip.NewReader(u.reader())
	if u.unzip = zip; err != nil {
		return nil, damagedGzip(err)
	}
	return u, nil
}

// unpacking reads a packed file and watches how much it makes of how little.
type unpacking struct {
	packed  *bufio.Reader
	unzip   *gzip.Reader
	in, out int64
}

func (u *unpacking) reader() io.Reader { return unpackedBytes{u} }

// unpackedBytes counts what is taken from the packed file; as an io.ByteReader it is read no farther than needed.
type unpackedBytes struct{ *unpacking }

func (p unpackedBytes) Read(b []byte) (int, error) {
	n, err := p.packed.Read(b)
	p.in += int64(n)
	return n, err
}

func (p unpackedBytes) ReadByte() (byte, error) {
	p.in++
	return p.packed.ReadByte()
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

// damagedGzip tells a packed file that is broken from one that cannot be read.
func damagedGzip(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF) {
		return rows.Unusablef("was it cut off?", "the file is packed with gzip and damaged (%s)", err)
	}
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) {
		return rows.Unusablef("", "the file is packed with gzip and damaged (%s)", err)
	}
	return err
}

// textOf returns the text of a file as UTF-8.
func textOf(f io.Reader, look *inspection) (io.Reader, error) {
	r, err := unpacked(f)
	if err != nil {
		return nil, err
	}
	return decoded(r, look.encoding), nil
}
