package files

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"rollcall/ingest/files/rows"
)

// textOf returns the text of a file, which may be packed with gzip: as UTF-8 in NFC, of which every line ends with LF
// or CR LF, without a byte-order mark and without the Ctrl-Z that ends a file of an old program.
func textOf(f io.Reader, look *inspection) (io.Reader, error) {
	r, err := unpacked(f)
	if err != nil {
		return nil, err
	}
	r = decoded(r, look.encoding)
	if !look.ascii || look.encoding != rows.UTF8 {
		r = norm.NFC.Reader(r)
	}
	return &lines{bufio.NewReaderSize(r, 1<<16)}, nil
}

// decoded returns the text as UTF-8 without a byte-order mark. Windows-1252 is read for Latin-1 too: it says more.
func decoded(r io.Reader, e rows.Encoding) io.Reader {
	switch codec := e.Codec(); {
	case e == rows.UTF16LE:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case e == rows.UTF16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case codec != nil:
		return transform.NewReader(r, codec.NewDecoder())
	}
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, err := b.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // they were peeked
	}
	return b
}

// lines reads a text whose lines may end with CR alone, as old Macs write them, as one whose lines end with LF; of the
// same length, so that places stay. A Ctrl-Z with nothing but ends of lines and others of its kind behind it is the end
// of the text.
type lines struct{ r *bufio.Reader }

// ctrlZ ends a file of DOS.
const ctrlZ = '\x1a'

// Read reads as [io.Reader] does.
func (l *lines) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	b = b[:n]
	for i := bytes.IndexByte(b, '\r'); i >= 0; {
		if i++; l.byteAt(b, i) != '\n' {
			b[i-1] = '\n'
		}
		next := bytes.IndexByte(b[i:], '\r')
		if next < 0 {
			break
		}
		i += next
	}
	if end := len(bytes.TrimRight(b, "\x1a\r\n")); bytes.IndexByte(b[end:], ctrlZ) >= 0 && l.ends() {
		_, err = l.r.Discard(l.r.Buffered())
		return end + bytes.IndexByte(b[end:], ctrlZ), err
	}
	return n, err
}

// byteAt returns b[i], where b ends there the byte behind it, and at the end of the text 0.
func (l *lines) byteAt(b []byte, i int) byte {
	if i == len(b) {
		b, _ = l.r.Peek(1) // nothing at the end
		i = 0
	}
	if len(b) == 0 {
		return 0
	}
	return b[i]
}

// ends says that nothing comes any more but what may stand behind Ctrl-Z.
func (l *lines) ends() bool {
	const most = 1 << 10
	rest, err := l.r.Peek(most)
	return err == io.EOF && len(bytes.Trim(rest, "\x1a\r\n")) == 0 //nolint:errorlint // bufio.Reader returns it bare
}
