// Package simulate makes up a contact centre whose right answer is known: sites in several time zones, teams, agents,
// shifts, what the agents really did, and for every agent-day what a judge with the default policy must find.
//
// The nouns: a [Centre] is the made-up organisation; a block is one scheduled activity; a stretch is one deviation made
// on purpose (a late start, an overrun break, a call taken in the meal); a gap is time in which the feed was silent.
// [Write] puts the files of an import and truth.csv into a folder; [Centre.Live] goes on with the same plan
// as an endless stream of status changes. Everything is in whole seconds, instants are UTC, intervals half-open.
//
// Guarantees: the same configuration makes the same bytes; the memory used does not grow with the number of days; no
// agent has two changes at one instant, so that the order of rows in the file means nothing. The package stores nothing
// but the files it is asked for and reads no clock.
//
// # Why
//
// A judge that is only tested against itself proves nothing. Here each deviation is placed where it touches no other
// deviation and no gap, and states by construction what it costs: seconds out, on-queue time lost or won, one exception
// for every activity it touches. truth.csv adds these costs up. Nobody replays a timeline to get it, so a mistake in
// the judge cannot be repeated here.
//
// An agent-day is a pure function of seed, agent and date. That is why history and live feed fit together, and why
// nothing needs to be held in memory.
package simulate
