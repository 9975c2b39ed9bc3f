package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Limits of workbooks, far beyond what a planner's tool writes and small enough to refuse a bomb early.
const (
	// maxWorkbook is how large the file may be, packed.
	maxWorkbook = 256 << 20
	// maxDirectory is how much of the file may be read to find its parts.
	maxDirectory = 4 << 20
	// maxPart is how large a part other than a sheet and the shared texts may be, unpacked.
	maxPart = 32 << 20
	// maxSheet is how large a sheet may be, unpacked: a million rows of twenty columns.
	maxSheet = 2 << 30
	// maxTextPart is how large the shared texts may be, unpacked.
	maxTextPart = 512 << 20
	// maxRatio is how many times larger a part may be unpacked than packed, once it is larger than freely.
	maxRatio = 250
	freely   = 4 << 20
	// maxSheets is how many sheets a workbook may have.
	maxSheets = 1000
)

// workbook is an open XLSX file.
type workbook struct {
	parts map[string]*zip.File
	// sheets in the order of the tabs.
	sheets []sheetEntry
	// since1904 says that dates count from 1904-01-01 instead of 1899-12-31.
	since1904 bool
	styles    string
	texts     string
}

// sheetEntry is what the workbook says of a sheet.
type sheetEntry struct {
	name, part string
	hidden     bool
	// table is false for sheets that hold a chart or a dialogue.
	table bool
}

// metered counts what is read, up to a limit; 0 is none.
type metered struct {
	r     io.ReaderAt
	limit int64
	read  int64
	count func(n int)
}

var errDirectory = rows.Unusablef("no workbook has so many parts", "the zip file has too long a list of contents")

// ReadAt reads as [io.ReaderAt] does.
func (m *metered) ReadAt(b []byte, at int64) (int, error) {
	n, err := m.r.ReadAt(b, at)
	m.read += int64(n)
	if m.limit > 0 && m.read > m.limit {
		return 0, errDirectory
	}
	m.count(n)
	return n, err
}

// openWorkbook finds the parts of a workbook. The error is *Unusable for a file that is none.
func openWorkbook(r *metered, size int64) (*workbook, error) {
	if size > maxWorkbook {
		return nil, rows.Unusablef(fmt.Sprintf("at most %d are read: save it as CSV", maxWorkbook>>20),
			"the workbook has %d MiB", size>>20)
	}
	r.limit = maxDirectory
	z, err := zip.NewReader(r, size)
	r.limit, r.read = 0, 0
	var d *rows.Unusable
	switch {
	case errors.As(err, &d):
		return nil, d
	case err != nil:
		return nil, rows.Unusablef("it is damaged or was cut off: export or copy it again",
			"the workbook cannot be unpacked (%s)", err)
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, f := range z.File {
		name := partName(f.Name)
		if w.parts[name] == nil {
			w.parts[name] = f
		}
	}
	if err := w.readIndex(); err != nil {
		return nil, err
	}
	return w, nil
}

// partName brings the name of a part into the form in which names are compared.
func partName(s string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean(strings.ReplaceAll(s, `\`, "/")), "/"))
}

// otherZip names what a zip file is that is no workbook.
func (w *workbook) otherZip() error {
	for part, f := range w.parts {
		switch {
		case f.Flags&1 != 0:
			return rows.Unusablef("unpack it and import the file that is in it", "the zip file is protected with a password")
		case strings.HasPrefix(part, "index/") && strings.HasSuffix(part, ".iwa"), part == "index.apxl", part == "index.zip":
			return rows.Unusablef("in Numbers, choose File, Export To, CSV or Excel",
				"the file is an Apple Numbers file (.numbers)")
		case strings.HasSuffix(part, "workbook.bin"):
			return rows.Unusablef("save it as .xlsx or CSV", "the file is a binary Excel workbook (.xlsb)")
		case part == "content.xml":
			return rows.Unusablef("save it as .xlsx or CSV", "the file is an OpenDocument file (.ods)")
		case part == "word/document.xml", part == "ppt/presentation.xml":
			return rows.Unusablef("save the table as .xlsx or CSV", "the file is no workbook but another Office document")
		}
	}
	var names []string
	for part := range w.parts {
		names = append(names, part)
	}
	slices.Sort(names)
	if n := len(names); n > 3 {
		names = append(names[:3], fmt.Sprintf("and %d more", n-3))
	}
	return rows.Unusablef("unpack it and import the file that is in it",
		"the file is a zip file, but no Excel workbook (it holds %.200q)", strings.Join(names, ", "))
}

// readIndex reads which parts are the sheets, the texts and the styles.
func (w *workbook) readIndex() error {
	root, err := w.relations("_rels/.rels")
	if err != nil {
		return err
	}
	book := ""
	for _, r := range root {
		if r.kind == "officedocument" {
			book = partName(r.target)
		}
	}
	if book == "" {
		book = "xl/workbook.xml"
	}
	if w.parts[book] == nil || strings.HasSuffix(book, ".bin") || !strings.HasPrefix(book, "xl/") &&
		strings.Contains(book, "document") {
		return w.otherZip()
	}
	folder := path.Dir(book)
	links, err := w.relations(folder + "/_rels/" + path.Base(book) + ".rels")
	if err != nil {
		return err
	}
	for id, r := range links {
		r.target = within(folder, r.target)
		links[id] = r
		switch r.kind {
		case "sharedstrings":
			w.texts = r.target
		case "styles":
			w.styles = r.target
		}
	}
	return w.readBook(book, links)
}

// within returns the part that a link in the folder means.
func within(folder, target string) string {
	if strings.HasPrefix(target, "/") || strings.HasPrefix(target, `\`) {
		return partName(target)
	}
	return partName(folder + "/" + target)
}

// relation is a link from one part to another.
type relation struct{ kind, target string }

// relations reads a part of links, by id; there need not be one.
func (w *workbook) relations(part string) (map[string]relation, error) {
	out := map[string]relation{}
	if w.parts[part] == nil {
		return out, nil
	}
	err := w.read(part, maxPart, func(m *markup) error {
		return m.each(func() error {
			if m.is("Relationship") && string(m.attribute("TargetMode")) != "External" && len(out) < 10*maxSheets {
				id := string(m.attribute("Id"))
				kind := strings.ToLower(path.Base(string(m.attribute("Type"))))
				out[id] = relation{kind, string(m.attribute("Target"))}
			}
			return nil
		})
	})
	return out, err
}

// each calls f for every opening tag.
func (m *markup) each(f func() error) error {
	for {
		p, err := m.next()
		if err != nil || p == pieceEnd {
			return err
		}
		if p == pieceOpen {
			if err := f(); err != nil {
				return err
			}
		}
	}
}

// readBook reads the list of sheets and the date system.
func (w *workbook) readBook(book string, links map[string]relation) error {
	err := w.read(book, maxPart, func(m *markup) error {
		return m.each(func() error {
			switch {
			case m.is("workbookPr"):
				w.since1904 = truth(m.attribute("date1904"))
			case m.is("sheet"):
				s := sheetEntry{name: string(m.attribute("name"))}
				state := string(m.attribute("state"))
				s.hidden = state == "hidden" || state == "veryHidden"
				link := links[string(m.attribute("id"))]
				s.part, s.table = link.target, link.kind == "worksheet"
				w.sheets = append(w.sheets, s)
			}
			if len(w.sheets) > maxSheets {
				return rows.Unusablef("save the one you need for itself", "the workbook has more than %d sheets", maxSheets)
			}
			return nil
		})
	})
	if err == nil && len(w.sheets) == 0 {
		err = rows.Unusablef("", "the workbook has no sheet")
	}
	return err
}

func truth(b []byte) bool { return string(b) == "1" || string(b) == "true" }

// find returns the sheet of the name, or the first that is to be seen.
func (w *workbook) find(name string) (*sheetEntry, error) {
	var names []string
	for i := range w.sheets {
		s := &w.sheets[i]
		if name == "" && s.table && !s.hidden || name != "" &&
			strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(name)) {
			if !s.table || w.parts[s.part] == nil {
				return nil, rows.Unusablef("", "the sheet %.60q holds no table", s.name)
			}
			return s, nil
		}
		if s.table && len(names) < 20 {
			names = append(names, s.name)
		}
	}
	if name == "" {
		return nil, rows.Unusablef("show it, or name one with --sheet",
			"the workbook has no sheet with a table that is not hidden")
	}
	return nil, rows.Unusablef(rows.Remedies("there are "+quotedList(names),
		rows.DidYouMean(schemas.Nearest(name, names))), "there is no sheet %.60q", name)
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// read opens a part, which is unpacked to at most limit bytes, and lets f read it.
func (w *workbook) read(part string, limit int64, f func(*markup) error) error {
	r, err := w.open(part, limit)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	return inPart(part, f(newMarkup(r)))
}

// inPart says which part is damaged.
func inPart(part string, err error) error {
	var d *rows.Unusable
	if errors.As(err, &d) {
		return d
	}
	if errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) ||
		flateBroken(err) {
		return rows.Unusablef("export or copy it again", "the workbook is damaged or was cut off (%s: %s)", part, err)
	}
	return err
}

// flateBroken says whether packed data could not be unpacked.
func flateBroken(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "flate:") }

// open unpacks a part.
func (w *workbook) open(part string, limit int64) (io.ReadCloser, error) {
	f := w.parts[part]
	if f == nil {
		return nil, rows.Unusablef("it is damaged: export or copy it again", "the workbook lacks its part %s", part)
	}
	if f.Flags&1 != 0 {
		return nil, rows.Unusablef("save the workbook without one", "the zip file is protected with a password")
	}
	most := max(int64(freely), maxRatio*int64(min(f.CompressedSize64, maxWorkbook))) //nolint:gosec // bounded by min
	most = min(most, limit)
	if f.UncompressedSize64 > uint64(most) { //nolint:gosec // positive
		return nil, tooLarge(part, most)
	}
	r, err := f.Open()
	if err != nil {
		return nil, rows.Unusablef("export or copy it again", "the workbook's part %s cannot be unpacked (%s)", part, err)
	}
	return &bounded{r, part, most, most}, nil
}

func tooLarge(part string, most int64) error {
	return rows.Unusablef("is it a zip bomb? save the table as CSV",
		"the workbook's part %s is larger unpacked than the %d MiB that can be right", part, most>>20)
}

// bounded fails when a part turns out larger than its limit, whatever the zip says.
type bounded struct {
	io.ReadCloser
	part       string
	most, left int64
}

// Read reads as [io.Reader] does.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.part, b.most)
	}
	return n, err
}

// OldOffice says what a file of the old Office format is: a protected workbook lies in one too.
func OldOffice(r io.Reader) error {
	found := map[string]bool{}
	names := []string{"EncryptedPackage", "Workbook", "Book"}
	const overlap = 64
	buf, rest := make([]byte, 1<<18), 0
	for total := int64(0); total < maxWorkbook; {
		n, err := io.ReadFull(r, buf[rest:])
		total += int64(n)
		for _, name := range names {
			found[name] = found[name] || bytes.Contains(buf[:rest+n], wide(name))
		}
		if err != nil {
			break
		}
		rest = copy(buf, buf[len(buf)-overlap:])
	}
	switch {
	case found["EncryptedPackage"]:
		return rows.Unusablef("open it in Excel, take the password off (File, Info, Protect Workbook) and save it as .xlsx",
			"the file is protected with a password")
	case found["Workbook"], found["Book"]:
		return rows.Unusablef("save it as .xlsx or CSV", "the file is an old Excel workbook (.xls)")
	}
	return rows.Unusablef("save the table as .xlsx or CSV", "the file is a file of an old Office program")
}

// wide is the name as the directory of an old Office file has it: UTF-16 that ends with a zero.
func wide(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return append(b, 0, 0)
}
