package schemas

import (
	"fmt"
	"strconv"
	"strings"
)

// Decimal is a number of millionths: heads and shares as planners write them, exactly. 7 heads under a shrinkage of
// 0.3 need 10, which binary fractions make 10.000000000000002 and round up to 11.
type Decimal int64

// DecimalOne is 1.
const DecimalOne Decimal = 1_000_000

// maxDecimal is the largest number that ParseDecimal reads, one million.
const maxDecimal = 1_000_000 * DecimalOne

// ParseDecimal reads digits with at most one decimal point ("12", "12.5", ".25", "-1"), rounded half away from zero to
// the sixth decimal, between minus and plus one million. It takes no exponent and no separator of thousands.
func ParseDecimal(s string) (Decimal, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if !allDigits(whole) || !allDigits(part) || whole+part == "" {
		return 0, fmt.Errorf("%.40q is not a number; write digits with a decimal point, such as 12.5", s)
	}
	n, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || n > int64(maxDecimal/DecimalOne) {
		return 0, fmt.Errorf("%.40q is out of range; numbers go up to one million", s)
	}
	v := Decimal(n) * DecimalOne
	if len(part) > 6 && part[6] >= '5' {
		v++
	}
	fine, _ := strconv.ParseInt((part + "000000")[:6], 10, 64) // six digits
	v += Decimal(fine)
	if v > maxDecimal {
		return 0, fmt.Errorf("%.40q is out of range; numbers go up to one million", s)
	}
	if negative {
		v = -v
	}
	return v, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String writes the number with as many decimals as it has: 12, 12.5, -0.25.
func (d Decimal) String() string {
	sign, v := "", d
	if d < 0 {
		sign, v = "-", -d
	}
	s := fmt.Sprintf("%s%d.%06d", sign, v/DecimalOne, v%DecimalOne)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// MarshalJSON writes a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number without an exponent.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	v, err := ParseDecimal(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
