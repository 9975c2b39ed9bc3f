package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// childVariable names, in the environment of a child, the library or program
// it is to become.
const childVariable = "ROLLCALL_ENGINE_CHILD"

// Open files that a child gets besides the standard three.
const (
	parentPipe = 3 // ends when the parent has gone
	// 4 is the folder's lock, which is only held, never used
)

// RunChildIfAsked becomes the engine, and never returns, in a process that an
// Engine has started for that; in any other it does nothing. A program that
// starts engines must call it first in main, and its test binaries first in
// TestMain (RunTests does).
func RunChildIfAsked() {
	path := os.Getenv(childVariable)
	if path == "" {
		return
	}
	if err := os.Unsetenv(childVariable); err != nil {
		os.Exit(complain(err))
	}
	unix.Umask(0o077) // data and logs are for this user only
	var err error
	if isLibrary(path) {
		go dieWithParent(func() { _ = unix.Kill(os.Getpid(), unix.SIGKILL) })
		err = becomeLibrary(path, os.Args[1:])
	} else {
		err = overseeProgram(path, os.Args[1:])
	}
	os.Exit(complain(err))
}

// complain writes why we end to standard error, which the parent reads.
func complain(err error) int {
	if err == nil {
		err = errors.New("the engine ended by itself")
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// dieWithParent calls die when the other end of the parent's pipe is closed,
// which the system does however the parent ends.
func dieWithParent(die func()) {
	_, _ = io.Copy(io.Discard, os.NewFile(parentPipe, "parent"))
	die()
}

// becomeLibrary runs clickhouse local out of the chDB library in this process,
// until its query ends.
func becomeLibrary(path string, args []string) error {
	runtime.LockOSThread()
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return fmt.Errorf("load engine library %s: %w", path, err)
	}
	run, err := purego.Dlsym(library, "chdb_query_cmdline")
	if err != nil {
		return fmt.Errorf("engine library %s has no chdb_query_cmdline; rollcall needs chDB of ClickHouse %s or later: %w",
			path, oldest, err)
	}
	argv := cStrings(append([]string{"clickhouse"}, args...))
	//nolint:gosec // a C argv, kept alive below
	result, _, _ := purego.SyscallN(run, uintptr(len(argv)-1), uintptr(unsafe.Pointer(&argv[0])))
	runtime.KeepAlive(argv)
	return libraryResult(library, result)
}

// cStrings returns a C argv: zero-ended strings and a nil at the end.
func cStrings(args []string) []*byte {
	argv := make([]*byte, len(args)+1)
	for i, arg := range args {
		argv[i] = &append([]byte(arg), 0)[0]
	}
	return argv
}

// libraryResult prints the result of the query on standard output, or returns its error.
func libraryResult(library, result uintptr) error {
	if result == 0 {
		return errors.New("the engine library ended without a result")
	}
	var message func(uintptr) string
	var buffer func(uintptr) *byte
	var length func(uintptr) uintptr
	purego.RegisterLibFunc(&message, library, "chdb_result_error")
	purego.RegisterLibFunc(&buffer, library, "chdb_result_buffer")
	purego.RegisterLibFunc(&length, library, "chdb_result_length")
	if text := message(result); text != "" {
		return errors.New(text)
	}
	if start := buffer(result); start != nil {
		//nolint:gosec // the library owns these bytes and gives their length
		if _, err := os.Stdout.Write(unsafe.Slice(start, length(result))); err != nil {
			return fmt.Errorf("print result: %w", err)
		}
	}
	return nil
}

// overseeProgram runs a clickhouse program and takes it along when the parent
// goes. We stay in between because the system forgets the parent-death signal
// of a program that has capabilities, as the packaged clickhouse has.
func overseeProgram(path string, args []string) error {
	runtime.LockOSThread()
	//nolint:gosec,noctx // the program is the operator's choice (store.engine); it ends by the pipe
	cmd := exec.Command(path, append([]string{"local"}, args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	dieByParentSignal(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start engine program %s: %w", path, err)
	}
	go dieWithParent(func() { _ = cmd.Process.Kill() })
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}()
	return cmd.Wait()
}
