package schemas

// WebhookState is how far a delivery has come.
type WebhookState string

// The values of WebhookState.
const (
	WebhookQueued    WebhookState = "queued"    // is to be sent
	WebhookDelivered WebhookState = "delivered" // the receiver has taken it
	WebhookDead      WebhookState = "dead"      // was given up; people may have it sent again
)

// WebhookDelivery is one event on its way to one webhook (table webhook_deliveries). The row of an ID with the highest
// Version counts.
type WebhookDelivery struct {
	// ID is a UUID, the same for every attempt.
	ID string
	// Hook is the webhook's address.
	Hook string
	// Event is what happened, such as agent.back; Body the JSON that is sent, byte for byte.
	Event, Body string
	// Attempts counts those that were made since the delivery was queued.
	Attempts int
	State    WebhookState
	// LastError says why the last attempt failed; empty where none did.
	LastError            string
	CreatedAt, UpdatedAt Instant
	Version              int
}
