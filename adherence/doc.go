// Package adherence is the judge: it says of every stretch of an agent's scheduled time whether the agent did what was
// scheduled, as RULES.md sections 3 to 6 define it, and adds the stretches up to the numbers of a day.
//
// The nouns: an [Input] holds everything that is known of one agent (activities, facts, gaps, corrections) and the
// dates that are wanted; [Rules] are a policy made ready for judging; a [Judge] owns the memory that judging needs and
// returns [schemas.AgentDay] values; a [Case] is a self-contained input in a file (RULES.md section 12).
//
// Everything is a pure function of its arguments: no clock, no I/O, no log, no random order. It stores nothing.
// Instants are milliseconds since the epoch, intervals are half-open, sums are integer milliseconds; a percentage is
// made last.
//
// Guarantees: scheduled = in + tolerated + out + neutral + ignored + unknown, exactly, for every day; the order in
// which facts arrived and repeated facts change nothing; days judged one at a time equal days judged together; more
// context than [Rules.Context] asks for changes nothing. Inputs that overlap or run backwards are errors, never
// guesses.
//
// # Why
//
// Every figure of Rollcall (report, board, page, mail) comes from this one package, so that two of them cannot
// disagree. The files follow RULES.md: timeline.go is section 3, schedule.go section 4, rules.go, verdict.go and
// runs.go section 5, numbers.go section 6. First the three state fields are laid into one sorted list of spans, then
// the schedule into one sorted list of plots (stretches with one activity, or none, that count for one day); a single
// sweep over both makes the atomic intervals. All lists live in the Judge and are used again, because a night's run
// judges millions of changes and would otherwise mostly allocate.
package adherence
