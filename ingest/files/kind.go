package files

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Kind is what a file holds.
type Kind string

// The kinds of files.
const (
	Roster     Kind = "roster"
	Activities Kind = "activities"
	Statuses   Kind = "statuses"
	Schedule   Kind = "schedule"
	Status     Kind = "status"
	Gaps       Kind = "gaps"

	Requirements Kind = "requirements"
)

// Kinds lists all kinds of files, in the order in which they are imported into an empty store.
func Kinds() []Kind {
	return []Kind{Roster, Activities, Statuses, Schedule, Status, Gaps, Requirements}
}

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	if slices.Contains(Kinds(), Kind(s)) {
		return Kind(s), nil
	}
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	err := fmt.Errorf("%q is none of %s", s, strings.Join(names, ", "))
	if near := schemas.Nearest(s, names); near != "" {
		err = fmt.Errorf("%w; did you mean %q?", err, near)
	}
	return "", err
}

// LayoutOf returns the columns of the kind of that name.
func LayoutOf(kind string) (rows.Layout, error) {
	k, err := ParseKind(kind)
	return k.table().Layout, err
}

// TemplateOf returns the template of a kind. Together the examples are a small centre: imported in the order of [Kinds]
// they fit each other.
func TemplateOf(k Kind) (rows.Template, error) {
	table := k.table()
	t := rows.Template{Kind: string(k), About: table.about, Columns: table.Columns, Examples: table.examples}
	if table.template != nil {
		t.Columns = nil
		for _, name := range table.template {
			t.Columns = append(t.Columns, *table.Find(name))
		}
	}
	if len(t.Columns) == 0 {
		return rows.Template{}, fmt.Errorf("there is no template for %q", k)
	}
	return t, nil
}

// kindTable is what a kind's files have. The readers know the columns by their place here.
type kindTable struct {
	rows.Layout
	about []string
	// template are the columns of the template, in its order; nil where it has them all.
	template []string
	examples [][]string
}

// table returns the table of the kind; an empty one for a kind that there is not.
func (k Kind) table() kindTable {
	var t kindTable
	switch k {
	case Roster:
		t = rosterTable()
	case Activities:
		t = activitiesTable()
	case Statuses:
		t = statusesTable()
	case Schedule:
		t = scheduleTable()
	case Status:
		t = statusTable()
	case Gaps:
		t = gapsTable()
	case Requirements:
		t = requirementsTable()
	}
	t.Kind = string(k)
	return t
}
