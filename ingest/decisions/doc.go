// Package decisions takes in what people decide: versions of the policy ([PolicyDraft]), corrections
// ([CorrectionDraft]), which are requested, granted, refused and reverted as one [CorrectionUnit], and what state texts
// of feeds stand for ([Meanings]).
//
// Nouns: the [Ledger] checks a decision and writes it with its journal row. A draft is what somebody asks for; a
// [CorrectionPlan] is a checked draft, ready to be tried out or written. [By] is who decides.
//
// The package stores nothing itself; policies, corrections and journal rows go to the [Store]. Instants are
// milliseconds since the Unix epoch, UTC; dates are local dates of the agents.
//
// Guarantees:
//
//   - A decision is checked as a whole, written once, and never overwritten: a later one goes before it.
//   - Its journal row names every day that it can change, so that those days are judged again.
//   - A correction that is only requested changes no figure.
//   - Within one process decisions are taken one after the other.
//
// # Why
//
// A policy or a correction restates days that people have already seen, and everybody whose days change will ask who
// did it and why. So what is decided is a row with an author, an instant and a reason, never an edit.
package decisions
