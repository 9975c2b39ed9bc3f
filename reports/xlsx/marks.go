package xlsx

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// nearTarget is how far below its target a figure is still near it: 5 points.
const nearTarget = "0.05"

// marks puts conditional colours on the rows of a sheet and holds the first error.
type marks struct {
	file        *excelize.File
	sheet       string
	first, last int
	err         error
}

func (m *marks) column(i int) string {
	return cell(i+1, m.first) + ":" + cell(i+1, m.last)
}

func (m *marks) add(ref string, opts ...excelize.ConditionalFormatOptions) {
	if m.err == nil {
		m.err = m.file.SetConditionalFormat(m.sheet, ref, opts)
	}
}

func when(formula string, style int) excelize.ConditionalFormatOptions {
	return excelize.ConditionalFormatOptions{Type: "formula", Criteria: formula, Format: &style, StopIfTrue: true}
}

// againstTarget colours a figure by the target in the same row, rounded as it is shown.
func (m *marks) againstTarget(figure, target int, st *styles) {
	a, t := "$"+cell(figure+1, m.first), "$"+cell(target+1, m.first)
	both := fmt.Sprintf("AND(ISNUMBER(%s),ISNUMBER(%s),ROUND(%s,4)", a, t, a)
	m.add(m.column(figure),
		when(fmt.Sprintf("%s>=%s)", both, t), st.good),
		when(fmt.Sprintf("%s>=%s-%s)", both, t, nearTarget), st.near),
		when(fmt.Sprintf("%s<%s)", both, t), st.bad))
}

// fadeZeros makes lengths and counts of nothing pale, one rule for each run of such columns.
func (m *marks) fadeZeros(columns []column, st *styles) {
	for i := 0; i < len(columns); i++ {
		from := i
		for i < len(columns) && (columns[i].kind == kindLength || columns[i].kind == kindCount) {
			i++
		}
		if i > from {
			m.add(cell(from+1, m.first)+":"+cell(i, m.last),
				excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: "0", Format: &st.zero})
		}
	}
}

// word colours the cells of a column whose text begins with it.
func (m *marks) word(i int, word string, style int) {
	m.add(m.column(i), when(fmt.Sprintf("LEFT($%s,%d)=%q", cell(i+1, m.first), len(word), word), style))
}

// ignoreNumbersInTexts keeps Excel from marking agent ids that look like numbers.
func (m *marks) ignoreNumbersInTexts(columns int) {
	if m.err == nil {
		m.err = m.file.AddIgnoredErrors(m.sheet, cell(1, m.first)+":"+cell(columns, m.last),
			excelize.IgnoredErrorsNumberStoredAsText)
	}
}
