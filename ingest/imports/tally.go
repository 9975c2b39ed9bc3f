package imports

import "iter"

// ChangeKind is what happens to one thing.
type ChangeKind string

// The changes of an import.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// Tally counts agents, intervals or codes by what happens to them.
type Tally struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Removed   int `json:"removed"`
	Unchanged int `json:"unchanged"`
}

func (t *Tally) count(c ChangeKind) {
	switch c {
	case Added:
		t.Added++
	case Changed:
		t.Changed++
	case Removed:
		t.Removed++
	}
}

func (t *Tally) add(o *Tally) {
	t.Added, t.Changed = t.Added+o.Added, t.Changed+o.Changed
	t.Removed, t.Unchanged = t.Removed+o.Removed, t.Unchanged+o.Unchanged
}

// runs cuts a list into runs of neighbours that belong together.
func runs[L ~[]T, T any](list L, together func(a, b *T) bool) iter.Seq[L] {
	return func(yield func(L) bool) {
		for begin, end := 0, 0; begin < len(list); begin = end {
			for end = begin + 1; end < len(list) && together(&list[end-1], &list[end]); end++ {
			}
			if !yield(list[begin:end:end]) {
				return
			}
		}
	}
}
