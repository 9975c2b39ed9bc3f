package files

// genesysCodes are activity codes. The id is the code, because schedules name it and it stays when a code is
// renamed; built-in codes have no name at all.
func genesysCodes() *genesysLayout {
	return &genesysLayout{kind: Activities, list: "entities", bare: true, read: (*genesysFile).readCode, keys: map[int]string{
		codeCode: "id", codeCategory: "category", codePaid: "countsAsPaidTime", codeShrinkage: "countsTowardShrinkage"}}
}

func (g *genesysFile) readCode() error {
	row := g.add("", -1, 0)
	return g.object(row, "", func(key []byte) error {
		switch string(key) {
		case "id":
			return g.cell(row, codeCode, false)
		case "category":
			return g.cell(row, codeCategory, false)
		case "countsAsPaidTime":
			return g.cell(row, codePaid, true)
		case "countsTowardShrinkage":
			return g.cell(row, codeShrinkage, true)
		}
		return g.text.skip()
	})
}

// genesysStatuses are the secondary presences of activity codes: each belongs to the status of the code's category. A code
// whose category is no status (time off, unavailable) has none, and adds no rows.
func genesysStatuses() *genesysLayout {
	return &genesysLayout{kind: Statuses, list: "entities", bare: true, read: (*genesysFile).readCodePresences, keys: map[int]string{
		statusesSecondary: "id", statusesStatus: "/category"}}
}

func (g *genesysFile) readCodePresences() error {
	code := genesysRow{shift: -1}
	g.text.peek()
	code.spot = g.text.spot()
	err := g.object(&code, "", func(key []byte) error {
		switch string(key) {
		case "category":
			return g.cell(&code, statusesStatus, false)
		case "secondaryPresences":
			return g.list("secondaryPresences", -1, func(i int) error {
				row := g.add("secondaryPresences", -1, i)
				if row == nil {
					return g.text.skip()
				}
				return g.object(row, "", func(key []byte) error {
					if string(key) == "id" {
						return g.cell(row, statusesSecondary, false)
					}
					return g.text.skip()
				})
			})
		}
		return g.text.skip()
	})
	if err != nil {
		return err
	}
	category := code.cells[statusesStatus]
	status, has := statusOfCategory(string(g.room[category.from:category.to]))
	if !has && len(code.problems) == 0 {
		g.rows = g.rows[:0]
		return nil
	}
	cell := g.keep([]byte(status), category.spot)
	for i := range g.rows {
		g.rows[i].cells[statusesStatus] = cell
	}
	if len(code.problems) > 0 {
		code.list = ""
		g.rows = append(g.rows, code)
	}
	return nil
}

// statusOfCategory gives the status in which an agent does what is scheduled under the category of Genesys Cloud.
func statusOfCategory(category string) (string, bool) {
	switch letters(category) {
	case "onqueuework":
		return "available", true
	case "offqueuework":
		return "off_queue", true
	case "break", "meal", "meeting", "training":
		return letters(category), true
	}
	return "", false
}

// genesysProblems is a row function that first tells what reading a row of Genesys Cloud found.
func genesysProblems(t *table, row func()) func() {
	g, ok := t.src.(*genesysFile)
	if !ok {
		return row
	}
	return func() {
		if !g.told(t) {
			row()
		}
	}
}
