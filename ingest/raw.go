package ingest

import (
	"slices"
	"strings"
)

// SplitRaw splits the raw text of a fact into the state texts that meant nothing (schemas.Change, Raw). A text that
// itself holds "; status=" and the like cannot be distinguished from two.
func SplitRaw(raw string) []Unmapped {
	var out []Unmapped
	for _, part := range strings.Split(raw, "; ") {
		field, text, found := strings.Cut(part, "=")
		if found && slices.Contains([]string{"presence", "status", "routing", "secondary"}, field) {
			out = append(out, Unmapped{field, text})
		} else if n := len(out); n > 0 {
			out[n-1].Text += "; " + part
		}
	}
	return out
}
