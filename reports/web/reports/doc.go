// Package reports holds the pages and calls of reports on demand, as jobs and as streams, and of mail subscriptions.
//
// Its nouns: an [Order] (a checked question for one report), a job (a report that is being made, or was), the [Maker]
// that makes files and streams, and [Subscriptions] (mails that people are sent). Finished files lie in a folder of
// this program's own, for as long as [Limits] says; a restart forgets them. What it guarantees: an order is narrowed to
// what the asker may see, and a finished report is for who asked for it and for admins; a report that breaks off on the
// wire is cut off, so that nobody takes it for whole.
package reports
