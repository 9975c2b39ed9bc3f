package httpin

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"rollcall/schemas"
)

// read returns the body of a request, unpacked. Its media type does not matter: the first byte decides.
func (g *gate) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	in := http.MaxBytesReader(w, r.Body, g.mostBytes)
	switch coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, g.unread(0, err)
		}
		in = http.MaxBytesReader(nil, unpacked, g.mostBytes)
	default:
		return nil, schemas.NewProblem(http.StatusUnsupportedMediaType,
			fmt.Sprintf("content encoding %.40q is not known here; send gzip, or the body as it is", coding))
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, g.unread(len(raw), err)
	}
	return raw, nil
}

// unread makes the problem of a body of which only the first n bytes could be read.
func (g *gate) unread(n int, err error) error {
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return schemas.NewProblem(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body has more than %d bytes; send it in parts", g.mostBytes))
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, new(flate.CorruptInputError)):
		return schemas.NewProblem(http.StatusBadRequest, "the body is not valid gzip: "+err.Error())
	default:
		return unparsable(n, fmt.Sprintf("the body broke off (%v)", err))
	}
}

// value reads a body that is one JSON value; an empty one stands for {} where it may be empty.
func (g *gate) value(w http.ResponseWriter, r *http.Request, mayBeEmpty bool) ([]byte, error) {
	raw, err := g.read(w, r)
	if err != nil {
		return nil, err
	}
	if mayBeEmpty && len(space(raw)) == 0 {
		return []byte("{}"), nil
	}
	return raw, syntax(raw, 0, len(raw)-1)
}

// start returns a body from its first byte that is no space, past a byte order mark, and how many bytes it skipped. The
// first byte must be one of those given; otherwise the problem says what the body does not begin and what to send.
func start(raw []byte, first, what, send string) (v []byte, skipped int, err error) {
	v = space(bytes.TrimPrefix(raw, []byte("\ufeff")))
	skipped = len(raw) - len(v)
	switch {
	case len(v) == 0:
		err = unparsable(skipped, "the body is empty; send "+send)
	case !strings.ContainsRune(first, rune(v[0])):
		err = unparsable(skipped, fmt.Sprintf("%q begins %s", rune(v[0]), what))
	}
	return v, skipped, err
}

// syntax returns the problem of the first place where v, which follows the skipped bytes of the body, is not one JSON
// value; nil where it is. A value that is cut off is reported at the offset end of v.
func syntax(v []byte, skipped, end int) error {
	if json.Valid(v) {
		return nil
	}
	var wrong *json.SyntaxError
	if err := json.Unmarshal(v, new(json.RawMessage)); !errors.As(err, &wrong) {
		return unparsable(skipped+max(end, 0), fmt.Sprint(err))
	}
	switch what := wrong.Error(); {
	case strings.HasPrefix(what, "unexpected end"):
		return unparsable(skipped+max(end, 0), "the body ends in the middle of a value")
	case strings.HasSuffix(what, "after top-level value"):
		_, kind, _ := strings.Cut(kindOf(space(v)), " ")
		return unparsable(skipped+int(wrong.Offset)-1, "something follows the "+kind)
	default:
		at := int(wrong.Offset) - 1
		found, _ := utf8.DecodeRune(v[at:])
		return unparsable(skipped+at, fmt.Sprintf("%q is not JSON there", found))
	}
}

// unparsable is the problem of a body whose syntax is wrong at a byte offset, counted from 0 in the unpacked body.
func unparsable(offset int, what string) *schemas.Problem {
	return schemas.NewProblem(http.StatusBadRequest,
		fmt.Sprintf("%s at byte %d; nothing of the body was accepted", what, offset),
		schemas.ProblemDetail{Location: "body", Message: what, Value: int64(offset)})
}

// broken is the problem of a rule that a field breaks.
func broken(where string, err *schemas.FieldError) *schemas.Problem {
	location := strings.TrimSuffix(where+"."+err.Field, ".")
	return schemas.NewProblem(http.StatusUnprocessableEntity, strings.TrimPrefix(err.Error(), ": "),
		schemas.ProblemDetail{Location: location, Message: err.Message})
}

// wrongf is the error of a field that breaks a rule.
func wrongf(field, format string, args ...any) *schemas.FieldError {
	return &schemas.FieldError{Field: field, Message: fmt.Sprintf(format, args...)}
}

// missing is the error of an instant that must be given.
func missing(field string) *schemas.FieldError {
	return wrongf(field, `is missing; give an instant such as "2026-03-02T09:00:00Z"`)
}
