package web

import (
	"strings"
	"unicode/utf8"

	"rollcall/reports"
	"rollcall/schemas"
)

// Deviation says what happened in one exception, in the sentence that mail and workbook have, begun with a capital. Of one that
// is open, because it goes on, no end of a shift is said.
func Deviation(e *schemas.Exception, zone schemas.Zone, open bool) string {
	said := *e
	if open && e.Kind == schemas.KindEarlyEnd {
		said.Kind = schemas.KindWrongStatus
	}
	text := reports.ExceptionSentence(&said, zone)
	first, n := utf8.DecodeRuneInString(text)
	return strings.ToUpper(string(first)) + text[n:]
}
