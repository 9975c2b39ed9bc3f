package httpin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/schemas"
)

// maxFieldName is the longest name of a field that is looked at; ours are shorter.
const maxFieldName = 64

// object reads a JSON object that encoding/json has found valid, and calls visit with each field in order and its value
// as it stands. It checks what encoding/json does not: a name that comes twice, and one that is not among names, which
// gets a suggestion. The first error ends it.
func object(raw []byte, names []string, visit func(field int, value []byte) *schemas.FieldError) *schemas.FieldError {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return wrongf("", `is %s; write an object, such as {"%s": …}`, kindOf(raw), names[0])
	}
	var seen uint32
	for raw = space(raw[1:]); raw[0] != '}'; raw = afterComma(raw) {
		var key, content []byte
		key, raw = value(raw)
		content, raw = value(space(raw[1:])) // past the colon; space before it was taken
		i, err := fieldOf(key, names)
		if err != nil {
			return err
		}
		if seen&(1<<i) != 0 {
			return wrongf(names[i], "is given twice; give it once")
		}
		seen |= 1 << i
		if err := visit(i, content); err != nil {
			return err
		}
	}
	return nil
}

// fieldOf finds the field that a key, in its quotes, names.
func fieldOf(key []byte, names []string) (int, *schemas.FieldError) {
	name, err := text(key)
	if err != nil {
		return 0, wrongf(strings.ToValidUTF8(shorten(string(key)), "\uFFFD"), "as a name of a field %v", err)
	}
	for i, n := range names {
		if n == name {
			return i, nil
		}
	}
	hint := "the fields are " + strings.Join(names, ", ")
	if len(name) <= maxFieldName {
		if near := schemas.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
	}
	return 0, wrongf(shorten(name), "is not a field that is known here; %s", hint)
}

// shorten cuts a text that goes into a message.
func shorten(s string) string {
	if len(s) <= maxFieldName {
		return s
	}
	return strings.ToValidUTF8(s[:maxFieldName], "") + "…"
}

// elements yields the values of a JSON array that encoding/json has found valid, with their index.
func elements(raw []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		i := 0
		for raw = space(raw[1:]); raw[0] != ']'; raw = afterComma(raw) {
			var v []byte
			if v, raw = value(raw); !yield(i, v) {
				return
			}
			i++
		}
	}
}

// afterComma returns valid JSON past the comma at its start, if there is one.
func afterComma(b []byte) []byte {
	if b[0] == ',' {
		return space(b[1:])
	}
	return b
}

// value splits valid JSON into the value at its start, and what follows it without leading space. It does not recurse.
func value(b []byte) (v, rest []byte) {
	i := 0
	switch b[0] {
	case '"':
		i = stringEnd(b)
	case '{', '[':
		i = closing(b)
	default:
		for i < len(b) && !strings.ContainsRune(",]}: \t\r\n", rune(b[i])) {
			i++
		}
	}
	return b[:i], space(b[i:])
}

// closing returns the end of the object or array at the start of valid JSON.
func closing(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// stringEnd returns the end of the string at the start of valid JSON.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// kindOf names the kind of a value in a sentence.
func kindOf(v []byte) string {
	if len(v) == 0 {
		return "nothing"
	}
	switch v[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

// isNull says whether a value is null, which means the same as leaving the field out.
func isNull(v []byte) bool { return len(v) > 0 && v[0] == 'n' }

// textOf reads a field that is a string or null.
func textOf(field string, v []byte) (string, *schemas.FieldError) {
	if isNull(v) {
		return "", nil
	}
	if len(v) == 0 || v[0] != '"' {
		return "", wrongf(field, "is %s; write a string", kindOf(v))
	}
	s, err := text(v)
	if err != nil {
		return "", wrongf(field, "%v", err)
	}
	return s, nil
}

// textsOf reads a field that is an array of ids, not an empty one.
func textsOf(field string, v []byte) ([]string, *schemas.FieldError) {
	if v[0] != '[' {
		return nil, wrongf(field, "is %s; write an array of strings", kindOf(v))
	}
	var texts []string
	for i, element := range elements(v) {
		place := fmt.Sprintf("%s[%d]", field, i)
		s, err := textOf(place, element)
		if err == nil {
			err = schemas.CheckID(place, s)
		}
		if err != nil {
			return nil, err
		}
		texts = append(texts, s)
	}
	if len(texts) == 0 {
		return nil, wrongf(field, "is empty; leave it out for all there are")
	}
	return texts, nil
}

// instantOf reads a field that is an RFC 3339 instant.
func instantOf(field string, v []byte) (schemas.Instant, *schemas.FieldError) {
	s, failed := textOf(field, v)
	if failed != nil {
		failed.Message += ", such as \"2026-03-02T09:00:00Z\""
		return 0, failed
	}
	at, err := schemas.ParseInstant(shorten(s))
	if err != nil {
		return 0, wrongf(field, "%v", err)
	}
	return at, nil
}

// text unquotes a valid JSON string, exactly: bytes that are no UTF-8 and halves of a surrogate pair are errors, where
// encoding/json would replace them.
func text(quoted []byte) (string, error) {
	inner := quoted[1 : len(quoted)-1]
	if !utf8.Valid(inner) {
		return "", fmt.Errorf("is not UTF-8; send UTF-8")
	}
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	if err := checkSurrogates(inner); err != nil {
		return "", err
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", fmt.Errorf("is not a string: %w", err)
	}
	return s, nil
}

// checkSurrogates finds an escape \uD800 to \uDFFF that is not half of a pair.
func checkSurrogates(inner []byte) error {
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' {
			continue
		}
		i++
		if inner[i] != 'u' {
			continue
		}
		r := escaped(inner[i+1:])
		i += 4
		if !utf16.IsSurrogate(r) {
			continue
		}
		next := inner[i+1:]
		if len(next) < 6 || next[0] != '\\' || next[1] != 'u' || utf16.DecodeRune(r, escaped(next[2:])) == utf8.RuneError {
			return fmt.Errorf("holds half a surrogate pair (\\u%04x); write the character itself", r)
		}
		i += 6
	}
	return nil
}

// escaped reads the four hex digits of a valid \u escape.
func escaped(b []byte) rune {
	v, err := strconv.ParseUint(string(b[:4]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(v)
}
