package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/ingest/files/rows"
	"rollcall/ingest/files/sheet"
)

// Input is a file that can be opened as often as needed; each time it must yield the same bytes.
type Input struct {
	// Name is how messages call the file.
	Name string
	// Size is the number of bytes, for progress; 0 where it is not known.
	Size int64
	Open func() (io.ReadCloser, error)
}

// FileInput is the file at the path, called by that path.
func FileInput(path string) (Input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Input{}, fmt.Errorf("open %s: %w", path, err)
	}
	if info.IsDir() {
		return Input{}, fmt.Errorf("%s is a folder; name a file", path)
	}
	if !info.Mode().IsRegular() {
		return Input{}, fmt.Errorf("%s is no regular file; an import reads its file more than once, so save it first", path)
	}
	open := func() (io.ReadCloser, error) { return os.Open(path) } //nolint:gosec // the user names the file
	return Input{Name: filepath.Clean(path), Size: info.Size(), Open: open}, nil
}

// BytesInput is a file that is in memory already.
func BytesInput(name string, data []byte) Input {
	open := func() (io.ReadCloser, error) { return opened{bytes.NewReader(data)}, nil }
	return Input{Name: name, Size: int64(len(data)), Open: open}
}

// opened is a file in memory; it can be read anywhere, as workbooks are.
type opened struct{ *bytes.Reader }

// Close does nothing.
func (opened) Close() error { return nil }

// inspection is what one look over all bytes finds out about a file.
type inspection struct {
	size     int64
	hash     string
	encoding rows.Encoding
	head     []byte
	nul      bool
	// ascii says that every byte is one of ASCII.
	ascii   bool
	invalid bool
	rest    []byte // the beginning of a character at the end of the last chunk
	sum     hash.Hash
	// sample are the first lines with characters that are not of ASCII, guessed says that the encoding goes by them.
	sample  []byte
	guessed bool
}

// inspect reads the whole file: SHA-256 of its bytes, how it writes characters, and whether it is text at all.
func inspect(ctx context.Context, in Input, progress func(int)) (*inspection, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer func() { _ = f.Close() }() // only read
	v := &inspection{sum: sha256.New(), ascii: true}
	text, err := unpacked(&counted{io.TeeReader(f, v.sum), progress})
	if err != nil {
		return nil, err
	}
	chunk := make([]byte, 1<<18)
	for {
		n, err := text.Read(chunk)
		v.see(chunk[:n])
		if err == io.EOF { //nolint:errorlint // io.Reader returns it bare
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", in.Name, err)
		}
	}
	v.hash = hex.EncodeToString(v.sum.Sum(nil))
	v.encoding = v.detect()
	return v, notText(v.head, in)
}

func (v *inspection) see(b []byte) {
	v.size += int64(len(b))
	if room := 1024 - len(v.head); room > 0 {
		v.head = append(v.head, b[:min(room, len(b))]...)
	}
	v.nul = v.nul || bytes.IndexByte(b, 0) >= 0
	wide := isWide(b)
	v.ascii = v.ascii && !wide
	if wide && len(v.sample) < mostSample {
		v.keep(b)
	}
	if v.invalid || !wide && len(v.rest) == 0 {
		return
	}
	if len(v.rest) > 0 {
		b = append(v.rest, b...)
		v.rest = nil
	}
	whole := len(b)
	for back := 1; back <= min(3, len(b)); back++ {
		if utf8.RuneStart(b[len(b)-back]) {
			if !utf8.FullRune(b[len(b)-back:]) {
				whole = len(b) - back
			}
			break
		}
	}
	v.invalid = !utf8.Valid(b[:whole])
	v.rest = append(v.rest, b[whole:]...)
}

// isWide says that some byte is not one of ASCII.
func isWide(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return true
		}
	}
	return slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

// start returns the beginning of the text as UTF-8.
func (v *inspection) start() []byte {
	b, _ := io.ReadAll(decoded(bytes.NewReader(v.head), v.encoding)) // it may be cut inside a character
	return b
}

// detect goes by a byte-order mark, then by where zero bytes lie, then by whether the bytes are UTF-8, and else it
// guesses.
func (v *inspection) detect() rows.Encoding {
	switch {
	case v.isWorkbook():
		return rows.Workbook
	case bytes.HasPrefix(v.head, []byte{0xff, 0xfe}):
		return rows.UTF16LE
	case bytes.HasPrefix(v.head, []byte{0xfe, 0xff}):
		return rows.UTF16BE
	}
	if v.nul {
		zeros := [2]int{}
		for i, b := range v.head {
			if b == 0 {
				zeros[i%2]++
			}
		}
		switch half := len(v.head) / 2; {
		case zeros[1] > half*3/4 && zeros[0] == 0:
			return rows.UTF16LE
		case zeros[0] > half*3/4 && zeros[1] == 0:
			return rows.UTF16BE
		}
	}
	if v.invalid || len(v.rest) > 0 {
		v.guessed = true
		return guess(v.sample)
	}
	return rows.UTF8
}

// isWorkbook says that the file is a zip file, as workbooks are.
func (v *inspection) isWorkbook() bool { return bytes.HasPrefix(v.head, []byte("PK\x03\x04")) }

// notText names well-known files that are neither text nor workbooks.
func notText(head []byte, in Input) error {
	if bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")) {
		return oldOffice(in)
	}
	start := strings.ToLower(string(bytes.TrimLeft(head[:min(len(head), 64)], "\xef\xbb\xbf \t\r\n")))
	const page, resave = "a web page, whatever its name says", "open it in Excel and save it as .xlsx or CSV"
	const calendar = "export the plan as a table (CSV or .xlsx): a calendar names neither agents nor activities"
	const packed, unpack = "a packed archive", "unpack it and import the file that is in it"
	const picture, table = "a picture", "export the table as CSV or .xlsx"
	for _, k := range []struct{ magic, what, remedy string }{
		{"PK\x05\x06", "an empty zip file", "save the table as .xlsx or CSV"},
		{"<html", page, resave},
		{"<!doctype html", page, resave},
		{"<table", page, resave},
		{"mime-version:", "a saved web page or a mail", resave},
		{"<?xml", "XML, whatever its name says", resave},
		{"%pdf", "a PDF", "export CSV instead"},
		{"{\\rtf", "a text document (.rtf)", table},
		{"begin:vcalendar", "a calendar file (.ics)", calendar},
		{"begin:vcard", "a file of contacts (.vcf)", table},
		{"7z\xbc\xaf\x27\x1c", packed + " (.7z)", unpack},
		{"Rar!\x1a\x07", packed + " (.rar)", unpack},
		{"BZh", packed + " (.bz2)", unpack},
		{"\xfd7zXZ\x00", packed + " (.xz)", unpack},
		{"\x28\xb5\x2f\xfd", packed + " (.zst)", unpack},
		{"\x89PNG", picture, table},
		{"\xff\xd8\xff", picture, table},
		{"GIF8", picture, table},
		{"SQLite format 3", "a database (SQLite)", table},
		{"PAR1", "a Parquet file", table},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) || strings.HasPrefix(start, k.magic) {
			return rows.Unusablef(k.remedy, "the file is %s", k.what)
		}
	}
	return nil
}

// noTable names JSON where a table is read: status changes may come as one flat object a line, other kinds not.
func noTable(kind Kind, start []byte) rows.Problem {
	const lines = "write one flat object a line, without a profile"
	start, rest, more := bytes.Cut(bytes.TrimSpace(start), []byte{'\n'})
	p := rows.Problem{Message: "the file is JSON, which is only read as Genesys Cloud exports it"}
	if more && bytes.HasPrefix(start, []byte("{")) && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{")) ||
		json.Valid(start) && start[0] == '{' {
		p.Message = "the file is NDJSON, a JSON object a line, which is read for `import status` only"
	}
	if p.Remedy = "export the table as CSV or .xlsx, or send facts through the API"; kind == Status {
		p.Message, p.Remedy = "the file is JSON, but not one flat object a line", lines
	}
	return p
}

// oldOffice says which file of the old Office format it is.
func oldOffice(in Input) error {
	f, err := in.Open()
	if err != nil {
		return fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer func() { _ = f.Close() }() // only read
	return sheet.OldOffice(f)
}
