// Package archtest holds the plan of the house to the house as built: which packages there are, on which level each
// stands, and that imports go strictly down (the levels in arch_test.go). It has tests only.
//
// # Why
//
// A wrong import is one line and looks harmless; a year of them is a knot. The test names the line on the day it is
// written.
package archtest
