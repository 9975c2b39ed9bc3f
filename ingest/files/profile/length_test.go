package profile

import (
	"testing"

	"rollcall/schemas"
)

// TestLengths: lengths of time as tools and people write them.
func TestLengths(t *testing.T) {
	for text, want := range map[string]int64{"8h": 8 * 60, "3h 0min": 180, "6h 30min": 390, "1 hr 5 mins": 65, "90m": 90,
		"2 hours": 120, "7:30": 450, "07:30:00": 450, "1:07:30:00": 1890, "1d 2h": 1560, "PT8H30M": 510, "7.5 h": 450,
		"7,5h": 450, "0:05": 5, "00:54:00": 54} {
		if ms, wrong := lengthOf(text, 0); wrong != nil || ms != want*schemas.MinuteMS {
			t.Errorf("%q is %d minutes, not %d: %v", text, ms/schemas.MinuteMS, want, wrong)
		}
	}
	for text, unit := range map[string]int64{"7.5": schemas.HourMS, "7,5": schemas.HourMS, "450": schemas.MinuteMS,
		"27000": schemas.SecondMS, "27000000": 1, "0.3125": schemas.DayMS} {
		if ms, wrong := lengthOf(text, unit); wrong != nil || ms != 450*schemas.MinuteMS {
			t.Errorf("%q is %d ms: %v", text, ms, wrong)
		}
	}
	for _, text := range []string{"450", "", "h", "8x", "7:99", "-3", "1e9", "367 d", "99999999999999999999999999h", "P",
		"PT"} {
		if ms, wrong := lengthOf(text, 0); wrong == nil {
			t.Errorf("%q is %d ms", text, ms)
		}
	}
}

// FuzzLength: a text is a length of less than a year and a day, or it is refused.
func FuzzLength(f *testing.F) {
	f.Add("7h 30m", int64(0))
	f.Add("07:30:00", int64(60000))
	f.Add("PT8H30M", int64(1))
	f.Fuzz(func(t *testing.T, text string, unit int64) {
		if ms, wrong := lengthOf(text, min(max(unit, 0), schemas.DayMS)); wrong == nil && (ms < 0 || ms > 366*schemas.DayMS) {
			t.Fatalf("%q is %d ms", text, ms)
		}
	})
}
