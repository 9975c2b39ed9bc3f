// Package story is the scenario language: a day of an agent in words that somebody who knows contact centres and not
// Go can read and write, with the figures that must come out of it.
//
// The nouns: a [Story] is one text file (a txtar archive) of prose, a schedule, what happened, rules, and what then
// must be true; it holds an [adherence.Case] and is checked against the judge, which returns a [Result] of [Difference]
// values. [Load] reads a story; [Builtin] reads those that travel with the program, which `rollcall selftest` runs.
// stories/README.md describes the language and says which rule each story holds to.
//
// Everything is a pure function of its arguments: no clock, no I/O, no log. It stores nothing. Times of a story are
// wall clock times of its zone; inside they are instants in milliseconds. Percentages have two decimals, lengths are
// written hours:minutes:seconds.
//
// Guarantees: a story that can be read means exactly one case; an error names file and line and says what would be
// right; a day, an exception or a row that the story does not expect is a difference, never passed over.
//
// # Why
//
// The rules of adherence are argued about by planners and team leads, not by programmers: a rule is settled when they
// can read the day that shows it. The archive's sections are plain lines so that a difference in a review is one line.
// The comparison is made on parsed values and not on text, so that spacing never fails a story, and only on the figures
// that a story names, so that each story is about one rule.
package story
