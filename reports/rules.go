package reports

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"rollcall/schemas"
)

// Rules is one policy version as a report shows it.
type Rules struct {
	// Policy is the id of the version; empty for the default rules.
	Policy string `json:"policy"`
	Team   string `json:"team,omitempty"`
	Site   string `json:"site,omitempty"`
	// From is the local date from which it is in force; 1970-01-01 for the default rules.
	From schemas.Date `json:"from"`
	// Text is what the policy says that schemas.FirstDefaults does not, as compact JSON with sorted keys.
	Text json.RawMessage `json:"rules"`
	// Target is its target_percent; nil when that is 0, which stands for no target.
	Target *float64 `json:"target_percent"`
	// Days counts the agent-days of the report that were judged by it.
	Days int `json:"days"`
	// digest is SHA-256 of Text in hex: what the rules say, whatever the version is called.
	digest string
}

// rulebook finds policies by id. The empty id stands for the default rules.
type rulebook map[string]*Rules

// loadRules reads the policies that a report's days may have been judged by.
func loadRules(ctx context.Context, r Reader, knownAt schemas.Instant) (rulebook, error) {
	versions, err := r.Policies(ctx, knownAt)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	book := rulebook{}
	// A store may have a version without an id: what the default rules were when it was filled.
	for _, v := range append([]schemas.PolicyVersion{{Rules: "{}"}}, versions...) {
		rules, err := newRules(v)
		if err != nil {
			return nil, fmt.Errorf("read rules of policy %q: %w", v.ID, err)
		}
		book[v.ID] = rules
	}
	return book, nil
}

func newRules(v schemas.PolicyVersion) (*Rules, error) {
	policy, err := schemas.ParsePolicy([]byte(v.Rules))
	if err != nil {
		return nil, err
	}
	text, err := beyondFirstDefaults(policy)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	r := &Rules{
		Policy: v.ID,
		Team:   v.Team,
		Site:   v.Site,
		From:   v.From,
		Text:   text,
		digest: hex.EncodeToString(sum[:]),
	}
	if policy.TargetPercent != 0 {
		r.Target = &policy.TargetPercent
	}
	return r, nil
}

// beyondFirstDefaults writes the keys in which a policy differs from the first default rules, so that neither a key
// which a later version of the program adds nor a new default changes texts or hashes of policies that do not use it.
func beyondFirstDefaults(p schemas.Policy) (json.RawMessage, error) {
	own, err := document(p)
	def, errDefault := document(schemas.FirstDefaults())
	if err := errors.Join(err, errDefault); err != nil {
		return nil, err
	}
	maps.DeleteFunc(own, func(key string, value any) bool { return reflect.DeepEqual(value, def[key]) })
	return json.Marshal(own) // a map is written in order of its keys
}

func document(p schemas.Policy) (doc map[string]any, err error) {
	text, err := p.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	return doc, err
}

// find returns the rules of a policy id. An id that the reader did not list stands for itself, without a target.
func (b rulebook) find(id string) *Rules {
	r, ok := b[id]
	if !ok {
		r = &Rules{Policy: id, Text: json.RawMessage("{}"), digest: "policy " + id}
		b[id] = r
	}
	return r
}

// used lists the rules that judged at least one day by site, team, date and id; the default rules come first.
func (b rulebook) used() []Rules {
	used := slices.SortedFunc(maps.Values(b), func(x, y *Rules) int {
		return cmp.Or(cmp.Compare(x.Site, y.Site), cmp.Compare(x.Team, y.Team), cmp.Compare(x.From, y.From),
			cmp.Compare(x.Policy, y.Policy))
	})
	used = slices.DeleteFunc(used, func(r *Rules) bool { return r.Days == 0 })
	return rowsOf(used, func(r **Rules) Rules { return **r })
}
