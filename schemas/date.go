package schemas

import (
	"fmt"
	"time"
)

// Date is a calendar date without a zone: days since 1970-01-01.
type Date int32

// MakeDate returns the date of year, month and day; values out of range carry over as in package time.
func MakeDate(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400) //nolint:gosec // years that people write fit
}

// ParseDate reads 2026-03-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date; write year-month-day, such as 2026-03-02", s)
	}
	return MakeDate(t.Date()), nil
}

// Parts returns year, month and day.
func (d Date) Parts() (int, time.Month, int) { return d.Time().Date() }

// Time returns midnight UTC of the date, for libraries that want a time where a date is meant.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String writes 2026-03-02.
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText writes the form of String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form of String.
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
