package decisions

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// PolicyDraft is a version of the rules that somebody wants: of the organisation, or of one team, or of one site.
type PolicyDraft struct {
	Team, Site string
	// From is the local date from which it is in force.
	From schemas.Date
	// Document holds the rules, YAML or JSON (RULES.md section 11); what it does not set has its default.
	Document []byte
}

// PolicyResult says what became of a PolicyDraft.
type PolicyResult struct {
	Version schemas.PolicyVersion
	// Unchanged says that the scope has exactly these rules from that date on already; nothing was written.
	Unchanged bool
	// Warnings are about what is allowed and hardly intended.
	Warnings []string
}

// Version checks the draft and returns the version that it describes, without its instant and author.
func (o *PolicyDraft) Version() (schemas.PolicyVersion, error) {
	var p problems
	if o.Team != "" && o.Site != "" {
		p.addf("team", "%q is given together with site %q; a policy is for one team, one site, or everybody", o.Team, o.Site)
	}
	if o.From < schemas.MakeDate(2000, 1, 1) || o.From > schemas.MakeDate(2199, 12, 31) {
		p.addf("from", "%s is out of range; write a date from 2000-01-01 to 2199-12-31", o.From)
	}
	rules, err := schemas.ParsePolicy(o.Document)
	if err != nil {
		p.addf("rules", "%s", err)
	}
	if err = p.err(); err != nil {
		return schemas.PolicyVersion{}, err
	}
	text, err := rules.MarshalJSON()
	return schemas.PolicyVersion{ID: uuid.Must(uuid.NewV7()).String(), Team: o.Team, Site: o.Site, From: o.From,
		Rules: string(text)}, err
}

// SetPolicy writes a version of the rules, which goes before every earlier one of its scope and date. Its journal row
// names the time in which it is in force: until a later version of the scope takes over, and for a team or a site only
// its agents while they belong to it.
func (d *Ledger) SetPolicy(ctx context.Context, o PolicyDraft, by By) (*PolicyResult, error) {
	v, err := o.Version()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	versions, err := d.store.Policies(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the policies: %w", err)
	}
	people, err := d.roster(ctx)
	if err != nil {
		return nil, err
	}
	set := &PolicyResult{Version: v, Warnings: people.warnOfScope(&v)}
	at, end := d.now(), schemas.MaxInstant
	for i := range versions {
		old := &versions[i]
		if old.Team != v.Team || old.Site != v.Site {
			continue
		}
		at = max(at, old.RecordedAt+1) // of one scope and date the one recorded last counts
		if old.From == v.From {
			set.Unchanged = old.Rules == v.Rules // they come in the order in which they were recorded
			if set.Unchanged {
				set.Version = *old
			}
		}
		if old.From > v.From {
			end = min(end, schemas.UTC.DayStart(old.From+1))
		}
	}
	if set.Unchanged {
		return set, nil
	}
	v.RecordedAt, v.Actor = at, by.Actor
	set.Version = v
	row := d.journal(schemas.JournalPolicy, by, at, "policy "+v.ID+" "+scopeText(&v))
	people.touchScope(&row, &v, schemas.Interval{Start: schemas.UTC.DayStart(v.From - 1), End: end})
	if err := d.store.WritePolicies(ctx, row, []schemas.PolicyVersion{v}); err != nil {
		return nil, fmt.Errorf("writing the policy of %s: %w", scopeText(&v), err)
	}
	return set, nil
}

// PolicyView is a version of the rules as people and programs read it.
type PolicyView struct {
	ID         string           `json:"id" doc:"empty for the default rules"`
	Team       string           `json:"team"`
	Site       string           `json:"site"`
	From       *schemas.Date    `json:"from"`
	RecordedAt *schemas.Instant `json:"recorded_at"`
	Actor      string           `json:"actor"`
	Rules      any              `json:"rules" doc:"the whole policy document, what it does not set included"`
}

// ViewPolicy returns a stored version as people read it; nil stands for the default rules.
func ViewPolicy(v *schemas.PolicyVersion) (PolicyView, error) {
	if v == nil {
		return PolicyView{Rules: schemas.DefaultPolicy()}, nil
	}
	rules, err := schemas.ParsePolicy([]byte(v.Rules))
	if err != nil {
		return PolicyView{}, fmt.Errorf("policy %s in force from %s: %w", v.ID, v.From, err)
	}
	return PolicyView{v.ID, v.Team, v.Site, &v.From, &v.RecordedAt, v.Actor, rules}, nil
}

// Policies lists every version ever set, the newest last.
func (d *Ledger) Policies(ctx context.Context) ([]PolicyView, error) {
	versions, err := d.store.Policies(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the policies: %w", err)
	}
	out := make([]PolicyView, len(versions))
	for i := range versions {
		if out[i], err = ViewPolicy(&versions[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scopeText names whom a version is for.
func scopeText(v *schemas.PolicyVersion) string {
	switch {
	case v.Team != "":
		return "team " + v.Team
	case v.Site != "":
		return "site " + v.Site
	}
	return "everybody"
}

// warnOfScope warns about a team or site that nobody has ever belonged to.
func (r roster) warnOfScope(v *schemas.PolicyVersion) []string {
	kind, name, of := "team", v.Team, func(m *schemas.Membership) string { return m.Team }
	if v.Site != "" {
		kind, name, of = "site", v.Site, func(m *schemas.Membership) string { return m.Site }
	}
	known := r.names(of)
	if name == "" || slices.Contains(known, name) {
		return nil
	}
	return []string{fmt.Sprintf("nobody on the roster belongs to %s %q yet%s", kind, name, near(name, known))}
}

// touchScope names what the version can change: everybody, or the agents of its team or site while they belong to it.
func (r roster) touchScope(row *schemas.JournalRow, v *schemas.PolicyVersion, whole schemas.Interval) {
	if v.Team == "" && v.Site == "" {
		row.Range = whole
		return
	}
	for agent, rows := range r {
		for i := range rows {
			m := &rows[i]
			if v.Team != "" && m.Team != v.Team || v.Site != "" && m.Site != v.Site {
				continue
			}
			during := schemas.Interval{Start: schemas.UTC.DayStart(m.From - 1), End: schemas.MaxInstant}
			if m.To != 0 {
				during.End = schemas.UTC.DayStart(m.To + 1)
			}
			if during = during.Clip(whole); !during.Empty() {
				row.Touch(agent, during)
			}
		}
	}
}
