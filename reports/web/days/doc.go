// Package days holds the pages and calls of judged days: figures of teams and agents by day, one day with the reason of
// every stretch, and the corrections and policies that decide how days are judged.
//
// Its nouns: [Results] (the judged days in the store), a [Query] (which of them somebody wants), [Sums] (what they say
// as a whole), a stretch (explained time that people cannot tell apart) and the [Decisions] on policies and
// corrections. It stores nothing. Lengths of time on the wire are seconds. What it guarantees: every day is asked for
// by the team and site in which it happened; an agent learns of nobody but themselves; a figure over several days is
// the quotient of their sums.
//
// # Why
//
// Pages call the same functions as the API, so that a page can do nothing that a program may not do.
package days
