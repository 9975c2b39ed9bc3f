package schemas_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rollcall/schemas"
)

// Every figure stands under its name, in the order of the table, and with the same value in the JSON of a day.
func TestTheTableOfFiguresIsTheJSONOfADay(t *testing.T) {
	d := schemas.AgentDay{Exceptions: make([]schemas.Exception, 3), ConformanceReason: schemas.ReasonNoData}
	for i, ms := range d.Lengths() {
		*ms = int64(i+1) * 1500
	}
	text, err := json.Marshal(d.JSON())
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, f := range schemas.DayFigures() {
		v := f.Text(&d)
		switch {
		case v == "":
			v = "null"
		case f.Unit == schemas.FigureReason:
			v = `"` + v + `"`
		}
		want += fmt.Sprintf(",%q:%s", f.Name, v)
	}
	if got := string(text); !strings.HasSuffix(got, want+"}") {
		t.Errorf("got  %s\nwant %s}", got, want)
	}
}
