// Command rollcall ingests contact-centre agents' presence and status, stores it in ClickHouse, shows it
// live, and measures it against the schedule.
//
// One file per command; `rollcall help` lists them. Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 done in
// part; standard error says what and where.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"rollcall/schemas/engine"
)

// version is set by the linker.
var version = "dev"

func main() {
	engine.RunChildIfAsked()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program: it executes the command that args name and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var coded *exitError
	if !errors.As(err, &coded) {
		fmt.Fprintln(stderr, "rollcall:", err)
		return 1
	}
	if coded.err != nil {
		fmt.Fprintln(stderr, "rollcall:", coded.err)
	}
	return coded.code
}

// exitError is an error with the exit code that it means; err is nil when everything has been said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// The exit codes other than 0 and 1.
const (
	exitBadInput = 2
	exitInPart   = 3
)

// badInput marks an error as the caller's: exit code 2.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitBadInput, err}
}

// badInputf is badInput of a new error.
func badInputf(format string, args ...any) error { return badInput(fmt.Errorf(format, args...)) }
