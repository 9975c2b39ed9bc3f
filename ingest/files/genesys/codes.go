package genesys

import "rollcall/ingest/files/rows"

// Columns of activity codes, and of the presences in them.
const (
	cellCode = iota
	cellCategory
	cellPaid
	cellShrinkage

	cellSecondary = 0
	cellStatus    = 1
)

// codes are activity codes. The id is the code, because schedules name it and it stays when a code is renamed; built-in
// codes have no name at all.
func codes() *layout {
	return &layout{kind: Codes, list: "entities", bare: true, read: (*File).readCode, columns: []column{
		{"code", "id"}, {"category", "category"}, {"paid", "countsAsPaidTime"},
		{"counts_as_shrinkage", "countsTowardShrinkage"}}}
}

func (f *File) readCode() error {
	r := f.add("", -1, 0)
	return f.object(r, "", func(key []byte) error {
		switch string(key) {
		case "id":
			return f.cell(r, cellCode)
		case "category":
			return f.cell(r, cellCategory)
		case "countsAsPaidTime":
			return f.choice(r, cellPaid)
		case "countsTowardShrinkage":
			return f.choice(r, cellShrinkage)
		}
		return f.text.skip()
	})
}

// presences are the secondary presences of activity codes: each belongs to the status of the code's category. A code
// whose category is no status (time off, unavailable) has none, and adds no rows.
func presences() *layout {
	return &layout{kind: Presences, list: "entities", bare: true, read: (*File).readCodePresences, columns: []column{
		{"secondary", "id"}, {"status", "/category"}}}
}

func (f *File) readCodePresences() error {
	code := row{shift: -1}
	f.text.peek()
	code.spot = f.text.spot()
	err := f.object(&code, "", func(key []byte) error {
		switch string(key) {
		case "category":
			return f.cell(&code, cellStatus)
		case "secondaryPresences":
			return f.each("secondaryPresences", -1, func(r *row) error {
				return f.object(r, "", func(key []byte) error {
					if string(key) == "id" {
						return f.cell(r, cellSecondary)
					}
					return f.text.skip()
				})
			})
		}
		return f.text.skip()
	})
	if err != nil {
		return err
	}
	category := code.cells[cellStatus]
	status := statusOf(string(f.textOf(category)))
	if status == "" && len(code.problems) == 0 {
		f.rows = f.rows[:0]
		return nil
	}
	named := f.put([]byte(status), category.spot)
	for i := range f.rows {
		f.rows[i].cells[cellStatus] = named
	}
	if len(code.problems) > 0 {
		f.rows = append(f.rows, code)
	}
	return nil
}

// statusOf returns the status in which an agent does what is scheduled under the category of Genesys Cloud; empty where
// there is none.
func statusOf(category string) string {
	switch folded := rows.FoldLetters(category); folded {
	case "onqueuework":
		return "available"
	case "offqueuework":
		return "off_queue"
	case "break", "meal", "meeting", "training":
		return folded
	}
	return ""
}
