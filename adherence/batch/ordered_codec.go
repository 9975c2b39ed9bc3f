package batch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// codec writes a day as numbers, or reads it back: every method does the one or the other with what it is given, so
// that the layout is described once. Texts that come again and again are numbers too.
type codec struct {
	spill *spill
	// out takes what is written; in, if it is set, is read instead, and err is the first error.
	out []byte
	in  *bytes.Reader
	err error
}

func number[T ~int64 | ~int32 | ~uint8 | int](c *codec, vs ...*T) {
	for _, v := range vs {
		if c.in == nil {
			c.out = binary.AppendVarint(c.out, int64(*v))
			continue
		}
		n, err := binary.ReadVarint(c.in)
		c.fail(err)
		*v = T(n) //nolint:gosec // written from a T
	}
}

func (c *codec) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// size returns a length that is written, or the one that is read.
func (c *codec) size(n int) int {
	if c.in == nil {
		c.out = binary.AppendUvarint(c.out, uint64(n)) //nolint:gosec // a length
		return n
	}
	v, err := binary.ReadUvarint(c.in)
	c.fail(err)
	return int(v) //nolint:gosec // callers check it
}

// words are texts that are likely to come again.
func (c *codec) words(texts ...*string) {
	p := c.spill
	for _, text := range texts {
		if c.in == nil {
			n, known := p.words[*text]
			if !known {
				n = len(p.list)
				p.words[*text] = n
				p.list = append(p.list, *text)
			}
			c.size(n)
			continue
		}
		at := c.size(0)
		if *text = ""; at < 0 || at >= len(p.list) {
			c.fail(fmt.Errorf("text %d of %d", at, len(p.list)))
			continue
		}
		*text = p.list[at]
	}
}

// text is one that is not.
func (c *codec) text(t *string) {
	n := c.size(len(*t))
	if c.in == nil {
		c.out = append(c.out, *t...)
		return
	}
	if n = c.fits(n); n == 0 {
		*t = ""
		return
	}
	b := make([]byte, n)
	_, err := c.in.Read(b)
	c.fail(err)
	*t = string(b)
}

// fits returns n, or 0 where so much cannot follow: each thing takes at least a byte.
func (c *codec) fits(n int) int {
	if n < 0 || n > c.in.Len() {
		c.fail(fmt.Errorf("a list of %d things in %d bytes", n, c.in.Len()))
		return 0
	}
	return n
}

func (c *codec) flag(v *bool) {
	var n uint8
	if *v {
		n = 1
	}
	if number(c, &n); c.in != nil {
		*v = n == 1
	}
}

// stretch is a start and a length.
func (c *codec) stretch(start, end *schemas.Instant) {
	number(c, start)
	ms := end.Sub(*start)
	if number(c, &ms); c.in != nil {
		*end = start.Add(ms)
	}
}

// list is a number of things, read into the memory of those that were there.
func list[T any](c *codec, things *[]T, one func(c *codec, thing *T)) {
	n := c.size(len(*things))
	if c.in != nil {
		*things = slices.Grow((*things)[:0], c.fits(n))[:c.fits(n)]
	}
	for i := range *things {
		one(c, &(*things)[i])
	}
}

func (c *codec) row(d *schemas.DayRow) {
	if c.in != nil {
		*d = schemas.DayRow{AgentDay: schemas.AgentDay{Activities: d.Activities, Intervals: d.Intervals,
			Exceptions: d.Exceptions}}
	}
	c.words(&d.AgentID, &d.Name, &d.Team, &d.Site, &d.TimeZone, &d.Policy)
	number(c, &d.Day)
	number(c, &d.State)
	number(c, &d.AdherenceReason, &d.ConformanceReason)
	number(c, &d.KnownAt, &d.ComputedAt, &d.AsOf)
	c.flag(&d.Absent)
	for _, v := range d.Lengths() {
		number(c, v)
	}
	list(c, &d.Activities, (*codec).activity)
	list(c, &d.Intervals, (*codec).interval)
	list(c, &d.Exceptions, (*codec).exception)
}

func (c *codec) activity(a *schemas.Activity) {
	c.stretch(&a.Start, &a.End)
	number(c, &a.Category)
	number(c, &a.Line)
	c.flag(&a.Paid)
	c.words(&a.Code)
	c.text(&a.Shift)
	c.text(&a.Description)
}

func (c *codec) interval(v *schemas.JudgedInterval) {
	c.stretch(&v.Start, &v.End)
	number(c, &v.Activity)
	number(c, &v.Verdict)
	c.flag(&v.OnQueue)
	c.state(&v.State)
}

func (c *codec) exception(x *schemas.Exception) {
	c.stretch(&x.Start, &x.End)
	number(c, &x.Category)
	number(c, &x.Kind)
	number(c, &x.MS)
	c.words(&x.Code)
	list(c, &x.Parts, (*codec).part)
}

func (c *codec) part(p *schemas.Part) {
	c.stretch(&p.Start, &p.End)
	number(c, &p.Impact)
	c.state(&p.State)
}

func (c *codec) state(s *schemas.State) {
	number(c, &s.Presence)
	number(c, &s.Status)
	number(c, &s.Routing)
	c.words(&s.Secondary)
}
