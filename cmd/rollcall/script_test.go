package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/cmd/internal/app"
	"rollcall/schemas"
	"rollcall/schemas/engine"
)

// TestScripts runs every story under testdata/script. Beside testscript's own commands they have:
//
//	serve                        start the daemon; sets $URL; it is stopped at the end of the script
//	sigterm                      SIGTERM to the daemon: it has to end within ten seconds, with code 0, and its engine too
//	kill9 daemon|engine          SIGKILL; waits until the process, and with the daemon its engine, is gone
//	code N PROGRAM ARGS...       run a program that has to end with exactly this exit code
//	http CODE METHOD PATH [FILE] call the daemon with $TOKEN; the answer's body becomes stdout
//	until CODE PATH PATTERN      GET until the answer has the code and matches; the body becomes stdout
//	json PATH VALUE              a value in the JSON on stdout: names and numbers joined by dots, len is a list's length
//	remember NAME PATH           set a variable to a value in the JSON on stdout
//	cell FILE SHEET NAME ROW TEXT [NUMBER]  a cell under a column's header: as shown, and as a number
//	changes FILE                 the store holds exactly the status changes of the file, one "source agent_id at" a line
//	repeat N FROM TO             write a file that holds FROM N times
//	alone [N]                    N processes work in the script's folders, none where no number is given
//	tokenfrom FILE               the daemon is called with this token from now on
//	reached FILE                 wait until the file is there
//	expand FILE                  put the values of variables such as $NOW into the file
//	stamp NAME                   set a variable to the present instant
//	gaps SOURCE N                wait until the store holds at least N gaps of the source, for 0 none
//	newer                        a step of the schema that this program does not know is noted in the store
//
// A script gets the embedded engine. The command shared makes it use a database in the tests' one engine instead:
// quicker, where the engine is not what the story is about.
func TestScripts(t *testing.T) {
	found, err := engine.Find(context.Background(), engine.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROLLCALL_STORE_DIR", filepath.Join(e.WorkDir, "data"))
			e.Setenv("ROLLCALL_STORE_ENGINE", found)
			e.Setenv("ROLLCALL_HTTP_LISTEN", "127.0.0.1:0")
			e.Setenv("LIBRARY", found)
			now := app.Now()
			for name, minutes := range map[string]int64{"NOW": 0, "MINUTES_AGO_60": -60, "MINUTES_AGO_10": -10,
				"IN_MINUTES_50": 50, "IN_MINUTES_90": 90} {
				e.Setenv(name, now.Add(minutes*schemas.MinuteMS).String())
			}
			e.Values[houseKey{}] = &house{}
			e.Defer(func() { noEngineLeft(e.T(), e.WorkDir) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": cmdServe, "sigterm": cmdSigterm, "kill9": cmdKill9, "code": cmdCode, "http": cmdHTTP, "until": cmdUntil,
			"json": cmdJSON, "remember": cmdRemember, "cell": cmdCell, "changes": cmdChanges, "shared": cmdShared,
			"repeat": cmdRepeat, "alone": cmdAlone,
			"tokenfrom": cmdTokenFrom, "reached": cmdReached, "expand": cmdExpand, "newer": cmdNewer, "stamp": cmdStamp,
			"gaps": cmdGaps,
		},
	})
}

// house is what a script has running.
type house struct{ daemon *daemon }

type houseKey struct{}

func houseOf(ts *testscript.TestScript) *house { return ts.Value(houseKey{}).(*house) }

// running returns the script's daemon.
func running(ts *testscript.TestScript) *daemon {
	d := houseOf(ts).daemon
	if d == nil {
		ts.Fatalf("no daemon runs; write serve first")
	}
	return d
}

// usage ends the script when a command is written wrongly.
func usage(ts *testscript.TestScript, neg, fits bool, how string) {
	if neg || !fits {
		ts.Fatalf("usage: %s", how)
	}
}

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 0, "serve")
	// The environment is the script's own.
	var env []string
	for _, name := range []string{"PATH", "HOME", "LIBRARY", "ROLLCALL_STORE_DIR", "ROLLCALL_STORE_ENGINE",
		"ROLLCALL_STORE_URL",
		"ROLLCALL_HTTP_LISTEN", "ROLLCALL_SETTLE", "ROLLCALL_JOBS_COMPUTE_CRON", "ROLLCALL_FEEDS_SILENT_AFTER",
		"ROLLCALL_LOG_LEVEL"} {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	d, err := startDaemon(ts.MkAbs("."), env)
	ts.Check(err)
	houseOf(ts).daemon = d
	ts.Defer(func() { d.kill() })
	ts.Setenv("URL", d.url)
	ts.Logf("the daemon is process %d at %s", d.cmd.Process.Pid, d.url)
}

func cmdSigterm(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 0, "sigterm")
	d := running(ts)
	err := d.stop()
	ts.Logf("%s", d.said.String())
	ts.Check(err)
	houseOf(ts).daemon = nil
}

func cmdKill9(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1 && (args[0] == "daemon" || args[0] == "engine"), "kill9 daemon|engine")
	d := running(ts)
	engineID, err := enginePID(ts.Getenv("ROLLCALL_STORE_DIR"))
	ts.Check(err)
	if args[0] == "engine" {
		ts.Check(killPID(engineID))
	} else {
		d.kill()
		houseOf(ts).daemon = nil
	}
	ts.Check(gone(engineID))
}

func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "code N PROGRAM ARGS...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmdHTTP(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3 || len(args) == 4, "http CODE METHOD PATH [FILE]")
	body := ""
	if len(args) == 4 {
		body = ts.ReadFile(args[3])
	}
	code, answer, err := running(ts).call(args[1], args[2], ts.Getenv("TOKEN"), body)
	ts.Check(err)
	_, err = ts.Stdout().Write([]byte(answer))
	ts.Check(err)
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s %s: %d, want %s\n%s", args[1], args[2], code, args[0], answer)
	}
}

func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "until CODE PATH PATTERN")
	pattern, err := regexp.Compile(args[2])
	ts.Check(err)
	d, last, began := running(ts), "", time.Now()
	err = eventually(func() bool {
		code, answer, err := d.call(http.MethodGet, args[1], ts.Getenv("TOKEN"), "")
		last = fmt.Sprintf("%d %s %v", code, answer, err)
		if err != nil || strconv.Itoa(code) != args[0] || !pattern.MatchString(answer) {
			return false
		}
		last = answer
		return true
	})
	ts.Logf("after %v", time.Since(began).Round(time.Millisecond))
	_, _ = ts.Stdout().Write([]byte(last))
	if err != nil {
		ts.Fatalf("GET %s: %v; the last answer: %s\n%s", args[1], err, last, d.said.String())
	}
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "json PATH VALUE")
	got, err := lookUp(ts.ReadFile("stdout"), args[0])
	ts.Check(err)
	if got != args[1] {
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}

func cmdRemember(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "remember NAME PATH")
	got, err := lookUp(ts.ReadFile("stdout"), args[1])
	ts.Check(err)
	ts.Setenv(args[0], got)
}

func cmdShared(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 0, "shared")
	ts.Setenv("ROLLCALL_STORE_URL", sharedStore(scriptTB{ts}))
}

// scriptTB lets a script start the tests' shared engine.
type scriptTB struct{ ts *testscript.TestScript }

func (s scriptTB) Helper()                           {}
func (s scriptTB) Fatalf(format string, args ...any) { s.ts.Fatalf(format, args...) }
func (s scriptTB) Cleanup(f func())                  { s.ts.Defer(f) }
func (s scriptTB) TempDir() string                   { return s.ts.MkAbs(".") }

func cmdRepeat(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "repeat N FROM TO")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Repeat(ts.ReadFile(args[1]), n)), 0o600))
}

// cmdAlone counts the engines that work in the script's folders.
func cmdAlone(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) <= 1, "alone [N]")
	want := 0
	if len(args) == 1 {
		var err error
		want, err = strconv.Atoi(args[0])
		ts.Check(err)
	}
	if found := enginesIn(ts.Getenv("WORK")); len(found) != want && hasProc() {
		ts.Fatalf("%d processes work in %s, want %d: %v", len(found), ts.Getenv("WORK"), want, found)
	}
}

// noEngineLeft fails the script when a process still works in its folder.
func noEngineLeft(t testscript.T, dir string) {
	var left []string
	if eventually(func() bool { left = enginesIn(dir); return len(left) == 0 }) != nil {
		t.Fatal("the script left processes behind: ", left)
	}
}

func cmdTokenFrom(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "tokenfrom FILE")
	ts.Setenv("TOKEN", strings.TrimSpace(ts.ReadFile(args[0])))
	if houseOf(ts).daemon == nil {
		return
	}
	// A daemon hears within a second of a token that a command has made; one that has been revoked, or a daemon that
	// cannot answer, is the story's own business.
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if ask(ctx, ts) != http.StatusUnauthorized {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ask calls the daemon with the script's token and returns the answer's code, 0 without an answer.
func ask(ctx context.Context, ts *testscript.TestScript) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, ts.Getenv("URL")+"/api/v1/feeds", nil)
	if err != nil {
		return 0
	}
	r.Header.Set("Authorization", "Bearer "+ts.Getenv("TOKEN"))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close() // only the code is wanted
	return resp.StatusCode
}

func cmdReached(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "reached FILE")
	if eventually(func() bool { _, err := os.Stat(ts.MkAbs(args[0])); return err == nil }) != nil {
		ts.Fatalf("%s was never made", args[0])
	}
}

func cmdExpand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "expand FILE")
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
