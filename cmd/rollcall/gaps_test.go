package main

import (
	"context"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
)

func cmdStamp(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "stamp NAME")
	ts.Setenv(args[0], app.Now().String())
}

func cmdGaps(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "gaps SOURCE N")
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		n, err := storedGaps(configOf(ts), args[0])
		ts.Check(err)
		if n >= want && (want > 0 || n == 0) {
			return
		}
		if time.Since(began) > guard {
			ts.Fatalf("the store holds %d gaps of %s, want %d", n, args[0], want)
		}
	}
}

// storedGaps counts the gaps of a source that were not taken back.
func storedGaps(c config.Config, source string) (n int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	s, err := app.OpenStore(ctx, c, quiet(), func(string) {})
	if err != nil {
		return 0, err
	}
	gaps, err := s.Gaps(ctx, schemas.Interval{}, 0)
	for _, g := range gaps {
		if g.Source == source {
			n++
		}
	}
	if closed := s.Close(); err == nil {
		err = closed
	}
	return n, err
}
