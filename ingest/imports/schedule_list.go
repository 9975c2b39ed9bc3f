package imports

import (
	"context"

	"rollcall/schemas"
)

// ListQuery says which revisions to list.
type ListQuery struct {
	// From and To, both included, leave out revisions about other dates; 0 leaves out none.
	From, To schemas.Date
	// Limit bounds the number; 0 does not.
	Limit int
}

// ScheduleListed is a revision with what became of it.
type ScheduleListed struct {
	schemas.Revision
	// UndoneBy are the revisions that took it back, as far as that was possible.
	UndoneBy []string `json:"undone_by"`
}

// List gives the revisions, the newest first.
func (d *Desk) List(ctx context.Context, q ListQuery) ([]ScheduleListed, error) {
	h, err := d.history(ctx)
	if err != nil {
		return nil, err
	}
	out := []ScheduleListed{}
	for i := len(h.revisions) - 1; i >= 0; i-- {
		r := &h.revisions[i]
		if q.From != 0 && r.To < q.From || q.To != 0 && r.From > q.To {
			continue
		}
		if out = append(out, h.listed(i)); len(out) == q.Limit {
			break
		}
	}
	return out, nil
}

// Revision gives one revision, or a *UnknownRevisionError.
func (d *Desk) Revision(ctx context.Context, id string) (*ScheduleListed, error) {
	h, err := d.history(ctx)
	if err != nil {
		return nil, err
	}
	n, err := h.find(id)
	if err != nil {
		return nil, err
	}
	one := h.listed(n)
	return &one, nil
}

func (h *history) listed(n int) ScheduleListed {
	l := ScheduleListed{Revision: h.revisions[n], UndoneBy: []string{}}
	for _, later := range h.revisions[n+1:] {
		if later.Undoes == l.ID {
			l.UndoneBy = append(l.UndoneBy, later.ID)
		}
	}
	return l
}
