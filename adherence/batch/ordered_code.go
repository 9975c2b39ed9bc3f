package batch

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"rollcall/schemas"
)

// encoder writes a day as numbers; texts that come again and again are numbers too.
type encoder struct {
	pile *pile
	out  []byte
}

func (e *encoder) number(vs ...int64) {
	for _, v := range vs {
		e.out = binary.AppendVarint(e.out, v)
	}
}

// word writes a text that is likely to come again.
func (e *encoder) word(text string) {
	p := e.pile
	n, known := p.words[text]
	if !known {
		n = uint64(len(p.list))
		p.words[text] = n
		p.list = append(p.list, text)
	}
	e.out = binary.AppendUvarint(e.out, n)
}

// text writes a text whole.
func (e *encoder) text(t string) {
	e.out = append(binary.AppendUvarint(e.out, uint64(len(t))), t...)
}

func (e *encoder) flag(v bool) {
	if v {
		e.number(1)
	} else {
		e.number(0)
	}
}

func (e *encoder) state(s *schemas.State) {
	e.number(int64(s.Presence), int64(s.Status), int64(s.Routing))
	e.word(s.Secondary)
}

func (e *encoder) row(d *schemas.DayRow) {
	e.word(d.AgentID)
	e.word(d.Name)
	e.word(d.Team)
	e.word(d.Site)
	e.word(d.TimeZone)
	e.word(d.Policy)
	e.number(int64(d.Day), int64(d.State), int64(d.AdherenceReason), int64(d.ConformanceReason), int64(d.KnownAt), int64(d.ComputedAt), int64(d.AsOf))
	e.flag(d.Absent)
	for _, v := range d.Lengths() {
		e.number(*v)
	}
	e.number(int64(len(d.Activities)))
	for i := range d.Activities {
		e.activity(&d.Activities[i])
	}
	e.number(int64(len(d.Intervals)))
	for i := range d.Intervals {
		v := &d.Intervals[i]
		e.number(int64(v.Start), v.End.Sub(v.Start), int64(v.Activity), int64(v.Verdict))
		e.flag(v.OnQueue)
		e.state(&v.State)
	}
	e.number(int64(len(d.Exceptions)))
	for i := range d.Exceptions {
		e.exception(&d.Exceptions[i])
	}
}

func (e *encoder) activity(a *schemas.Activity) {
	e.number(int64(a.Start), a.End.Sub(a.Start), int64(a.Category), int64(a.Line))
	e.flag(a.Paid)
	e.word(a.Code)
	e.text(a.Shift)
	e.text(a.Description)
}

func (e *encoder) exception(x *schemas.Exception) {
	e.number(int64(x.Start), x.End.Sub(x.Start), int64(x.Category), int64(x.Kind), x.MS)
	e.word(x.Code)
	e.number(int64(len(x.Parts)))
	for i := range x.Parts {
		p := &x.Parts[i]
		e.number(int64(p.Start), p.End.Sub(p.Start), int64(p.Impact))
		e.state(&p.State)
	}
}

// decoder reads what an encoder wrote, and keeps the first error.
type decoder struct {
	pile *pile
	in   *bytes.Reader
	err  error
}

func (d *decoder) number() int64 {
	v, err := binary.ReadVarint(d.in)
	d.keep(err)
	return v
}

func (d *decoder) keep(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *decoder) byte() uint8 { return uint8(d.number()) } //nolint:gosec // written from a byte

func (d *decoder) flag() bool { return d.number() == 1 }

func (d *decoder) instant() schemas.Instant { return schemas.Instant(d.number()) }

// count reads how many things follow; each takes at least a byte.
func (d *decoder) count() int {
	n := d.number()
	if n < 0 || n > int64(d.in.Len()) {
		d.keep(fmt.Errorf("a list of %d things in %d bytes", n, d.in.Len()))
		return 0
	}
	return int(n)
}

func (d *decoder) word() string {
	n, err := binary.ReadUvarint(d.in)
	d.keep(err)
	if n >= uint64(len(d.pile.list)) {
		d.keep(fmt.Errorf("text %d of %d", n, len(d.pile.list)))
		return ""
	}
	return d.pile.list[n]
}

func (d *decoder) text() string {
	n, err := binary.ReadUvarint(d.in)
	d.keep(err)
	if n == 0 || n > uint64(d.in.Len()) { //nolint:gosec // a length
		return ""
	}
	t := make([]byte, n)
	_, err = d.in.Read(t)
	d.keep(err)
	return string(t)
}

func (d *decoder) state() schemas.State {
	s := schemas.State{Presence: schemas.Presence(d.byte()), Status: schemas.Status(d.byte()), Routing: schemas.Routing(d.byte())}
	s.Secondary = d.word()
	return s
}

func (d *decoder) row(r *schemas.DayRow) {
	old := r.AgentDay
	*r = schemas.DayRow{}
	r.AgentID, r.Name, r.Team, r.Site, r.TimeZone, r.Policy = d.word(), d.word(), d.word(), d.word(), d.word(), d.word()
	r.Day, r.State = schemas.Date(d.number()), schemas.DayState(d.byte()) //nolint:gosec // written from a date
	r.AdherenceReason, r.ConformanceReason = schemas.Reason(d.byte()), schemas.Reason(d.byte())
	r.KnownAt, r.ComputedAt, r.AsOf = d.instant(), d.instant(), d.instant()
	r.Absent = d.flag()
	for _, v := range r.Lengths() {
		*v = d.number()
	}
	r.Activities = old.Activities[:0]
	for range d.count() {
		r.Activities = append(r.Activities, d.activity())
	}
	r.Intervals = old.Intervals[:0]
	for range d.count() {
		r.Intervals = append(r.Intervals, d.interval())
	}
	r.Exceptions = old.Exceptions[:0]
	for range d.count() {
		var parts []schemas.Part
		if n := len(r.Exceptions); n < cap(r.Exceptions) {
			parts = r.Exceptions[:n+1][n].Parts[:0]
		}
		r.Exceptions = append(r.Exceptions, d.exception(parts))
	}
}

func (d *decoder) activity() schemas.Activity {
	a := schemas.Activity{Start: d.instant()}
	a.End = a.Start.Add(d.number())
	a.Category, a.Line, a.Paid = schemas.Category(d.byte()), int(d.number()), d.flag()
	a.Code, a.Shift, a.Description = d.word(), d.text(), d.text()
	return a
}

func (d *decoder) interval() schemas.JudgedInterval {
	v := schemas.JudgedInterval{Start: d.instant()}
	v.End = v.Start.Add(d.number())
	v.Activity, v.Verdict = int32(d.number()), schemas.Verdict(d.byte()) //nolint:gosec // written from an int32
	v.OnQueue, v.State = d.flag(), d.state()
	return v
}

func (d *decoder) exception(parts []schemas.Part) schemas.Exception {
	x := schemas.Exception{Start: d.instant()}
	x.End = x.Start.Add(d.number())
	x.Category, x.Kind, x.MS, x.Code = schemas.Category(d.byte()), schemas.Kind(d.byte()), d.number(), d.word()
	for range d.count() {
		p := schemas.Part{Start: d.instant()}
		p.End = p.Start.Add(d.number())
		p.Impact, p.State = schemas.Impact(d.byte()), d.state()
		parts = append(parts, p)
	}
	x.Parts = parts
	return x
}
