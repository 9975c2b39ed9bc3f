package web

import (
	"fmt"
	"rollcall/reports"
	"rollcall/schemas"
	"strings"
)

// DidWords tells what was done during an exception: on queue, on break, in a meeting, offline.
func DidWords(parts []schemas.Part) string {
	told := strings.Split(reports.ActualWords(parts), ", then ")
	for i, w := range told {
		for _, in := range [][2]string{{"break", "on "}, {"meal", "at "}, {"meeting", "in a "}, {"training", "in "}} {
			if strings.HasPrefix(w, in[0]) {
				told[i] = in[1] + w
			}
		}
	}
	return strings.Join(told, ", then ")
}

// DeviationWords gives the reason of an exception in plain words, from its kind.
func DeviationWords(d *schemas.AgentDay, e *schemas.Exception, plan, did string, open bool) string {
	switch e.Kind {
	case schemas.KindLateChange:
		return fmt.Sprintf("Still %s when %s had begun", did, plan)
	case schemas.KindEarlyChange:
		return fmt.Sprintf("Already %s before %s had ended", did, plan)
	case schemas.KindLateStart:
		return fmt.Sprintf("%s when the shift began with %s", Label(did), plan)
	case schemas.KindEarlyEnd:
		if open {
			break
		}
		return fmt.Sprintf("%s before the shift ended with %s", Label(did), plan)
	case schemas.KindNotResponding:
		return fmt.Sprintf("Offered work was not answered during %s", plan)
	case schemas.KindAbsent:
		return fmt.Sprintf("Offline throughout %s", plan)
	case schemas.KindOutsideShift:
		return fmt.Sprintf("%s outside the schedule of %s", Label(did), d.Day)
	case schemas.KindWrongStatus, schemas.KindNone:
	}
	return fmt.Sprintf("%s while %s was scheduled", Label(did), plan)
}
