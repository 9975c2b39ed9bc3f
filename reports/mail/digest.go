package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/reports"
	"rollcall/schemas"
)

// digests makes the mails about who is out of adherence at this moment.
func (p *Mailer) digests(ctx context.Context, subs []schemas.Subscription) (int, error) {
	if p.deps.Board == nil {
		return 0, nil
	}
	now := p.now()
	var rows []schemas.Delivery
	var errs []error
	for i := range subs {
		s := &subs[i]
		slot, ok := lastSlot(s, now)
		if s.Kind != schemas.SubscriptionDigest || !ok || p.slots[s.ID] == slot {
			continue
		}
		p.slots[s.ID] = slot
		made, err := p.digest(s, slot)
		errs, rows = append(errs, err), append(rows, made...)
	}
	if len(rows) == 0 {
		return 0, errors.Join(errs...)
	}
	known, err := p.made(ctx, schemas.DeliveryDigest)
	if err != nil {
		return 0, errors.Join(append(errs, err)...)
	}
	rows = slices.DeleteFunc(rows, func(d schemas.Delivery) bool { return known[d.ID] != nil })
	return len(rows), errors.Join(append(errs, p.deps.Store.WriteDeliveries(ctx, rows))...)
}

// slotLate is how late a digest may still be made: it is about this moment.
const slotLate = 3 * schemas.MinuteMS

// lastSlot returns the newest moment, not after now and not long ago, at which a digest is due.
func lastSlot(s *schemas.Subscription, now schemas.Instant) (schemas.Instant, bool) {
	zone, err := schemas.LoadZone(s.TimeZone)
	if err != nil || s.Every <= 0 {
		return 0, false
	}
	date := zone.Date(now)
	slot, found := schemas.Instant(0), false
	for minute := s.At; minute <= s.Until; minute += s.Every {
		if at := instantAt(zone, date, minute); at <= now {
			slot, found = at, true
		}
	}
	return slot, found && now.Sub(slot) <= slotLate && slot >= s.RecordedAt
}

// digest makes the mails of one subscription; none where nobody is out of adherence.
func (p *Mailer) digest(s *schemas.Subscription, slot schemas.Instant) ([]schemas.Delivery, error) {
	scope, err := p.deps.Scope(s.OwnerID)
	if err != nil {
		return nil, nil //nolint:nilerr // an owner who may see nothing any more is sent nothing
	}
	zone, err := schemas.LoadZone(s.TimeZone)
	if err != nil {
		return nil, err
	}
	now := p.now()
	var out []*schemas.LiveAgent
	for _, a := range p.deps.Board.Changes(0).Rows {
		in := (len(s.Teams) == 0 || slices.Contains(s.Teams, a.Team)) &&
			(len(s.Sites) == 0 || slices.Contains(s.Sites, a.Site))
		if in && !a.Gone && a.AdherenceState == schemas.LiveOutOfAdherence && scope.Covers("", a.Team, a.Site) {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	message := digestMessage(out, now, zone, p.pages(), p.footer(s))
	var rows []schemas.Delivery
	for _, r := range s.Recipients {
		row := p.delivery(schemas.DeliveryDigest, s.ID, slot.String(), r)
		row.Day, row.DueAt = zone.Date(now), slot
		if err := p.put(&row, message, ""); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// digestMessage writes the mail about who is out of adherence, those who have been for longest first.
func digestMessage(out []*schemas.LiveAgent, now schemas.Instant, zone schemas.Zone, pages Pages,
	footer []string) *Message {
	const most = 40
	slices.SortFunc(out, func(x, y *schemas.LiveAgent) int {
		return cmp.Or(cmp.Compare(x.AdherenceSince, y.AdherenceSince), cmp.Compare(x.AgentID, y.AgentID))
	})
	v := view{frame: frame{Heading: reports.Counted(len(out), "agent") + " out of adherence", Footer: footer,
		Scope: "at " + clock(now, zone) + " (" + zone.Name() + ")"}, Attention: peopleView{Title: "Longest first"}}
	if pages.Public != "" {
		v.Link, v.LinkText = pages.Public+"/", "Open the live board"
	}
	for _, a := range out[:min(most, len(out))] {
		who := personView{
			Name:  cmp.Or(reports.Shown(a.Name, mostName), reports.Shown(a.AgentID, mostName)),
			Team:  reports.Shown(a.Team, mostName),
			Link:  pages.agent(a.AgentID, zone.Date(now)),
			Class: "bad",
			Words: liveWords(a, zone),
		}
		if a.AdherenceSince != 0 {
			who.Figure = reports.LengthText(now.Sub(a.AdherenceSince))
		}
		v.Attention.List = append(v.Attention.List, who)
	}
	v.Attention.More = more(len(out)-most, "agents", "")
	v.Title = v.Heading + " at " + clock(now, zone)
	v.Preheader = v.Attention.List[0].Name + ": " + v.Attention.List[0].Words
	return render("digest", v.Title, v)
}

// liveWords says what somebody does and what is scheduled: "on break; scheduled: Huddle until 12:00".
func liveWords(a *schemas.LiveAgent, zone schemas.Zone) string {
	is := reports.StateWords(schemas.State{Presence: a.Presence, Status: a.Status, Routing: a.Routing,
		Secondary: reports.Shown(a.Secondary, mostName)})
	if a.Scheduled == nil {
		return is + "; nothing is scheduled"
	}
	what := cmp.Or(reports.Shown(a.Scheduled.Code, mostName), reports.Plain(a.Scheduled.Category.String()))
	return fmt.Sprintf("%s; scheduled: %s until %s", is, what, clock(a.Scheduled.End, zone))
}
