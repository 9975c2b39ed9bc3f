package schemas

// fingerprint mixes numbers and texts into 64 bits.
type fingerprint uint64

func (f *fingerprint) add(v uint64) {
	x := (uint64(*f) ^ v) * 0x9e3779b97f4a7c15
	*f = fingerprint(x ^ x>>29)
}

func (f *fingerprint) span(start, end Instant) {
	f.add(uint64(start)) //nolint:gosec // the bits are meant
	f.add(uint64(end))   //nolint:gosec // the bits are meant
}

func (f *fingerprint) text(s string) {
	f.add(uint64(len(s)))
	for len(s) >= 8 {
		f.add(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 |
			uint64(s[6])<<48 | uint64(s[7])<<56)
		s = s[8:]
	}
	rest := uint64(0)
	for i := range len(s) {
		rest = rest<<8 | uint64(s[i])
	}
	f.add(rest)
}

func (f *fingerprint) state(s State, more uint64) {
	f.add(uint64(s.Presence) | uint64(s.Status)<<8 | uint64(s.Routing)<<16 | more<<24)
	if s.Secondary != "" {
		f.text(s.Secondary)
	}
}

// Fingerprint returns 64 bits that depend on everything that was judged of the day: sums, reasons, activities,
// intervals and exceptions. Two judgements with the same result have the same one, on every machine and in every
// version that judges alike; different results have different ones but for a chance of 2^-64. It is for telling whether
// a stored day has changed, and no proof against somebody who makes days up: a report's hash is SHA-256 (RULES.md
// section 10).
func (d *AgentDay) Fingerprint() uint64 {
	f := fingerprint(len(d.Intervals))
	for _, v := range d.Lengths() {
		f.add(uint64(*v)) //nolint:gosec // the bits are meant
	}
	f.add(uint64(d.AdherenceReason)<<8 | uint64(d.ConformanceReason)<<16 | truth(d.Absent))
	f.activities(d.Activities)
	for i := range d.Intervals {
		v := &d.Intervals[i]
		f.span(v.Start, v.End)
		//nolint:gosec // the bits are meant
		f.state(v.State, uint64(v.Verdict)|truth(v.OnQueue)<<7|uint64(uint32(v.Activity))<<8)
	}
	f.add(uint64(len(d.Exceptions)))
	for i := range d.Exceptions {
		f.exception(&d.Exceptions[i])
	}
	return uint64(f)
}

func (f *fingerprint) activities(acts []Activity) {
	f.add(uint64(len(acts)))
	for i := range acts {
		a := &acts[i]
		f.span(a.Start, a.End)
		f.add(uint64(a.Category)<<1 | truth(a.Paid))
		f.text(a.Code)
		f.text(a.Shift)
	}
}

func (f *fingerprint) exception(e *Exception) {
	f.span(e.Start, e.End)
	f.add(uint64(e.Category) | uint64(e.Kind)<<8 | uint64(len(e.Parts))<<16)
	f.add(uint64(e.MS)) //nolint:gosec // the bits are meant
	f.text(e.Code)
	for k := range e.Parts {
		p := &e.Parts[k]
		f.span(p.Start, p.End)
		f.state(p.State, uint64(p.Impact))
	}
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
