package web

import (
	"rollcall/reports"
	"rollcall/schemas"
)

// Deviation says what happened in one exception, in the sentence that mail and workbook have, begun with a capital.
// While it is open, because it goes on, nothing is said of a start or an end of the shift that has not happened yet.
func Deviation(e *schemas.Exception, zone schemas.Zone, open bool) string {
	said := *e
	if open && (e.Kind == schemas.KindEarlyEnd || e.Kind == schemas.KindLateStart) {
		said.Kind = schemas.KindWrongStatus
	}
	return Sentence(reports.ExceptionSentence(&said, zone))
}
