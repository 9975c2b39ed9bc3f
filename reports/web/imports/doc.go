// Package imports holds the calls of the API and the pages on which files are imported: previewed, applied, listed,
// compared and taken back.
//
// Its nouns: the [Ledger] that does all of that (the store, through ingest), an upload (a form with a file), a preview
// (an uploaded file with what an import of it would do) and a kind of file with its tab.
//
// It stores nothing but the uploaded files whose preview somebody looks at, on disk without a name and for the time
// that [PreviewLimits] set: they are gone when they are forgotten, and when the program ends. Lengths of files are
// bytes, lengths of time seconds. What it guarantees: whoever may import for some teams imports only what touches these
// alone; what was previewed is what is imported, or there is a conflict that says what was imported in between; work is
// bounded in number, length and time.
//
// # Why
//
// A large file takes longer to read and judge than a request may last, so a preview and an import go on beside the
// requests, and the page follows them.
package imports
