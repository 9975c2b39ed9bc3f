package adherence

import "rollcall/schemas"

// Rules returns the rules of a version by its id; "" and an id that is not known return the default rules.
func (k *Known) Rules(id string) schemas.Policy {
	if p, ok := k.parsed[id]; ok {
		return p
	}
	return schemas.DefaultPolicy()
}

// CompleteByFeed returns, for each feed that has reported on the agent, the instant up to which it is complete; nil
// where it never said.
func (k *Known) CompleteByFeed(agent string) map[string]*schemas.Instant {
	out := map[string]*schemas.Instant{}
	for _, s := range k.sources[agent] {
		out[s.Source] = nil
		if upTo := k.feeds[s.Source].CompleteUpTo; upTo != 0 {
			out[s.Source] = &upTo
		}
	}
	return out
}
