package chstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Person is somebody whose data are exported or erased: an agent, with the names under which people and accounts know
// them.
type Person struct {
	AgentID string
	// Names are the display names and addresses of the roster and the names of the agent's accounts, in order.
	Names []string
	// Accounts are the ids of those accounts.
	Accounts []string
}

// personTable is a table that knows agents: whose says which of its rows belong to one.
type personTable struct {
	name, whose string
	// keyed says that the agent is in the order of its rows, so that they are copied under the pseudonym, with what copied
	// says replaced too, and the old ones deleted.
	keyed  bool
	copied string
	// altered says what is replaced in its rows where they are, deleted that they go.
	altered string
	deleted bool
}

const (
	ofAgent     = "agent_id = unhex({agent:String})"
	inWebhook   = "JSONExtractString(body, 'agent', 'agent_id') = unhex({agent:String})"
	amongAgents = "has(agents, unhex({agent:String}))"
	itsName     = "unhex({pseudonym:String})"
	nameList    = `arrayFilter(x -> x != '', splitByChar('\n', unhex({names:String})))`
	accountList = `arrayFilter(x -> x != '', splitByChar('\n', unhex({accounts:String})))`
	itsMailbox  = "has(" + nameList + ", recipient)"
	ownsIt      = "has(" + accountList + ", owner_id)"
	otherBoxes  = "arrayFilter(x -> NOT has(" + lowNames + ", lowerUTF8(x)), recipients)"
	lowNames    = "arrayMap(x -> lowerUTF8(x), " + nameList + ")"
	blankPlans  = "arrayMap(x -> '', activities.description) AS `activities.description`"
)

// personTables are all tables that know agents or name people, in the order in which an erasure goes through them: the
// facts first, which nothing is derived from.
var personTables = []personTable{
	{name: "status_changes_store", whose: ofAgent, keyed: true, copied: ", '' AS note"},
	{name: "agent_sources_store", whose: ofAgent, keyed: true},
	{name: "newest_facts_store", whose: ofAgent, keyed: true},
	{name: "memberships_store", whose: ofAgent, keyed: true, copied: ", " + itsName + " AS name, '' AS email"},
	{name: "schedule_days_store", whose: ofAgent, keyed: true, copied: ", " + blankPlans},
	{name: "adherence_days_store", whose: ofAgent, keyed: true, copied: ", " + itsName + " AS agent_name, " + blankPlans},
	{name: "corrections_store", whose: ofAgent, altered: "agent_id = " + itsName + ", reason = '', note = ''"},
	{name: "feed_gaps_store", whose: ofAgent, altered: "agent_id = " + itsName},
	{name: "findings_store", whose: ofAgent, altered: "agent_id = " + itsName + ", detail = ''"},
	{name: "credentials_store", whose: ofAgent, altered: "agent_id = " + itsName + ", name = " + itsName +
		", hash = '', revoked = true"},
	{name: "webhook_deliveries_store", whose: inWebhook, deleted: true},
	{name: "subscriptions_store", whose: "(" + ownsIt + " AND (NOT ended OR notEmpty(recipients)) OR " + otherBoxes +
		" != recipients)",
		altered: "owner = if(" + ownsIt + ", " + itsName + ", owner), ended = ended OR " + ownsIt + " OR empty(" +
			otherBoxes + "), " +
			"recipients = if(" + ownsIt + ", [], " + otherBoxes + ")"},
	{name: "deliveries_store", whose: itsMailbox, altered: "recipient = " + itsName +
		", state = if(state = 'queued', 'skipped', state)"},
	{name: "journal_store", whose: amongAgents, altered: "agents = arrayMap(x -> if(x = unhex({agent:String}), " +
		itsName + ", x), agents)"},
	{name: "imports_store"}, {name: "schedule_imports_store"}, {name: "policies_store"},
}

// personNames are the columns in which a person may be named: whole, as one of their names.
var personNames = map[string][]string{
	"memberships_store": {"supervisor"}, "journal_store": {"actor"}, "imports_store": {"actor"},
	"schedule_imports_store": {"actor"},
	"policies_store":         {"actor"}, "corrections_store": {"recorded_by", "requested_by"},
	"credentials_store": {"created_by"},
}

// personTexts are the columns of free text in which a person may be named, as a word among others.
var personTexts = map[string][]string{"journal_store": {"detail"},
	"deliveries_store": {"told", "subject", "last_error"}}

// personExports are the views of which an export holds the rows of the agent.
var personExports = map[string]string{"memberships": ofAgent, "status_changes": ofAgent, "schedule_days": ofAgent,
	"adherence_days":      ofAgent,
	"adherence_intervals": ofAgent, "adherence_exceptions": ofAgent, "corrections": ofAgent, "feed_gaps": ofAgent,
	"findings": ofAgent,
	"users":    ofAgent, "tokens": ofAgent, "journal": amongAgents, "webhook_deliveries": inWebhook,
	"deliveries":    itsMailbox,
	"subscriptions": "(" + ownsIt + " OR " + otherBoxes + " != recipients)"}

// about is a statement about the person; pseudonym may be empty where it needs none.
func (p *Person) about(name, pseudonym string) statement {
	return query(name).text("agent", p.AgentID).text("pseudonym", pseudonym).text("names", strings.Join(p.Names, "\n")).
		text("accounts", strings.Join(p.Accounts, "\n"))
}

// PersonOf returns an agent with the names and accounts that the store knows of them.
func (s *Store) PersonOf(ctx context.Context, agent string) (Person, error) {
	p := Person{AgentID: agent}
	var err error
	if p.Names, err = all(ctx, s, "read the names of a person", p.about("person_names", ""), oneText); err == nil {
		p.Accounts, err = all(ctx, s, "read the accounts of a person", p.about("person_accounts", ""), oneText)
	}
	slices.Sort(p.Names)
	slices.Sort(p.Accounts)
	return p, err
}

// PersonTables lists what PersonRows can be asked for, in no order.
func PersonTables() []string {
	var out []string
	for name := range personExports {
		out = append(out, name)
	}
	return out
}

// PersonRows returns every row of the table, one of PersonTables, that is of the person, as JSON with the names of the
// view.
func (s *Store) PersonRows(ctx context.Context, p Person, table string, yield func(row string) error) error {
	whose, ok := personExports[table]
	if !ok {
		return fmt.Errorf("read the rows of a person: there is no table %q of persons", table)
	}
	q := p.about("person_rows", "").put("table", table, "whose", whose)
	return each(ctx, s, "read "+table+" of a person", q, oneText, func(v *string) error { return yield(*v) })
}

// PersonCounts returns how many rows of each table belong to the person, in the order of an erasure; tables with none
// are left out. Rows of several versions count each.
func (s *Store) PersonCounts(ctx context.Context, p Person) (tables []string, rows []int, err error) {
	for _, t := range personTables {
		if t.whose == "" {
			continue
		}
		q := p.about("person_count", "").put("table", t.name, "whose", t.whose)
		counted, err := all(ctx, s, "count the rows of a person", q, func(n *int) []field { return []field{{"rows", n}} })
		if err != nil {
			return nil, nil, err
		}
		if counted[0] > 0 {
			tables, rows = append(tables, t.name), append(rows, counted[0])
		}
	}
	return tables, rows, nil
}

// Pseudonym returns the pseudonym under which the agent's erasure goes on, or begins it with the fresh one.
func (s *Store) Pseudonym(ctx context.Context, agent, fresh string) (string, error) {
	p := Person{AgentID: agent}
	found, err := all(ctx, s, "look for an erasure", p.about("erasures", ""), oneText)
	if err == nil && len(found) == 0 {
		found = []string{fresh}
		err = s.exec(ctx, p.about("erasure_begin", fresh))
	}
	if err != nil {
		return "", wrap("begin an erasure", err)
	}
	return found[0], nil
}

// Erasing says whether an erasure is under way, so that what is read of its person may be half of it. One that was cut
// short counts for a quarter of an hour.
func (s *Store) Erasing(ctx context.Context) (bool, error) {
	found, err := all(ctx, s, "look for erasures", query("erasing"), oneText)
	return len(found) > 0, err
}

// ErasureEnded forgets which pseudonym the agent got.
func (s *Store) ErasureEnded(ctx context.Context, agent string) error {
	p := Person{AgentID: agent}
	q := p.about("person_alter", "").put("table", "erasures_store", "replaced", "DELETE WHERE "+ofAgent)
	return wrap("end an erasure", s.exec(ctx, q))
}

// ErasePerson puts the pseudonym in the place of the agent everywhere, and blanks what only a person has: name,
// address, notes, descriptions and reasons. Facts, schedules, results and so all sums stay. Accounts are ended, mails
// to the person are not sent any more. It may be run again with the same pseudonym after it was cut short. done is
// called for each table when nothing of the person is left in it.
func (s *Store) ErasePerson(ctx context.Context, p Person, pseudonym string, done func(table string)) error {
	for _, t := range personTables {
		if t.keyed {
			q := p.about("person_copy", pseudonym).put("table", t.name, "whose", t.whose, "replaced", t.copied)
			if err := s.exec(ctx, q); err != nil {
				return wrap("copy the rows of a person in "+t.name, err)
			}
		}
		q := p.about("person_alter", pseudonym).put("table", t.name, "replaced", strings.Join(t.commands(&p), ",\n    "))
		if err := s.exec(ctx, q); err != nil {
			return wrap("erase a person from "+t.name, err)
		}
		done(t.name)
	}
	return nil
}

// commands are the changes to the rows of a table where they are.
func (t *personTable) commands(p *Person) []string {
	var out []string
	for _, c := range personNames[t.name] {
		out = append(out, "UPDATE "+c+" = "+itsName+" WHERE has("+nameList+", "+c+")")
	}
	if p.words() {
		for _, c := range personTexts[t.name] {
			out = append(out, "UPDATE "+c+" = replaceRegexpAll("+c+", "+aName+", "+itsPseudonym+") WHERE match("+c+", "+aName+
				")")
		}
	}
	if t.altered != "" {
		out = append(out, "UPDATE "+t.altered+" WHERE "+t.whose)
	}
	if t.keyed || t.deleted {
		out = append(out, "DELETE WHERE "+t.whose)
	}
	return out
}

// aName matches one of the person's names or their id, where it stands as a word.
const (
	aName = `concat('(^|[^0-9A-Za-z_.@-])(', arrayStringConcat(arrayMap(x -> regexpQuoteMeta(x), ` +
		`arrayFilter(x -> length(x) > 2, arrayPushBack(` + nameList + `, unhex({agent:String})))), '|'), ` +
		`')($|[^0-9A-Za-z_.@-])')`
	itsPseudonym = `concat('\\1', unhex({pseudonym:String}), '\\3')`
)

// shortestWord is how many bytes a name must have to be looked for in texts: a shorter one is a part of too much.
const shortestWord = 3

// words says whether there is a name that can be looked for in texts.
func (p *Person) words() bool {
	return slices.ContainsFunc(append([]string{p.AgentID}, p.Names...),
		func(name string) bool { return len(name) >= shortestWord })
}
