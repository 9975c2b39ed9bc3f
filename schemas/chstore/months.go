package chstore

import (
	"iter"

	"rollcall/schemas"
)

// monthsPerInsert keeps an insert under the server's limit of 100 partitions.
const monthsPerInsert = 90

// monthSet holds the months that one insert touches.
type monthSet struct {
	// last is the month of the latest one: neighbours are mostly of one month.
	last   schemas.Interval
	months map[schemas.Date]bool
}

// take adds the month of the instant unless the insert touches too many already.
func (m *monthSet) take(at schemas.Instant) bool {
	if m.last.Contains(at) {
		return true
	}
	year, month, _ := at.Time().Date()
	first := schemas.MakeDate(year, month, 1)
	if !m.months[first] {
		if len(m.months) >= monthsPerInsert {
			return false
		}
		if m.months == nil {
			m.months = map[schemas.Date]bool{}
		}
		m.months[first] = true
	}
	m.last = schemas.Interval{Start: midnight(first), End: midnight(schemas.MakeDate(year, month+1, 1))}
	return true
}

func (m *monthSet) takeDay(d schemas.Date) bool { return m.take(midnight(d)) }

// midnight is that of UTC.
func midnight(d schemas.Date) schemas.Instant { return schemas.Instant(int64(d) * schemas.DayMS) }

// byMonths cuts rows into runs that one insert may take.
func byMonths[T any](rows []T, at func(*T) schemas.Instant) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		var months monthSet
		begin := 0
		for i := range rows {
			if months.take(at(&rows[i])) {
				continue
			}
			if !yield(rows[begin:i]) {
				return
			}
			begin, months = i, monthSet{}
			months.take(at(&rows[i]))
		}
		yield(rows[begin:])
	}
}
