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
	return &layout{
		kind: Codes,
		list: "entities",
		bare: true,
		columns: []column{{"code", "id"}, {"category", "category"}, {"paid", "countsAsPaidTime"},
			{"counts_as_shrinkage", "countsTowardShrinkage"}},
		members: map[string]member{"id": text(cellCode), "category": text(cellCategory),
			"countsAsPaidTime": choice(cellPaid), "countsTowardShrinkage": choice(cellShrinkage)},
		read: func(f *File) error { return f.fields(f.add("", -1, 0)) },
	}
}

// presences are the secondary presences of activity codes: each belongs to the status of the code's category. A code
// whose category is no status (time off, unavailable) has none, and adds no rows.
func presences() *layout {
	return &layout{
		kind:    Presences,
		list:    "entities",
		bare:    true,
		columns: []column{{"secondary", "id"}, {"status", "/category"}},
		members: map[string]member{"id": text(cellSecondary)},
		read:    (*File).readCodePresences,
	}
}

func (f *File) readCodePresences() error {
	code := row{shift: -1}
	f.text.Peek()
	code.spot = f.text.Place()
	err := f.object(&code, "", func(key []byte) error {
		switch string(key) {
		case "category":
			return f.cell(&code, cellStatus)
		case "secondaryPresences":
			return f.each("secondaryPresences", -1, f.fields)
		}
		return f.text.Skip()
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
