package rows

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"rollcall/schemas"
)

// rfc3339 is stricter than package time, which also takes T9:00:00 and +00:60.
var rfc3339 = regexp.MustCompile(
	`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// FuzzClock: what we read as an instant with an offset is what package time reads, and nothing that it reads is
// refused.
func FuzzClock(f *testing.F) {
	for _, s := range []string{"2026-03-02T09:00:00Z", "2024-02-29T23:59:59.999+14:00", "2025-02-29T00:00:00Z",
		"2026-03-02 09:00",
		"0000-01-01T00:00:00-00:00", "2026-03-02T09:00:00.000+0000", "2026-03-02T24:00:00Z", "2026-13-02T09:00:00.000000Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseWallTime([]byte(s))
		if n := len(s); n > 20 && (s[n-5] == '+' || s[n-5] == '-') { // an offset without a colon is read too
			s = s[:n-2] + ":" + s[n-2:]
		}
		want, err := time.Parse(time.RFC3339Nano, s)
		exact := err == nil && rfc3339.MatchString(s) && want.Nanosecond()%int(time.Millisecond) == 0
		if exact && !ok {
			t.Fatalf("%q is an instant", s)
		}
		if ok && got.HasOffset && exact {
			at := schemas.Instant(int64(got.Day)*schemas.DayMS + got.MS - got.Offset*schemas.SecondMS)
			if at != schemas.InstantOf(want) {
				t.Fatalf("%q: got %s, want %s", s, at, want)
			}
		}
		if ok && err != nil && len(s) >= 19 && got.HasOffset && s[10] == 'T' && !strings.Contains(s, ",") && s[16] == ':' &&
			s[len(s)-1] != 'z' {
			t.Fatalf("%q is no instant: %v", s, err)
		}
	})
}
