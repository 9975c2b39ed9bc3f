package rows

import (
	"encoding/csv"
	"io"
	"slices"
)

// Form is what the texts of a column are.
type Form uint8

// The forms of columns.
const (
	FormText    Form = iota
	FormDate         // 2026-03-02
	FormTime         // 09:00
	FormInstant      // 2026-03-02 09:00, local time
	FormNumber
)

// Column is one column of a kind of file.
type Column struct {
	Name string
	Form Form
	// Needed columns are filled in every row of a template.
	Needed bool
	// Note says what belongs there.
	Note string
	// Choices are all that may be chosen; nil where anything may be written.
	Choices []string
}

// Layout is what the rows of a kind of file have.
type Layout struct {
	// Kind is the name of the kind, such as schedule.
	Kind    string
	Columns []Column
	// Required are sets of columns, of which one has to be complete.
	Required [][]string
}

// Names lists the columns.
func (l *Layout) Names() []string {
	names := make([]string, len(l.Columns))
	for i := range l.Columns {
		names[i] = l.Columns[i].Name
	}
	return names
}

// Find returns the column of the name; nil where the kind has none.
func (l *Layout) Find(name string) *Column {
	if i := slices.IndexFunc(l.Columns, func(c Column) bool { return c.Name == name }); i >= 0 {
		return &l.Columns[i]
	}
	return nil
}

// Lacks returns what is missing to the required set that lacks fewest columns.
func (l *Layout) Lacks(has func(column string) bool) []string {
	var missing []string
	for i, set := range l.Required {
		lacks := slices.DeleteFunc(slices.Clone(set), has)
		if i == 0 || len(lacks) < len(missing) {
			missing = lacks
		}
	}
	return missing
}

// Template is a file of a kind to begin with: its header and examples that can be imported as they stand. It is written
// as CSV here and as a workbook by reports/xlsx.
type Template struct {
	Kind string
	// About says in a few sentences what the file is and what an import of it does.
	About   []string
	Columns []Column
	// Examples are rows, a text per column, in the form that the readers take.
	Examples [][]string
}

// WriteCSV writes header and examples.
func (t *Template) WriteCSV(w io.Writer) error {
	columns := Layout{Columns: t.Columns}
	return csv.NewWriter(w).WriteAll(append([][]string{columns.Names()}, t.Examples...))
}
