package files

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"

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
	return "", schemas.NotAmong(s, names)
}

// LayoutOf returns the columns of the kind of that name.
func LayoutOf(kind string) (rows.Layout, error) {
	k, err := ParseKind(kind)
	return k.layout(), err
}

//go:embed templates/*.csv
var templateFiles embed.FS

// TemplateOf returns the template of a kind. Together the examples are a small centre: imported in the order of [Kinds]
// they fit each other.
func TemplateOf(k Kind) (rows.Template, error) {
	data, err := templateFiles.ReadFile("templates/" + string(k) + ".csv")
	if err != nil {
		return rows.Template{}, fmt.Errorf("there is no template for %q", k)
	}
	layout := k.layout()
	t := rows.Template{Kind: string(k), About: k.table().about}
	all, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return t, fmt.Errorf("template of %s: %w", k, err)
	}
	for _, name := range all[0] {
		t.Columns = append(t.Columns, *layout.Find(name))
	}
	t.Examples = all[1:]
	return t, nil
}

// kindTable is what a kind's files have. The readers know the columns by their place here.
type kindTable struct {
	columns  []rows.Column
	required [][]string
	about    []string
}

func (k Kind) layout() rows.Layout {
	t := k.table()
	return rows.Layout{Kind: string(k), Columns: t.columns, Required: t.required}
}

// table returns the table of the kind; an empty one for a kind that there is not.
func (k Kind) table() kindTable {
	tables := map[Kind]func() kindTable{
		Roster:       rosterTable,
		Activities:   activitiesTable,
		Statuses:     statusesTable,
		Schedule:     scheduleTable,
		Status:       statusTable,
		Gaps:         gapsTable,
		Requirements: requirementsTable,
	}
	if of := tables[k]; of != nil {
		return of()
	}
	return kindTable{}
}
