package sheet

import (
	"bytes"
	"math"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"rollcall/ingest/files/rows"
)

// sharedTexts are the texts that cells name by number. They lie in one piece of memory.
type sharedTexts struct {
	all  []byte
	ends []uint32
}

// Limits of shared texts.
const (
	maxTextBytes = 128 << 20
	maxTextCount = 8 << 20
)

// get returns the text of the number; false where there is none.
func (t *sharedTexts) get(n int) ([]byte, bool) {
	if n < 0 || n >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if n > 0 {
		from = t.ends[n-1]
	}
	return t.all[from:t.ends[n]], true
}

// readTexts reads all shared texts; there need not be any.
func (w *workbook) readTexts() (*sharedTexts, error) {
	t := &sharedTexts{}
	if w.texts == "" || w.parts[w.texts] == nil {
		return t, nil
	}
	return t, w.read(w.texts, maxTextPart, func(m *markup) error {
		return m.each(func() error {
			if !m.is("si") {
				return nil
			}
			from := len(t.all)
			var err error
			if t.all, err = m.richText(t.all); err != nil {
				return err
			}
			t.all = append(t.all[:from], plainText(t.all[from:])...)
			t.ends = append(t.ends, uint32(len(t.all))) //nolint:gosec // bounded
			if len(t.all) > maxTextBytes || len(t.ends) > maxTextCount {
				return rows.Unusablef("save the sheet as CSV", "the workbook's texts take more than %d MiB", maxTextBytes>>20)
			}
			return nil
		})
	})
}

// richText appends the text of an element that was just opened, up to its end: all runs, without how they are
// pronounced.
func (m *markup) richText(b []byte) ([]byte, error) {
	outside, from, silent := m.depth-1, len(b), 0
	defer func() { m.wanted = false }()
	for {
		p, err := m.next()
		switch {
		case err != nil:
			return b, err
		case p == pieceClose && m.depth == outside:
			return b, nil
		case p == pieceClose && silent > 0 && m.depth < silent:
			silent = 0
		case p == pieceOpen && silent == 0 && m.is("rPh"):
			silent = m.depth
		case p == pieceText:
			b = append(b, m.text...)
		}
		m.wanted = p == pieceOpen && silent == 0 && m.is("t") || p == pieceText
		if len(b)-from > maxCell {
			return b, rows.Unusablef("save the table as CSV",
				"a cell holds more than 32,767 characters, which no workbook program writes")
		}
	}
}

// plainText is what the text of a cell means: in NFC, without what only the spreadsheet needs. b may be changed.
func plainText(b []byte) []byte { return rows.Bare(norm.NFC.Bytes(decodeControls(b))) }

// decodeControls replaces _x000D_ and its like, in place: that is how workbooks write characters which XML has not.
func decodeControls(b []byte) []byte {
	if !bytes.Contains(b, []byte("_x")) {
		return b
	}
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if rest := b[i:]; len(rest) >= 7 && rest[0] == '_' && rest[1] == 'x' && rest[6] == '_' {
			if n, err := strconv.ParseUint(string(rest[2:6]), 16, 8); err == nil && (n < ' ' || n == '_') {
				out = append(out, byte(n))
				i += 6
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// maxStyles is how many cell styles a workbook may have; Excel stops at 65,490.
const maxStyles = 1 << 16

// readStyles reads the number format of each cell style; there need not be any.
func (w *workbook) readStyles() ([]numberFormat, error) {
	var styles []numberFormat
	if w.styles == "" || w.parts[w.styles] == nil {
		return nil, nil
	}
	codes := map[int]numberFormat{}
	inCells := false
	err := w.read(w.styles, maxPart, func(m *markup) error {
		return m.each(func() error {
			switch {
			case m.is("numFmt"):
				if id, err := strconv.Atoi(string(m.attribute("numFmtId"))); err == nil && len(codes) < maxStyles {
					codes[id] = formatOf(string(m.attribute("formatCode")))
				}
			case m.is("cellXfs"):
				inCells = true
			case m.is("cellStyles") || m.is("dxfs"):
				inCells = false
			case inCells && m.is("xf"):
				id, _ := strconv.Atoi(string(m.attribute("numFmtId"))) // 0 is the general format
				f, ok := codes[id]
				if !ok {
					f = builtIn(id)
				}
				if styles = append(styles, f); len(styles) > maxStyles {
					return rows.Unusablef("", "the workbook has more than %d cell styles", maxStyles)
				}
			}
			return nil
		})
	})
	return styles, err
}

// mergedCells are cells that are shown as one, of which only the first holds a value.
type mergedCells struct {
	ref                   string
	top, left, low, right int
}

// maxMerged is how many merged areas are remembered.
const maxMerged = 10_000

// readMerged finds the merged areas, which stand behind the rows.
func (w *workbook) readMerged(part string) ([]mergedCells, error) {
	var all []mergedCells
	err := w.read(part, maxSheet, func(m *markup) error {
		if behind, err := m.skipRows(); err != nil || !behind {
			return err
		}
		m.depth = 1 // the worksheet's tag was passed over
		return m.each(func() error {
			if !m.is("mergeCell") {
				return nil
			}
			a, ok := areaOf(m.attribute("ref"))
			if all = append(all, a); !ok || len(all) > maxMerged {
				return rows.Unusablef("", "the sheet has a merged area that cannot be (%.20q), or more than %d of them", a.ref,
					maxMerged)
			}
			return nil
		})
	})
	return all, err
}

// skipRows goes behind the rows of a sheet without looking at them; false where they have no end.
func (m *markup) skipRows() (bool, error) {
	const word, before = "sheetData", 64
	for from := 0; ; {
		i := bytes.Index(m.B[from:], []byte(word))
		if i < 0 || len(m.B)-from-i < before && !m.Ended() {
			if m.Ended() {
				return false, m.Failure()
			}
			if i < 0 {
				i = max(0, len(m.B)-from-len(word))
			}
			gone := max(0, from+i-before)
			m.B, from = m.B[gone:], from+i-gone
			m.Fill()
			continue
		}
		at := from + i
		open := bytes.LastIndexByte(m.B[:at], '<')
		behind := m.B[at+len(word):]
		end := bytes.IndexByte(behind, '>')
		if open >= 0 && end >= 0 && (m.B[open+1] == '/' || bytes.HasSuffix(behind[:end], []byte("/"))) {
			m.B = behind[end+1:]
			return true, nil
		}
		from = at + len(word)
	}
}

// areaOf reads A1:C2.
func areaOf(ref []byte) (mergedCells, bool) {
	a := mergedCells{ref: string(ref)}
	first, last, _ := bytes.Cut(ref, []byte(":"))
	var ok1, ok2 bool
	a.left, a.top, ok1 = cellPlace(first)
	a.right, a.low, ok2 = cellPlace(last)
	return a, ok1 && ok2 && a.left <= a.right && a.top <= a.low
}

// cellPlace reads A1 as column and row, from 1; false for anything else.
func cellPlace(b []byte) (column, row int, ok bool) {
	i := 0
	for ; i < len(b) && i < 4; i++ {
		c := b[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	if i == 0 || i == len(b) || len(b)-i > 7 {
		return 0, 0, false
	}
	for ; i < len(b); i++ {
		if b[i] < '0' || b[i] > '9' {
			return 0, 0, false
		}
		row = row*10 + int(b[i]-'0')
	}
	return column, row, column <= maxColumns && row >= 1 && row <= maxRows
}

// Limits of a sheet, which are Excel's.
const (
	maxColumns = 16_384
	maxRows    = 1 << 20
	// maxWidth is how many columns a table may have.
	maxWidth = 1000
)

// CellName returns the letters of the column and the row, such as C5.
func CellName(column, row int) string {
	var b []byte
	for ; column > 0; column = (column - 1) / 26 {
		b = append([]byte{byte('A' + (column-1)%26)}, b...)
	}
	return string(b) + strconv.Itoa(row)
}

// number reads the value of a number cell.
func number(b []byte) (float64, bool) {
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}
