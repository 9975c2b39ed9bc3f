// Package scheduler runs jobs at their times: by a cron expression read on the wall clock of a zone, once per due time,
// never two runs of one job at once, and with a memory of what was missed while no process was running.
//
// The nouns: a [Job] is a name, a [Timing] and what to do; a plan is a cron expression in a zone and answers "when
// next?"; a due time is an instant that a plan names; a [Run] is what became of one due time; the [Ledger] stores runs.
//
// It stores nothing itself: the ledger does, keyed by job and due time, and a run is recorded after its effect. So a
// run that a crash cut short is due again at the next start, if the job's [CatchUp] says so, and a job may see a due
// time twice but never loses one silently.
//
// What a plan promises, for every zone and every clock change:
//
//   - A fixed hour (0 6 * * *) that a clock change skips runs at the first instant after the hole; several due times in
//     one hole are one. A fixed hour that comes twice runs the first time only.
//   - An hour field with *, ? or a step goes by elapsed time: it runs whenever the clock shows a matching time, on both
//     passes of a doubled hour, and makes up nothing for a skipped one. A step that leaves a single hour is a fixed
//     hour.
//   - @every goes by elapsed time, counted from the Unix epoch, so that a restart does not move it.
//
// # Why
//
// github.com/robfig/cron reads expressions well, which is what it is used for here. But asked for 02:30 in
// Europe/Berlin it runs not at all on the night in spring and twice on the one in autumn, its parser panics on
// "TZ=UTC", and it accepts 31 February. It also remembers nothing. This package deals with these four apart from the
// jobs, which is why it knows nothing of adherence and imports nothing of ours.
package scheduler
