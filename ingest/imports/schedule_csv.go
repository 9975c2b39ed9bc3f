package imports

import (
	"encoding/csv"
	"io"
	"strconv"
)

// CSV writes scheduled activities in the layout in which schedules are imported, so that importing
// what was written is no change.
type CSV struct {
	w    *csv.Writer
	line []string
}

// NewCSV begins with the header.
func NewCSV(w io.Writer) (*CSV, error) {
	c := &CSV{w: csv.NewWriter(w)}
	return c, c.w.Write([]string{"agent_id", "activity", "start", "end", "category", "shift", "paid", "description"})
}

// Write writes one activity.
func (c *CSV) Write(s *Shown) error {
	c.line = append(c.line[:0], s.AgentID, s.Code, s.Start.String(), s.End.String(), s.Category.String(), s.Shift,
		strconv.FormatBool(s.Paid), s.Description)
	return c.w.Write(c.line)
}

// Close writes what is still held back.
func (c *CSV) Close() error {
	c.w.Flush()
	return c.w.Error()
}
