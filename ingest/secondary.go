package ingest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/schemas"
)

// Statuses lists the organisation's secondary statuses, by status and then by label.
func (m *Mapping) Statuses() []schemas.SecondaryStatus {
	if m == nil {
		return nil
	}
	return slices.SortedFunc(maps.Values(m.exact), func(a, b schemas.SecondaryStatus) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Secondary, b.Secondary))
	})
}

// labels lists the labels under a status, in order; with StatusNone all there are.
func (m *Mapping) labels(status schemas.Status) (labels []string) {
	for _, s := range m.Statuses() {
		if status == schemas.StatusNone || s.Status == status {
			labels = append(labels, s.Secondary)
		}
	}
	slices.Sort(labels)
	return labels
}

// Choose finds the secondary status that a person names by a label, in any spelling. With a status the
// label must belong to it; with StatusNone it brings its own. The error lists what could be chosen.
func (m *Mapping) Choose(status schemas.Status, label string) (schemas.SecondaryStatus, *schemas.FieldError) {
	s, ok := m.secondary(label)
	if ok && (status == schemas.StatusNone || status == s.Status) {
		return s, nil
	}
	wrong := &schemas.FieldError{Field: "secondary", Message: fmt.Sprintf("%.130q is no secondary status here", label)}
	if ok {
		wrong.Message = fmt.Sprintf("%q belongs to status %s, not to %s", s.Secondary, s.Status, status)
	}
	labels := m.labels(status)
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
