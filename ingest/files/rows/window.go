package rows

import (
	"bufio"
	"errors"
	"io"
)

// Window is the part of a stream that a reader holds: what it has not yet read of it, in memory that does not grow.
type Window struct {
	// B are the bytes that are held. What was read is cut off at their beginning.
	B []byte
	r *bufio.Reader
	// err is why there are no more, io.EOF at the end.
	err error
}

// NewWindow holds up to size bytes of the stream.
func NewWindow(r io.Reader, size int) Window { return Window{r: bufio.NewReaderSize(r, size)} }

// Fill holds more behind B, which may move in memory; false where there is no more.
func (w *Window) Fill() bool {
	if w.err != nil {
		return false
	}
	held := len(w.B)
	_, _ = w.r.Discard(w.r.Buffered() - held) // they are there
	_, w.err = w.r.Peek(held + 1)
	w.B, _ = w.r.Peek(w.r.Buffered()) // they are there
	return len(w.B) > held
}

// Ended says that nothing comes behind B.
func (w *Window) Ended() bool { return w.err != nil }

// Failure is what reading failed with, if it did.
func (w *Window) Failure() error {
	if errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
