package access

// OperatorID is the id of the operator ([Operator]), who owns what is made by commands.
const OperatorID = "operator"

// Owner returns the principal that a credential's id stands for now: of a user or token that may be used, or the
// operator. The bool says whether there is one.
func (r *Register) Owner(id string) (Principal, bool) {
	if id == OperatorID {
		return Operator(id), true
	}
	c, known := r.index.Load().ids[id]
	if !known || !r.live(c) {
		return Principal{}, false
	}
	return principalOf(c), true
}
