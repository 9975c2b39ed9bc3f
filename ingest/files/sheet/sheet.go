package sheet

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"rollcall/ingest/files/rows"
)

// Sheet yields the rows of a workbook's sheet as records: the first row that is not empty is the header, empty rows are
// passed over, cells that are left out are empty. A line is the number of the row, a column that of the cell. Numbers
// that are shown as dates and times come as 2026-03-02 and 09:00:00, whatever the workbook's language.
type Sheet struct {
	book   *workbook
	part   string
	texts  *sharedTexts
	styles []numberFormat
	// merged are the merged areas, the first at the end; those that the present row has reached are active.
	merged, active []mergedCells
	Options
	warned bool

	r     io.ReadCloser
	m     *markup
	width int
	row   int // the present row, from 1
	rows  bool
	rec   rows.Record
	cells []sheetCell
	text  []byte
	extra int // the first cell with a value behind the header's last
	// headed is how long the upper row of a header is, until the lower one is read.
	headed int
}

// sheetCell is a cell of the present row; its text is row text from:to.
type sheetCell struct {
	from, to int
	dated    bool
	wrong    *rows.Flaw
}

// Options say how a sheet is read.
type Options struct {
	// Name is that of the sheet; empty means the first that is not hidden.
	Name string
	// Skip is how many rows are passed over before the header. Headers is how many rows that has, 1 unless it is 2: then
	// cells of it may be merged, because the names below them say which column each is.
	Skip, Headers int
	// Warn is called for the first cell that has no header; Read for every number of bytes that was read.
	Warn func(rows.Problem)
	Read func(n int)
}

// Open makes ready to read a sheet of the workbook, which has so many bytes. The error is an *Unusable for a file that
// cannot be read, however it is read.
func Open(r io.ReaderAt, size int64, opt Options) (*Sheet, error) {
	book, err := openWorkbook(&metered{r: r, count: opt.Read}, size)
	if err != nil {
		return nil, err
	}
	entry, err := book.find(opt.Name)
	if err != nil {
		return nil, err
	}
	s := &Sheet{Options: opt, book: book, part: entry.part}
	if s.texts, err = book.readTexts(); err == nil {
		s.styles, err = book.readStyles()
	}
	if err == nil {
		s.merged, err = book.readMerged(s.part)
	}
	if err == nil {
		s.r, err = book.open(s.part, maxSheet)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(s.merged, func(a, b mergedCells) int { return b.top - a.top })
	s.m = newMarkup(s.r)
	return s, nil
}

// Close closes the part; what it read from stays open.
func (s *Sheet) Close() error { return s.r.Close() }

// Header returns the first row that is not empty.
func (s *Sheet) Header() (*rows.Record, error) {
	for {
		rec, err := s.Next()
		if err != nil {
			return nil, err
		}
		if rec.Line <= s.Skip {
			continue
		}
		if s.Headers > 1 {
			s.headed = len(rec.Fields)
			return rec, nil
		}
		for _, a := range s.merged {
			if a.top <= rec.Line && rec.Line <= a.low && a.left <= len(rec.Fields) {
				return nil, rows.Problemf(rec.Line, a.left, "split them (Home, Merge & Center) and give each column one name",
					"the cells %s of the header are merged, so that it is not clear which name each column has", a.ref)
			}
		}
		if n := slices.IndexFunc(rec.Flaws, func(f rows.Flaw) bool { return f.Field < len(rec.Fields) }); n >= 0 {
			return nil, rows.Problemf(rec.Line, rec.Flaws[n].Field+1, rec.Flaws[n].Remedy, "the header's cell %s",
				rec.Flaws[n].Message)
		}
		s.width = len(rec.Fields)
		return rec, s.tooWide()
	}
}

// Next returns the next row that is not empty.
func (s *Sheet) Next() (*rows.Record, error) {
	for {
		p, err := s.m.next()
		switch {
		case err != nil:
			return nil, inPart(s.part, err)
		case p == pieceEnd && s.row == 0 && !s.rows:
			return nil, rows.Unusablef("is it a sheet?", "the workbook's part %s holds no rows", s.part)
		case p == pieceEnd || p == pieceClose && s.m.is("sheetData"):
			return nil, io.EOF
		case p == pieceOpen && s.m.is("sheetData"):
			s.rows = true
		case p == pieceOpen && s.rows && s.m.is("row"):
			if err := s.readRow(); err != nil {
				return nil, inPart(s.part, err)
			}
			if rec, err := s.record(); err != nil || rec != nil && !rec.Blank() {
				return rec, err
			}
		}
	}
}

// readRow reads the cells of the row whose tag was just opened.
func (s *Sheet) readRow() error {
	if err := s.nextRow(s.m.attribute("r")); err != nil {
		return err
	}
	s.cells, s.text, s.extra = s.cells[:0], s.text[:0], 0
	column, depth := 0, s.m.depth
	for {
		p, err := s.m.next()
		switch {
		case err != nil:
			return err
		case p == pieceClose && s.m.depth < depth:
			return nil
		case p == pieceOpen && s.m.is("c"):
			if column, err = s.nextColumn(column, s.m.attribute("r")); err != nil {
				return err
			}
			if err := s.readCell(column); err != nil {
				return err
			}
		}
	}
}

// damaged is the remedy for what no program writes.
const damaged = "the workbook is damaged: open it and save it again"

// nextRow finds the number of a row, which must grow.
func (s *Sheet) nextRow(r []byte) error {
	n := s.row + 1
	if len(r) > 0 {
		var ok bool
		if _, n, ok = cellPlace(append([]byte{'A'}, r...)); !ok {
			return rows.Unusablef(fmt.Sprintf("at most %d rows are possible", maxRows), "the sheet has a row numbered %.20q", r)
		}
	}
	if n <= s.row || n > maxRows {
		return rows.Unusablef(damaged, "row %d of the sheet stands behind row %d", n, s.row)
	}
	s.row = n
	return nil
}

func (s *Sheet) nextColumn(before int, r []byte) (int, error) {
	n := before + 1
	if len(r) > 0 {
		column, row, ok := cellPlace(r)
		if !ok || row != s.row {
			return 0, rows.Unusablef(damaged, "row %d of the sheet has a cell named %.20q", s.row, r)
		}
		n = column
	}
	if n <= before || n > maxColumns {
		return 0, rows.Unusablef(damaged, "the cells of row %d of the sheet are out of order", s.row)
	}
	return n, nil
}

// readCell reads the cell whose tag was just opened.
func (s *Sheet) readCell(column int) error {
	c := rawCell{kind: string(s.m.attribute("t")), style: s.m.attribute("s")}
	format := s.format(c.style)
	from := len(s.text)
	if err := c.read(s); err != nil {
		return err
	}
	cell := sheetCell{from: from}
	s.value(&c, format, &cell)
	if len(s.text)-from == 0 && cell.wrong == nil {
		return nil
	}
	if len(s.text) > 4*rows.MaxRecord {
		return rows.Unusablef("is it a row of a table?", "row %d of the sheet holds more than %d bytes", s.row,
			4*rows.MaxRecord)
	}
	if s.width > 0 && column > s.width {
		s.text = s.text[:from]
		if s.extra == 0 {
			s.extra = column
		}
		return nil
	}
	if cell.wrong != nil {
		s.text = s.text[:from]
	}
	cell.to = len(s.text)
	for len(s.cells) < column-1 {
		s.cells = append(s.cells, sheetCell{from: from, to: from})
	}
	s.cells = append(s.cells, cell)
	return nil
}

// rawCell is a cell as it stands in the XML. Its value lies at the end of the row's text.
type rawCell struct {
	kind       string
	style      []byte
	from       int
	formula    bool
	hasValue   bool
	inlineText bool
}

// read takes the value of the cell, up to its end.
func (c *rawCell) read(s *Sheet) error {
	m := s.m
	outside := m.depth - 1
	c.from = len(s.text)
	inValue := false
	for {
		p, err := m.next()
		switch {
		case err != nil:
			return err
		case p == pieceClose && m.depth == outside:
			return nil
		case p == pieceOpen && m.is("v"):
			c.hasValue, inValue, m.wanted = true, true, true
		case p == pieceOpen && m.is("f"):
			c.formula = true
		case p == pieceOpen && m.is("is"):
			c.inlineText = true
			if s.text, err = m.richText(s.text); err != nil {
				return err
			}
		case p == pieceText && inValue:
			s.text = append(s.text, m.text...)
			if len(s.text)-c.from > maxCell {
				return rows.Unusablef("save the table as CSV",
					"the cell in row %d holds more than 32,767 characters, which no workbook program writes", s.row)
			}
		case p == pieceClose:
			inValue, m.wanted = false, false
		}
	}
}

// format returns the number format of a cell style.
func (s *Sheet) format(style []byte) numberFormat {
	n := 0 // of a cell without one
	if len(style) > 0 {
		n, _ = strconv.Atoi(string(style)) // what is no number is the first too
	}
	if n < 0 || n >= len(s.styles) {
		return numberFormat{}
	}
	return s.styles[n]
}

// value turns what a cell holds into our text, at the end of the row's text.
func (s *Sheet) value(c *rawCell, format numberFormat, cell *sheetCell) {
	raw := s.text[c.from:]
	switch {
	case c.formula && !c.hasValue && !c.inlineText:
		cell.wrong = rows.Flawf("open the workbook in Excel or LibreOffice and save it, or paste the values",
			"holds a formula without its result")
		return
	case c.inlineText:
		s.text = append(s.text[:c.from], plainText(raw)...)
		return
	case len(raw) == 0:
		return
	}
	switch c.kind {
	case "s":
		s.sharedText(c, raw, cell)
	case "str", "inlineStr":
		s.text = append(s.text[:c.from], plainText(raw)...)
	case "b":
		s.text = strconv.AppendBool(s.text[:c.from], truth(raw))
	case "e":
		cell.wrong = rows.Flawf("correct the formula or write the value", "holds the error %.20s", raw)
	case "d":
		cell.dated = true
		s.text = append(s.text[:c.from], isoText(raw)...)
	default:
		s.number(c, raw, format, cell)
	}
}

// isoText leaves out the time of a date and time at midnight, and the T between them.
func isoText(raw []byte) []byte {
	raw = bytes.TrimSuffix(raw, []byte("T00:00:00"))
	if len(raw) > 10 && raw[10] == 'T' {
		raw[10] = ' '
	}
	return raw
}

func (s *Sheet) sharedText(c *rawCell, raw []byte, cell *sheetCell) {
	n, err := strconv.Atoi(string(raw))
	text, ok := s.texts.get(n)
	if err != nil || !ok {
		cell.wrong = rows.Flawf(damaged, "names a text that is not in the workbook (%.20q)", raw)
		return
	}
	s.text = append(s.text[:c.from], text...)
}

func (s *Sheet) number(c *rawCell, raw []byte, format numberFormat, cell *sheetCell) {
	if format == (numberFormat{}) && plainDigits(raw) {
		return // as it stands
	}
	v, ok := number(raw)
	if !ok {
		cell.wrong = rows.Flawf(damaged, "holds a number that is none (%.40q)", raw)
		return
	}
	s.text, cell.dated, cell.wrong = appendNumber(s.text[:c.from], v, format, s.book.since1904)
}

// plainDigits says whether the number can stay as it is written.
func plainDigits(b []byte) bool {
	return len(bytes.TrimLeft(b, "0123456789")) == 0 && len(b) <= 15 && (b[0] != '0' || len(b) == 1)
}

// record makes the record of the row that was read; nil for an empty one.
func (s *Sheet) record() (*rows.Record, error) {
	if len(s.cells) == 0 {
		return nil, nil //nolint:nilnil // an empty row
	}
	if s.extra > 0 && !s.warned {
		s.warned = true
		s.Warn(rows.Problem{Line: s.row, Column: s.extra, Message: fmt.Sprintf(
			"the cell %s stands right of the header's last column and is not used", CellName(s.extra, s.row))})
	}
	if s.headed > 0 {
		if s.width, s.headed = max(s.headed, len(s.cells)), 0; s.width > maxWidth {
			return nil, s.tooWide()
		}
	}
	s.rec = rows.Record{Line: s.row, Fields: s.rec.Fields[:0], Flaws: s.rec.Flaws[:0]}
	for i, c := range s.cells {
		s.rec.Fields = append(s.rec.Fields, rows.Field{Text: s.text[c.from:c.to], Line: s.row, Start: i, Dated: c.dated})
		s.rec.AddFlaw(i, c.wrong)
	}
	if len(s.text) > rows.MaxRecord && s.width > 0 {
		return nil, rows.Problemf(s.row, 0, "is it a row of a table?", "the row holds more than %d bytes", rows.MaxRecord)
	}
	for len(s.rec.Fields) < s.width {
		s.rec.Fields = append(s.rec.Fields, rows.Field{Line: s.row, Start: len(s.rec.Fields)})
	}
	s.flawMerged()
	return &s.rec, nil
}

// tooWide says that the header is no header of a table.
func (s *Sheet) tooWide() error {
	if s.width <= maxWidth {
		return nil
	}
	return rows.Problemf(s.row, 0, fmt.Sprintf("at most %d are read: is it a table?", maxWidth),
		"the header has %d columns", s.width)
}

// flawMerged marks the cells of the row whose value stands in another cell.
func (s *Sheet) flawMerged() {
	if s.width == 0 {
		return // the header has its own check
	}
	for n := len(s.merged); n > 0 && s.merged[n-1].top <= s.row; n-- {
		s.active = append(s.active, s.merged[n-1])
		s.merged = s.merged[:n-1]
	}
	s.active = slices.DeleteFunc(s.active, func(a mergedCells) bool { return a.low < s.row })
	for i := range s.active {
		a := &s.active[i]
		for column := a.left; column <= min(a.right, s.width); column++ {
			if column != a.left || s.row != a.top {
				s.rec.AddFlaw(column-1, rows.Flawf("split them and write the value into each",
					"is one of the merged cells %s, of which only the first holds the value", a.ref))
			}
		}
	}
}
