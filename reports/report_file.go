package reports

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"rollcall/schemas"
)

// ReportFile is a report file that was read back: what it takes to make it again, and what it says of each agent-day.
type ReportFile struct {
	Query            Query
	MadeAt, JudgedAt schemas.Instant
	Hash             string
	// Columns names the figures that the file holds of a day, some of [comparedFigures].
	Columns []string
	// Text returns a text as the format of the file writes it.
	Text func(string) string
	// Clock returns an instant as the file writes it, in the zone of the day.
	Clock func(schemas.Instant, schemas.Zone) string

	days map[dayKey]*fileDay
	// twice is a day that the file holds more than once.
	twice *dayKey
}

type dayKey struct {
	day   schemas.Date
	agent string
}

type fileDay struct {
	cells      string // packed, in the order of Columns
	exceptions []string
	seen       bool
}

// pack writes texts one after the other, each behind its length: less memory than a list, and any text may be in it.
func pack(cells []string) string {
	n := 0
	for _, c := range cells {
		n += len(c) + 3
	}
	out := make([]byte, 0, n)
	for _, c := range cells {
		out = append(binary.AppendUvarint(out, uint64(len(c))), c...)
	}
	return string(out)
}

// unpack reads what pack wrote.
func unpack(s string) []string {
	var cells []string
	for s != "" {
		n, width := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
		s = s[width:]
		cells = append(cells, s[:n])
		s = s[n:]
	}
	return cells
}

// ErrNoReport says that a file is no report that can be made again.
var ErrNoReport = errors.New(
	"this is no adherence report made by rollcall, or the part that says how it was made is missing")

// AddDay adds an agent-day of the file; cells are in the order of Columns.
func (c *ReportFile) AddDay(day schemas.Date, agent string, cells []string) {
	d := c.day(day, agent)
	if d.cells != "" {
		c.twice = &dayKey{day, agent}
	}
	d.cells = pack(cells)
}

func exceptionText(start, end, kind, seconds string) string {
	return start + " to " + end + " " + kind + " " + seconds + " s"
}

// exceptionsOf writes the exceptions of a day as the file does.
func (c *ReportFile) exceptionsOf(d *Day) []string {
	var out []string
	for i := range d.Exceptions {
		e := &d.Exceptions[i]
		out = append(out, exceptionText(c.Clock(e.Start, d.Zone), c.Clock(e.End, d.Zone), e.Kind.String(),
			schemas.Seconds(e.MS).Text()))
	}
	return out
}

// AddException adds an exception of an agent-day as the file says it: start and end as ReportFile.Clock writes them,
// seconds as [schemas.Seconds.Text].
func (c *ReportFile) AddException(day schemas.Date, agent, start, end, kind, seconds string) {
	d := c.day(day, agent)
	d.exceptions = append(d.exceptions, exceptionText(start, end, kind, seconds))
}

// figureNames are the columns of a file that has all figures.
func figureNames() (names []string) {
	for _, f := range comparedFigures() {
		names = append(names, f.name)
	}
	return names
}

func (c *ReportFile) day(day schemas.Date, agent string) *fileDay {
	if c.days == nil {
		c.days = map[dayKey]*fileDay{}
	}
	k := dayKey{day, agent}
	d, ok := c.days[k]
	if !ok {
		d = &fileDay{}
		c.days[k] = d
	}
	return d
}

// AddAbout reads a line of what the report says of itself.
func (c *ReportFile) AddAbout(l AboutLine) error {
	switch l.Name {
	case hashName:
		c.Hash = strings.TrimSpace(l.Value)
	case questionName:
		var q questionJSON
		if err := json.Unmarshal([]byte(l.Value), &q); err != nil {
			return fmt.Errorf("%w: its line %q does not read: %w", ErrNoReport, questionName, err)
		}
		c.MadeAt, c.JudgedAt, c.Query = q.MadeAt, q.JudgedAt, q.Parameters.query()
	}
	return nil
}

// Check says whether everything is there that it takes to make the report again.
func (c *ReportFile) Check() error {
	switch {
	case c.Hash == "" || c.MadeAt == 0:
		return ErrNoReport
	case c.twice != nil:
		return fmt.Errorf("%w: agent %q is in it more than once on %s", ErrNoReport, c.twice.agent, c.twice.day)
	}
	if err := c.Query.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	return nil
}

func (p *parametersJSON) query() Query {
	q := Query{
		From:    p.From,
		To:      p.To,
		Teams:   p.Teams,
		Sites:   p.Sites,
		Agents:  p.Agents,
		Zone:    p.TimeZone,
		Against: p.Against,
		TeamsAs: p.TeamsAs,
	}
	if p.KnownAt != nil {
		q.KnownAt = *p.KnownAt
	}
	return q
}

// ReadCSV reads a report that [NewCSV] wrote. Memory grows with its agent-days.
func ReadCSV(in io.Reader) (*ReportFile, error) {
	c := &ReportFile{Columns: figureNames(),
		Text:  func(s string) string { return strings.ReplaceAll(SafeText(s), "\r", "") },
		Clock: func(t schemas.Instant, zone schemas.Zone) string { return zone.Format(t) }}
	r := csv.NewReader(withoutMark(in))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	for _, name := range append([]string{"record", "day", "agent_id", "start", "end", "kind", "seconds", "name", "value"},
		c.Columns...) {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("%w: its first line has no column %s", ErrNoReport, name)
		}
	}
	cells := make([]string, len(c.Columns))
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return c, c.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
		}
		if err := c.takeRecord(row, at, cells); err != nil {
			return nil, err
		}
	}
}

// takeRecord takes one record of a CSV file.
func (c *ReportFile) takeRecord(row []string, at map[string]int, cells []string) error {
	if row[at["record"]] == "about" {
		return c.AddAbout(AboutLine{strings.Clone(row[at["name"]]), strings.Clone(row[at["value"]])})
	}
	day, err := schemas.ParseDate(row[at["day"]])
	if err != nil {
		return fmt.Errorf("%w: %w; a program that opened the file may have saved it in its own way", ErrNoReport, err)
	}
	agent := strings.Clone(row[at["agent_id"]])
	if row[at["record"]] == "exception" {
		c.AddException(day, agent, row[at["start"]], row[at["end"]], row[at["kind"]], row[at["seconds"]])
		return nil
	}
	for i, name := range c.Columns {
		cells[i] = row[at[name]]
	}
	c.AddDay(day, agent, cells)
	return nil
}

// withoutMark passes over the byte-order mark that some programs put first.
func withoutMark(in io.Reader) io.Reader {
	r := bufio.NewReader(in)
	if mark, err := r.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = r.Discard(3) // they have just been seen
	}
	return r
}

// ReadJSON reads a report that [NewJSON] wrote. Memory grows with its agent-days.
func ReadJSON(in io.Reader) (*ReportFile, error) {
	c := &ReportFile{Columns: figureNames(), Text: func(s string) string { return string([]rune(s)) },
		Clock: func(t schemas.Instant, _ schemas.Zone) string { return t.String() }}
	dec := json.NewDecoder(withoutMark(in))
	dec.UseNumber()
	if err := c.readJSON(dec); err != nil {
		if errors.Is(err, ErrNoReport) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	return c, c.Check()
}

func (c *ReportFile) readJSON(dec *json.Decoder) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return cmp.Or(err, ErrNoReport)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		switch name {
		case "days":
			err = c.readDays(dec)
		case "parameters":
			var p parametersJSON
			err = dec.Decode(&p)
			c.Query = p.query()
		case "made_at":
			err = dec.Decode(&c.MadeAt)
		case "judged_at":
			err = dec.Decode(&c.JudgedAt)
		case "hash":
			err = dec.Decode(&c.Hash)
		default:
			var other json.RawMessage
			err = dec.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readDays reads the list of days one after the other.
func (c *ReportFile) readDays(dec *json.Decoder) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return cmp.Or(err, ErrNoReport)
	}
	cells := make([]string, len(c.Columns))
	for dec.More() {
		row := map[string]any{}
		if err := dec.Decode(&row); err != nil {
			return err
		}
		day, err := schemas.ParseDate(jsonText(row["day"]))
		if err != nil {
			return err
		}
		for i, name := range c.Columns {
			cells[i] = jsonText(row[name])
		}
		c.AddDay(day, jsonText(row["agent_id"]), cells)
		list, _ := row["exceptions"].([]any)
		for _, e := range list {
			x, _ := e.(map[string]any)
			c.AddException(day, jsonText(row["agent_id"]), jsonText(x["start"]), jsonText(x["end"]), jsonText(x["kind"]),
				jsonText(x["seconds"]))
		}
	}
	_, err := dec.Token()
	return err
}

// jsonText returns a text or a number as it stands in the file; null is empty.
func jsonText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
