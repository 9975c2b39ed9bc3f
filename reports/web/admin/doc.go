// Package admin holds the administration: users and tokens, feeds, texts without a meaning, jobs, webhook deliveries
// that were given up and the journal, as pages and where programs need them as calls.
//
// Its nouns: the [Store] (what the administration reads and writes besides credentials), [Unmapped] (a text that means
// nothing to us) and [Webhooks] (deliveries and their dead letters). It stores nothing itself. Pages show instants in
// UTC. What it guarantees: every change leaves a row in the journal, with who made it and from where; a token's secret
// is shown once.
package admin
