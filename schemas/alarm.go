package schemas

// Alarm is something that an admin has to know of while it lasts: a report that could not be made or sent, a job that
// is overdue, a feed that is silent.
type Alarm struct {
	// Kind is what sort of thing, such as mail; Subject which of them, such as a delivery's id.
	Kind    string `json:"kind"`
	Subject string `json:"subject"`
	// Text says in one sentence what is wrong and what helps.
	Text  string  `json:"text"`
	Since Instant `json:"since"`
}
