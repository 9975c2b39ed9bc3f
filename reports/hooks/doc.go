// Package hooks notifies other programs of what happens on the live board, by signed HTTP requests.
//
// Nouns: a [Hook] is an address with a secret, and the events that it wants; an [Event] is one of [Events];
// a delivery (schemas.WebhookDelivery) is one event on its way to one hook. [Hooks] watches the board, writes
// deliveries into the store, sends them, and gives up on some: those are the dead letters, which [Hooks.Replay] sends
// again.
//
// # What is sent
//
// A POST with the JSON {"id", "event", "at", "agent": {...}}; agent is the row that GET /api/v1/agents/{id} shows.
// feed.silent has "feed": {"source", "since"} in its place, alarm.raised "alarm": {"kind", "subject", "text", "since"}.
// id is the event's own, the same at every hook. The headers are
//
//	Rollcall-Event:     agent.out_of_adherence
//	Rollcall-Delivery:  a UUID, the same for each attempt and for a replay of this delivery
//	Rollcall-Timestamp: the Unix seconds of the attempt
//	Rollcall-Signature: v1=HEX
//
// HEX is HMAC-SHA256 with the hook's secret over the timestamp, a full stop and the body, byte for byte. A receiver
// computes it, compares in constant time, refuses a timestamp more than five minutes away from its own clock, and
// remembers delivery ids for as long: then nobody can forge a request, and nobody who has overheard one can send it
// again. Rollcall's own replay has a new timestamp, so that it passes.
//
// agent.status_changed is a change of presence, status or secondary status; agent.routable_changed one of routable.
// agent.out_of_adherence comes once for each run out of adherence that lasts longer than the hook's Delay, and
// agent.back when a run that was reported ends, whatever comes after it (the row says). What lies between two looks at
// the board, a quarter of a second apart, is not reported. An agent who leaves the roster is reported as no longer
// routable and, if they were out, as back.
//
// # Guarantees
//
// A delivery is written before it is sent, so that a restart loses none; it is sent at least once, and twice when the
// daemon ends between the answer and its note. Each hook gets its deliveries in order: one that is tried again holds up
// those behind it, and no other hook. Network errors, 429 and 5xx are tried again, ten times in about an hour,
// redirects are not followed, every other answer but 2xx ends a delivery. While the store is away events wait in
// memory, unsent; beyond a bound, and at a stop before the store is back, they are lost, counted and logged. What a
// hook's full queue does not take becomes a dead letter. What is true when the watch begins is no event; a run that is
// then older than the Delay counts as reported, a younger one is reported when its time has come. Dead letters can be
// read and replayed for 14 days.
//
// Addresses are judged when the connection is made, on what the name has been resolved to: this host, private and
// special networks are refused unless the hook's AllowPrivate says otherwise. No proxy is used.
//
// It stores webhook_deliveries, through [Store]. Instants are schemas.Instant.
//
// # Why
//
// Wall boards and chat rooms want to be notified, not to ask. Somebody who may set an address must not gain a way into
// the network that the server stands in, and a receiver that is down must not lose the events of that hour.
package hooks
