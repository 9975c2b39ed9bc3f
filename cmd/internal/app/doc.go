// Package app joins the parts of the program: it is the only package that sees all others.
//
// Nouns: [Opened] is the store as a command has it, [Daemon] is `rollcall serve`. The clock of the machine is read here
// ([Clock]) and passed to everything else.
//
// It stores nothing itself. Whatever it starts it also stops, in the reverse order and within a bound; starting order
// is such that pushed changes are taken from the first second, with or without ClickHouse.
//
// # Why
//
// Parts that know each other cannot be tested, replaced or understood alone. One package knows them all, and has no
// rules of its own.
package app
