// Package archtest compares the house as planned with the house as built. It has tests only:
//
//   - which packages there are, on which level each stands, and that imports go strictly down;
//   - that files, lines and functions are short, long literals have a field a line, and no package is too large;
//   - that only what another package uses is exported;
//   - that every page and section that the code names is there.
//
// # Why
//
// A wrong import is one line and looks harmless; a year of them is a knot. The test names the line on the day it is
// written.
package archtest
