package schemas

// DeliveryKind is what sort of mail a delivery carries.
type DeliveryKind string

// The values of DeliveryKind.
const (
	DeliveryDaily       DeliveryKind = "daily"            // the mail of a day
	DeliveryRestatement DeliveryKind = "restatement"      // what has changed in a day that was reported
	DeliveryDigest      DeliveryKind = "out_of_adherence" // who is out of adherence
)

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The values of DeliveryState.
const (
	DeliveryQueued  DeliveryState = "queued"   // is to be sent
	DeliverySent    DeliveryState = "sent"     // the mail server has taken it
	DeliveryRefused DeliveryState = "refused"  // the mail server refuses it for good
	DeliveryGivenUp DeliveryState = "given_up" // was tried for too long
	DeliveryInDoubt DeliveryState = "in_doubt" // it may or may not have been taken; people decide
	DeliveryFailed  DeliveryState = "failed"   // could not be made
	DeliverySkipped DeliveryState = "skipped"  // by rule nothing was to be reported
)

// Over says that nothing more happens to a delivery by itself.
func (s DeliveryState) Over() bool { return s != DeliveryQueued && s != DeliveryFailed }

// Delivery is one mail to one recipient (table deliveries). The row of an ID with the highest Version counts.
type Delivery struct {
	// ID is made of subscription, kind, day or instant, and recipient: what is made twice is one.
	ID           string       `json:"id"`
	Kind         DeliveryKind `json:"kind"`
	Subscription string       `json:"subscription"`
	// Day is the local date of the report.
	Day Date `json:"day"`
	// DueAt is when it was to be sent.
	DueAt     Instant `json:"due_at"`
	Recipient string  `json:"recipient"`
	Subject   string  `json:"subject"`
	// MessageID is that of the mail, without angle brackets; Hash the SHA-256 in hex of its bytes, Size their number.
	MessageID string        `json:"message_id"`
	Hash      string        `json:"hash"`
	Size      int           `json:"size"`
	State     DeliveryState `json:"state"`
	// Attempts counts those that reached a mail server or tried to; NextAt is when the next one is due, 0 for none.
	Attempts int     `json:"attempts"`
	NextAt   Instant `json:"next_at,omitempty"`
	// LastError says why the last attempt failed; empty where none did.
	LastError string `json:"last_error,omitempty"`
	// Figures is what the mail says in figures, as JSON, to be compared with later ones.
	Figures   string  `json:"-" ch:"told"`
	CreatedAt Instant `json:"created_at"`
	UpdatedAt Instant `json:"updated_at"`
	Version   int     `json:"-"`
}

// DeliveryQuery says which deliveries to read. Since is required and must not lie more than 400 days back; every other
// field narrows where it is not zero.
type DeliveryQuery struct {
	Since            Instant
	ID, Subscription string
	State            DeliveryState
	Kind             DeliveryKind
	Day              Date
	// Figures asks for what each mail says in figures, too, which may be long.
	Figures bool
	Limit   int
}
