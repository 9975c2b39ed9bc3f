// Package suggest guesses how a file of another program is to be read.
//
// Its nouns: a [files.Sample] is what is looked at; a [Choice] is one thing that has to be decided, with what was
// guessed, how sure that is, why, and what else may be chosen; a [Proposal] is all choices with the profile that they
// make and the first rows as they would be read. [Propose] is a pure function of the sample, of what the store knows
// and of what was chosen: whoever corrects a choice asks again, and whatever follows from it is guessed anew.
//
// It stores nothing and reads no file. Instants in examples are local texts, as the profile makes them. A proposal
// never makes a length, a time or a day out of nothing: what nobody has said is a choice that is open.
//
// # Why
//
// A profile can say almost anything, but who plans has no time to learn its words. Choosing from a list is learned by
// looking. The guess is made by trying: a pattern is right if it reads the values, a column holds agents if the roster
// knows them, and every example is read by the very code that will read the file.
package suggest
