package schemas_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// Heads needed are exact: in binary fractions 7/(1-0.3) is a hair more than 10 and would be rounded up to 11.
func TestHeadsNeededUnderShrinkage(t *testing.T) {
	for _, c := range []struct {
		required, shrinkage string
		want                int64
	}{{"7", "0.3", 10}, {"7.000001", "0.3", 11}, {"12.5", "0", 13}, {"0", "0.5", 0}, {"9", "0.1", 10},
		{"1000000", "0.999999", 1_000_000_000_000}} {
		r := schemas.Requirement{Required: decimal(t, c.required), Shrinkage: decimal(t, c.shrinkage),
			LengthMS: 15 * schemas.MinuteMS}
		if got := r.Needed(); got != c.want {
			t.Errorf("%s heads under %s need %d, want %d", c.required, c.shrinkage, got, c.want)
		}
	}
	r := schemas.Requirement{Required: decimal(t, "2.5"), LengthMS: 30 * schemas.MinuteMS}
	if r.HeadMS() != 75*schemas.MinuteMS {
		t.Errorf("2.5 heads for half an hour are %d ms", r.HeadMS())
	}
}

func decimal(t testing.TB, s string) schemas.Decimal {
	t.Helper()
	d, err := schemas.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecimalsAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]schemas.Decimal{"12": 12_000_000, ".25": 250_000, "-1.5": -1_500_000,
		"0.0000005": 1, "1.9999999": 2_000_000, "3.": 3_000_000} {
		if got := decimal(t, text); got != want {
			t.Errorf("%s is read as %d", text, got)
		}
	}
	for _, text := range []string{"", ".", "-", "1e3", "1,5", "1.2.3", "+1", "1000000.000001", "99999999999999999999",
		"NaN", " 1", "½"} {
		if got, err := schemas.ParseDecimal(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := schemas.Decimal(rapid.Int64Range(-1_000_000*int64(schemas.DecimalOne),
			1_000_000*int64(schemas.DecimalOne)).Draw(t, "millionths"))
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back schemas.Decimal
		if err := json.Unmarshal(b, &back); err != nil || back != d {
			t.Fatalf("%d is written %s and read %d: %v", d, b, back, err)
		}
	})
}
