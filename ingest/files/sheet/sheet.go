package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// sheet gives the rows of a workbook's sheet as records: the first row that is not empty is the header, empty rows are
// passed over, cells that are left out are empty. A line is the number of the row, a column that of the cell. Numbers that
// are shown as dates and times come as 2026-03-02 and 09:00:00, whatever the workbook's language.
type sheet struct {
	book   *workbook
	part   string
	texts  *sharedTexts
	styles []numberFormat
	// merged are the merged areas, the first at the end; those that the present row has reached are active.
	merged, active []mergedCells
	// skip is how many rows are passed over before the header; warn is told of cells without a header.
	skip   int
	warn   func(Problem)
	warned bool

	r     io.ReadCloser
	m     *markup
	width int
	row   int // the present row, from 1
	rows  bool
	rec   record
	cells []sheetCell
	text  []byte
	extra int // the first cell with a value behind the header's last
}

// sheetCell is a cell of the present row; its text is row text from:to.
type sheetCell struct {
	from, to int
	dated    bool
	wrong    string
}

// openSheet makes ready to read the sheet of the name, or the first.
func openSheet(r *metered, size int64, name string, skip int, warn func(Problem)) (*sheet, error) {
	book, err := openWorkbook(r, size)
	if err != nil {
		return nil, err
	}
	entry, err := book.find(name)
	if err != nil {
		return nil, err
	}
	s := &sheet{book: book, part: entry.part, skip: skip, warn: warn}
	if s.texts, err = book.readTexts(); err != nil {
		return nil, err
	}
	if s.styles, err = book.readStyles(); err != nil {
		return nil, err
	}
	if s.merged, err = book.readMerged(s.part); err != nil {
		return nil, err
	}
	slices.SortFunc(s.merged, func(a, b mergedCells) int { return b.top - a.top })
	if s.r, err = book.open(s.part, maxSheet); err != nil {
		return nil, err
	}
	s.m = newMarkup(s.r)
	return s, nil
}

// Close closes the part; what it read from stays open.
func (s *sheet) Close() error { return s.r.Close() }

// header gives the first row that is not empty.
func (s *sheet) header() (*record, error) {
	for {
		rec, err := s.next()
		if err != nil {
			return nil, err
		}
		if rec.line <= s.skip {
			continue
		}
		for _, a := range s.merged {
			if a.top <= rec.line && rec.line <= a.low && a.left <= len(rec.fields) {
				return nil, &malformed{rec.line, a.left, fmt.Sprintf(
					"the cells %s of the header are merged, so that it is not clear which name each column has; split them (Home, Merge & Center) and give each column one name",
					a.ref)}
			}
		}
		if n := slices.IndexFunc(rec.flaws, func(f flaw) bool { return f.field < len(rec.fields) }); n >= 0 {
			return nil, &malformed{rec.line, rec.flaws[n].field + 1, "the header's cell " + rec.flaws[n].message}
		}
		if s.width = len(rec.fields); s.width > maxWidth {
			return nil, &malformed{rec.line, 0, fmt.Sprintf("the header has %d columns; at most %d are read: is it a table?", s.width, maxWidth)}
		}
		return rec, nil
	}
}

// next gives the next row that is not empty.
func (s *sheet) next() (*record, error) {
	for {
		p, err := s.m.next()
		switch {
		case err != nil:
			return nil, inPart(s.part, err)
		case p == pieceEnd && s.row == 0 && !s.rows:
			return nil, broken("the workbook's part %s holds no rows; is it a sheet?", s.part)
		case p == pieceEnd || p == pieceClose && s.m.is("sheetData"):
			return nil, io.EOF
		case p == pieceOpen && s.m.is("sheetData"):
			s.rows = true
		case p == pieceOpen && s.rows && s.m.is("row"):
			if err := s.readRow(); err != nil {
				return nil, inPart(s.part, err)
			}
			if rec, err := s.record(); rec != nil || err != nil {
				return rec, err
			}
		}
	}
}

// readRow reads the cells of the row whose tag was just opened.
func (s *sheet) readRow() error {
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
		case p == pieceEnd:
			return broken("the XML ends in the middle")
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

// nextRow finds the number of a row, which must grow.
func (s *sheet) nextRow(r []byte) error {
	n := s.row + 1
	if len(r) > 0 {
		var ok bool
		if _, n, ok = cellPlace(append([]byte{'A'}, r...)); !ok {
			return broken("the sheet has a row numbered %.20q; at most %d rows are possible", r, maxRows)
		}
	}
	if n <= s.row || n > maxRows {
		return broken("row %d of the sheet stands behind row %d; the workbook is damaged: open it and save it again", n, s.row)
	}
	s.row = n
	return nil
}

func (s *sheet) nextColumn(before int, r []byte) (int, error) {
	n := before + 1
	if len(r) > 0 {
		column, row, ok := cellPlace(r)
		if !ok || row != s.row {
			return 0, broken("row %d of the sheet has a cell named %.20q; the workbook is damaged: open it and save it again", s.row, r)
		}
		n = column
	}
	if n <= before || n > maxColumns {
		return 0, broken("the cells of row %d of the sheet are out of order; the workbook is damaged: open it and save it again", s.row)
	}
	return n, nil
}

// readCell reads the cell whose tag was just opened.
func (s *sheet) readCell(column int) error {
	c := rawCell{kind: string(s.m.attribute("t")), style: s.m.attribute("s")}
	format := s.format(c.style)
	from := len(s.text)
	if err := c.read(s); err != nil {
		return err
	}
	cell := sheetCell{from: from}
	s.value(&c, format, &cell)
	if len(s.text)-from == 0 && cell.wrong == "" {
		return nil
	}
	if len(s.text) > 4*maxRecord {
		return broken("row %d of the sheet holds more than %d bytes; is it a row of a table?", s.row, 4*maxRecord)
	}
	if s.width > 0 && column > s.width {
		s.text = s.text[:from]
		if s.extra == 0 {
			s.extra = column
		}
		return nil
	}
	if cell.wrong != "" {
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
func (c *rawCell) read(s *sheet) error {
	m := s.m
	outside := m.depth - 1
	c.from = len(s.text)
	inValue := false
	for {
		p, err := m.next()
		switch {
		case err != nil:
			return err
		case p == pieceEnd:
			return broken("the XML ends in the middle")
		case p == pieceClose && m.depth == outside:
			return nil
		case p == pieceOpen && m.is("v"):
			c.hasValue, inValue, m.keep = true, true, true
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
				return broken("the cell %s holds more than 32,767 characters, which no workbook program writes; save the table as CSV", s.name(0))
			}
		case p == pieceClose:
			inValue, m.keep = false, false
		}
	}
}

// name names a cell of the present row; 0 is the row.
func (s *sheet) name(column int) string {
	if column == 0 {
		return fmt.Sprintf("in row %d", s.row)
	}
	return cellName(column, s.row)
}

// format gives the number format of a cell style.
func (s *sheet) format(style []byte) numberFormat {
	n := 0
	for _, d := range style {
		if d < '0' || d > '9' || n > maxStyles {
			return numberFormat{}
		}
		n = n*10 + int(d-'0')
	}
	if n >= len(s.styles) {
		return numberFormat{}
	}
	return s.styles[n]
}

// value turns what a cell holds into our text, at the end of the row's text.
func (s *sheet) value(c *rawCell, format numberFormat, cell *sheetCell) {
	raw := s.text[c.from:]
	switch {
	case c.formula && !c.hasValue && !c.inlineText:
		cell.wrong = "holds a formula without its result; open the workbook in Excel or LibreOffice and save it, or paste the values"
		return
	case c.inlineText:
		s.text = append(s.text[:c.from], decodeControls(raw)...)
		return
	case len(raw) == 0:
		return
	}
	switch c.kind {
	case "s":
		s.sharedText(c, raw, cell)
	case "str", "inlineStr":
		s.text = append(s.text[:c.from], decodeControls(raw)...)
	case "b":
		b := truth(raw)
		s.text = fmt.Appendf(s.text[:c.from], "%t", b)
	case "e":
		cell.wrong = fmt.Sprintf("holds the error %.20s; correct the formula or write the value", raw)
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

func (s *sheet) sharedText(c *rawCell, raw []byte, cell *sheetCell) {
	n := 0
	for _, d := range raw {
		if n = n*10 + int(d-'0'); d < '0' || d > '9' || n > maxTextCount {
			n = -1
			break
		}
	}
	text, ok := s.texts.get(n)
	if !ok {
		cell.wrong = fmt.Sprintf("names a text that is not in the workbook (%.20q); the workbook is damaged: open it and save it again", raw)
		return
	}
	s.text = append(s.text[:c.from], text...)
}

func (s *sheet) number(c *rawCell, raw []byte, format numberFormat, cell *sheetCell) {
	if format == (numberFormat{}) && plainDigits(raw) {
		return // as it stands
	}
	v, ok := number(raw)
	if !ok {
		cell.wrong = fmt.Sprintf("holds a number that is none (%.40q); the workbook is damaged: open it and save it again", raw)
		return
	}
	s.text, cell.dated, cell.wrong = appendNumber(s.text[:c.from], v, format, s.book.since1904)
}

// plainDigits says whether the number can stay as it is written.
func plainDigits(b []byte) bool {
	for _, d := range b {
		if d < '0' || d > '9' {
			return false
		}
	}
	return len(b) <= 15 && (b[0] != '0' || len(b) == 1)
}

// blanks are what the places of cells count in: the cell of column n stands at the nth character.
var blanks = bytes.Repeat([]byte{' '}, maxColumns)

// record makes the record of the row that was read; nil for an empty one.
func (s *sheet) record() (*record, error) {
	if len(s.cells) == 0 {
		return nil, nil //nolint:nilnil // an empty row
	}
	if s.extra > 0 && !s.warned && s.warn != nil {
		s.warned = true
		s.warn(Problem{Line: s.row, Column: s.extra, Message: fmt.Sprintf(
			"the cell %s stands right of the header's last column and is not used", cellName(s.extra, s.row))})
	}
	s.rec = record{line: s.row, fields: s.rec.fields[:0], raw: blanks, flaws: s.rec.flaws[:0]}
	for i, c := range s.cells {
		s.rec.fields = append(s.rec.fields, field{text: s.text[c.from:c.to], line: s.row, start: i, dated: c.dated})
		if c.wrong != "" {
			s.rec.flaws = append(s.rec.flaws, flaw{i, c.wrong})
		}
	}
	if len(s.text) > maxRecord && s.width > 0 {
		return nil, &malformed{s.row, 0, fmt.Sprintf("the row holds more than %d bytes; is it a row of a table?", maxRecord)}
	}
	for len(s.rec.fields) < s.width {
		s.rec.fields = append(s.rec.fields, field{line: s.row, start: len(s.rec.fields)})
	}
	s.flawMerged()
	return &s.rec, nil
}

// flawMerged marks the cells of the row whose value stands in another cell.
func (s *sheet) flawMerged() {
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
				s.rec.flaws = append(s.rec.flaws, flaw{column - 1, fmt.Sprintf(
					"is one of the merged cells %s, of which only the first holds the value; split them and write the value into each", a.ref)})
			}
		}
	}
}

// notRead gives what makes a file unusable, or nil for an error that has another cause.
func notRead(err error) *damaged {
	var d *damaged
	if errors.As(err, &d) {
		return d
	}
	return nil
}
