package httpin

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"rollcall/schemas"
)

// body reads a request's body, unpacked, and counts it.
type body struct {
	from  io.Reader
	limit int64
	read  int64
	// ended says that the body was read to its proper end.
	ended bool
}

// errTooLong says that a body has more bytes than it may.
var errTooLong = errors.New("the body is too long")

// errPacking says that a body is not the gzip that it claims to be.
var errPacking = errors.New("the body is not valid gzip")

// open gives the body of a request, plain or gzip. Its media type does not matter: the first byte tells.
func (h *Handlers) open(w http.ResponseWriter, r *http.Request) (*body, error) {
	sent := http.MaxBytesReader(w, r.Body, h.cfg.MaxBodyBytes)
	switch coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); coding {
	case "", "identity":
		return &body{from: sent, limit: h.cfg.MaxBodyBytes}, nil
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(sent)
		if err != nil {
			return nil, h.unread(nil, packing(err))
		}
		return &body{from: unpacked, limit: h.cfg.MaxBodyBytes}, nil
	default:
		return nil, schemas.NewProblem(http.StatusUnsupportedMediaType,
			fmt.Sprintf("content encoding %.40q is not known here; send gzip, or the body as it is", coding))
	}
}

// Read gives unpacked bytes up to the limit.
func (b *body) Read(p []byte) (int, error) {
	if room := b.limit - b.read; int64(len(p)) > room {
		p = p[:room+1] // one more tells whether there is more
	}
	n, err := b.from.Read(p)
	b.read += int64(n)
	if b.read > b.limit {
		return n, errTooLong
	}
	b.ended = b.ended || errors.Is(err, io.EOF)
	return n, packing(err)
}

// packing marks what gzip complains of.
func packing(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(fmt.Sprint(err), "flate:") {
		return fmt.Errorf("%w: %w", errPacking, err)
	}
	return err
}

// unread makes the problem of a body that could not be read to its end. at is how far it was understood.
func (h *Handlers) unread(b *body, err error) error {
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, errTooLong), errors.As(err, &tooLong):
		return schemas.NewProblem(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body has more than %d bytes; send it in parts", h.cfg.MaxBodyBytes))
	case errors.Is(err, errPacking):
		return schemas.NewProblem(http.StatusBadRequest, err.Error())
	case b == nil:
		return schemas.NewProblem(http.StatusBadRequest, "the body ends before it begins: "+err.Error())
	default:
		return unparsable(b.read, fmt.Sprintf("the body broke off (%v)", err))
	}
}

// unparsable is the problem of a body whose syntax is wrong at a byte offset, counted from 0 in the unpacked body.
func unparsable(offset int64, what string) *schemas.Problem {
	return schemas.NewProblem(http.StatusBadRequest, fmt.Sprintf("%s at byte %d; nothing of the body was accepted", what, offset),
		schemas.ProblemDetail{Location: "body", Message: what, Value: offset})
}
