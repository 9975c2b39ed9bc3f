package ingest

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// Secondaries lists the organisation's labels under a status, in order; with StatusNone all there are.
func (w *Mapping) Secondaries(status schemas.Status) []string {
	labels := []string{}
	if w == nil {
		return labels
	}
	for label, s := range w.exact {
		if status == schemas.StatusNone || s.Status == status {
			labels = append(labels, label)
		}
	}
	slices.Sort(labels)
	return labels
}

// Choose finds the secondary status that a person names by a label, in any spelling of its letters. With a status the
// label must belong to it; with StatusNone it brings its own. The error lists what could be chosen.
func (w *Mapping) Choose(status schemas.Status, label string) (schemas.SecondaryStatus, *schemas.FieldError) {
	s, ok := w.secondary(label)
	if ok && (status == schemas.StatusNone || status == s.Status) {
		return s, nil
	}
	wrong := &schemas.FieldError{Field: "secondary", Message: fmt.Sprintf("%.130q is no secondary status here", label)}
	if ok {
		wrong.Message = fmt.Sprintf("%q belongs to status %s, not to %s", s.Secondary, s.Status, status)
	}
	labels := w.Secondaries(status)
	near := ""
	if len(label) <= schemas.MaxIDBytes {
		near = schemas.Nearest(label, labels)
	}
	switch {
	case len(labels) == 0 && status == schemas.StatusNone:
		wrong.Message += "; the organisation has none, leave it out"
	case len(labels) == 0:
		wrong.Message += fmt.Sprintf("; %s has none, leave it out", status)
	case near != "":
		wrong.Message += fmt.Sprintf("; did you mean %q?", near)
	default:
		wrong.Message += "; there are " + strings.Join(labels[:min(len(labels), mostListed)], ", ")
	}
	return schemas.SecondaryStatus{}, wrong
}

// mostListed is how many labels a message lists.
const mostListed = 20
