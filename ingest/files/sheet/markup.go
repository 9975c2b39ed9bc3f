package sheet

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rollcall/ingest/files/rows"
)

// markup reads the XML of a workbook's parts piece by piece: opening and closing tags and, where it is wanted, text. It
// knows no more of XML than workbooks use: UTF-8, no document type (and so no entities of its own), prefixes left off.
// Memory is bounded by the longest tag and the longest text.
type markup struct {
	rows.Window
	// wanted asks for text; it is thrown away otherwise.
	wanted bool
	// name is the present tag's, without prefix; tag is what stands behind it. Both are good until the next piece.
	name, tag []byte
	// text is the present piece of text.
	text []byte
	// depth counts the open tags.
	depth int
	// closes says that the present tag was closed at once (<x/>), so that its closing piece comes next.
	closes  bool
	scratch []byte
}

// piece is what markup.next found.
type piece uint8

const (
	pieceEnd piece = iota
	pieceOpen
	pieceClose
	pieceText
)

// Limits of XML: the longest tag is that of a part with many namespaces; a cell has at most 32,767 characters.
const (
	maxTag  = 1 << 16
	maxCell = 4 * 32_767
)

func newMarkup(r io.Reader) *markup { return &markup{Window: rows.NewWindow(r, 4*maxTag)} }

// next returns the next piece. At the end of the part it returns pieceEnd; an end inside a tag or an element is damage.
func (m *markup) next() (piece, error) {
	if m.closes {
		m.closes = false
		m.depth--
		return pieceClose, nil
	}
	for {
		if len(m.B) == 0 && !m.Fill() {
			if m.depth > 0 {
				return pieceEnd, m.cut()
			}
			return pieceEnd, m.Failure()
		}
		if m.B[0] != '<' {
			if found, err := m.readText(); err != nil || found {
				return pieceText, err
			}
			continue
		}
		p, err := m.readTag()
		if err != nil || p != pieceEnd {
			return p, err
		}
	}
}

// readText takes text up to the next tag. It says whether there is a piece of it.
func (m *markup) readText() (bool, error) {
	m.text = m.text[:0]
	for {
		n := bytes.IndexByte(m.B, '<')
		chunk := m.B
		if n >= 0 {
			chunk = chunk[:n]
		}
		if m.wanted {
			m.text = append(m.text, chunk...)
			if len(m.text) > maxCell*2 {
				return false, rows.Unusablef("", "a text is longer than the 32,767 characters that a cell can hold")
			}
		}
		if m.B = m.B[len(chunk):]; n >= 0 || !m.Fill() {
			break
		}
	}
	if !m.wanted {
		return false, nil
	}
	text, err := unescaped(m.text)
	m.text = text
	return len(text) > 0, err
}

// readTag reads what begins with <. It returns pieceEnd for what is no tag (comments and the like).
func (m *markup) readTag() (piece, error) {
	for len(m.B) < len("<![CDATA[") && m.Fill() {
	}
	switch b := m.B; {
	case bytes.HasPrefix(b, []byte("<!--")):
		return pieceEnd, m.skipPast("-->")
	case bytes.HasPrefix(b, []byte("<?")):
		return pieceEnd, m.declaration()
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return m.literal()
	case bytes.HasPrefix(b, []byte("<!")):
		return pieceEnd, rows.Unusablef("", "the XML declares a document type, which no workbook does")
	}
	n, err := m.tagEnd()
	if err != nil {
		return pieceEnd, err
	}
	tag := m.B[1:n]
	m.B = m.B[n+1:]
	if len(tag) > 0 && tag[0] == '/' {
		m.setName(tag[1:])
		m.depth--
		if m.depth < 0 {
			return pieceEnd, rows.Unusablef("", "the XML closes a tag (%.40q) that was not open", tag)
		}
		return pieceClose, nil
	}
	if n := len(tag); n > 0 && tag[n-1] == '/' {
		tag, m.closes = tag[:n-1], true
	}
	m.setName(tag)
	m.depth++
	if len(m.name) == 0 || m.depth > 256 {
		return pieceEnd, rows.Unusablef("", "the XML has a tag without a name, or tags more than 256 deep")
	}
	return pieceOpen, nil
}

// setName divides a tag into its name, without prefix, and the rest.
func (m *markup) setName(tag []byte) {
	n := bytes.IndexAny(tag, " \t\r\n")
	if n < 0 {
		n = len(tag)
	}
	m.name, m.tag = tag[:n], tag[n:]
	if i := bytes.IndexByte(m.name, ':'); i >= 0 {
		m.name = m.name[i+1:]
	}
}

// tagEnd returns the place of the > that ends the tag at the beginning of B; one inside quotes does not.
func (m *markup) tagEnd() (int, error) {
	quote := byte(0)
	for i := 1; ; i++ {
		for i >= len(m.B) {
			if i > maxTag {
				return 0, rows.Unusablef("", "the XML has a tag of more than %d bytes", maxTag)
			}
			if !m.Fill() {
				return 0, m.cut()
			}
		}
		switch b := m.B[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '>':
			return i, nil
		}
	}
}

func (m *markup) cut() error {
	if err := m.Failure(); err != nil {
		return err
	}
	return rows.Unusablef("", "the XML ends in the middle")
}

// skipPast goes behind the next end mark.
func (m *markup) skipPast(mark string) error {
	for {
		if i := bytes.Index(m.B, []byte(mark)); i >= 0 {
			m.B = m.B[i+len(mark):]
			return nil
		}
		if m.B = m.B[max(0, len(m.B)-len(mark)+1):]; !m.Fill() {
			return m.cut()
		}
	}
}

// declaration reads <?…?>, which may name an encoding.
func (m *markup) declaration() error {
	n, err := m.tagEnd()
	if err != nil {
		return err
	}
	if text := strings.ToLower(string(m.B[:n])); strings.HasPrefix(text, "<?xml ") &&
		strings.Contains(text, "encoding=") &&
		!strings.Contains(text, "utf-8") && !strings.Contains(text, "us-ascii") {
		return rows.Unusablef("", "the XML is not written in UTF-8 (%.80q)", text)
	}
	m.B = m.B[n+1:]
	return nil
}

// literal reads <![CDATA[…]]>.
func (m *markup) literal() (piece, error) {
	m.B = m.B[len("<![CDATA["):]
	m.text = m.text[:0]
	for {
		end := bytes.Index(m.B, []byte("]]>"))
		n := end
		if end < 0 {
			n = max(0, len(m.B)-2)
		}
		if m.wanted {
			m.text = append(m.text, m.B[:n]...)
		}
		m.B = m.B[n:]
		switch {
		case len(m.text) > maxCell:
			return pieceEnd, rows.Unusablef("", "a text is longer than the 32,767 characters that a cell can hold")
		case end >= 0:
			m.B = m.B[len("]]>"):]
			if m.wanted && len(m.text) > 0 {
				return pieceText, nil
			}
			return pieceEnd, nil
		case !m.Fill():
			return pieceEnd, m.cut()
		}
	}
}

// attribute returns the value of the present tag's attribute, whose name may have a prefix; nil where there is none. It
// is good until the next piece.
func (m *markup) attribute(name string) []byte {
	for b := m.tag; ; {
		b = bytes.TrimLeft(b, " \t\r\n")
		eq := bytes.IndexByte(b, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimRight(b[:eq], " \t\r\n")
		b = bytes.TrimLeft(b[eq+1:], " \t\r\n")
		if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return nil
		}
		value := b[1 : end+1]
		b = b[end+2:]
		if i := bytes.IndexByte(key, ':'); i >= 0 && !bytes.HasPrefix(key, []byte("xmlns")) {
			key = key[i+1:]
		}
		if string(key) != name {
			continue
		}
		if bytes.IndexByte(value, '&') >= 0 {
			m.scratch = append(m.scratch[:0], value...)
			plain, err := unescaped(m.scratch)
			if err != nil {
				return value
			}
			return plain
		}
		return value
	}
}

// is reports whether the present tag has the name.
func (m *markup) is(name string) bool { return string(m.name) == name }

// unescaped replaces the five entities of XML and character references, in place.
func unescaped(b []byte) ([]byte, error) {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b, nil
	}
	out := b[:i]
	for i < len(b) {
		if b[i] != '&' {
			out = append(out, b[i])
			i++
			continue
		}
		end := bytes.IndexByte(b[i:min(len(b), i+12)], ';')
		if end < 0 {
			return nil, rows.Unusablef("", "the XML holds an & that stands for nothing (%.12q)", b[i:])
		}
		r, ok := entity(string(b[i+1 : i+end]))
		if !ok {
			return nil, rows.Unusablef("", "the XML holds an entity that no workbook has (%.12q)", b[i:i+end+1])
		}
		out = utf8.AppendRune(out, r)
		i += end + 1
	}
	return out, nil
}

func entity(name string) (rune, bool) {
	if i := slices.Index([]string{"lt", "gt", "amp", "quot", "apos"}, name); i >= 0 {
		return rune(`<>&"'`[i]), true
	}
	digits, base := strings.CutPrefix(name, "#")
	if !base {
		return 0, false
	}
	radix := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
		digits, radix = hex, 16
	}
	n, err := strconv.ParseUint(digits, radix, 32)
	if err != nil || n > utf8.MaxRune || n == 0 {
		return 0, false
	}
	return rune(n), true
}
