package adherence

import "rollcall/schemas"

// Rules gives the rules of a version by its id; "" and an id that is not known give the default rules.
func (k *Known) Rules(id string) schemas.Policy {
	if p, ok := k.parsed[id]; ok {
		return p
	}
	return schemas.DefaultPolicy()
}
