package files

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"rollcall/ingest/files/rows"
)

// decoded returns the text as UTF-8 without a byte-order mark. Windows-1252 is read for Latin-1 too: it says more.
func decoded(r io.Reader, e rows.Encoding) io.Reader {
	switch e {
	case rows.UTF16LE:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case rows.UTF16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case rows.Windows1252:
		return transform.NewReader(r, charmap.Windows1252.NewDecoder())
	case rows.UTF8, rows.Workbook:
	}
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, err := b.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // they were peeked
	}
	return b
}
