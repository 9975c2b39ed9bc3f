package spool

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"rollcall/ingest"
	"rollcall/schemas"
)

// acceptUntilKilled is set to a folder in the environment of the process that is killed.
const acceptUntilKilled = "INGEST_TEST_ACCEPT_IN"

// acceptFrom is set to the instant that its changes follow.
const acceptFrom = "INGEST_TEST_ACCEPT_FROM"

// acceptForEver takes changes and says which were accepted, from several callers at once, while a writer drains and
// segments change.
func acceptForEver(dir string) {
	cfg := DefaultConfig(dir)
	cfg.SegmentBytes = 4 << 10
	s, err := New(cfg, Deps{Sink: &shelf{away: fmt.Errorf("there is no store")}, Log: quiet(), Clock: time.Now})
	if err == nil {
		err = s.Open()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	from, _ := strconv.Atoi(os.Getenv(acceptFrom))
	for caller := range 4 {
		go func() {
			for at := from + caller + 1; ; at += 4 {
				_, err := s.Accept(context.Background(),
					ingest.Batch{Changes: []schemas.Change{ana(schemas.Instant(at), schemas.StatusBreak)}})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(at) // one write
			}
		}()
	}
	fmt.Fprintln(os.Stderr, s.Run(context.Background()))
	os.Exit(1)
}

// The process is killed again and again; what it said it had accepted is there.
func TestKill(t *testing.T) {
	dir, said := t.TempDir(), map[schemas.Instant]bool{}
	for round := range 3 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), acceptUntilKilled+"="+dir, acceptFrom+"="+strconv.Itoa(round*1_000_000))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			at, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				break // the last line may be cut
			}
			said[schemas.Instant(at)] = true
			if n == 100+50*round {
				child.Process.Kill()
			}
		}
		child.Wait()
	}
	store := &shelf{}
	s := openSpool(t, store, folder(dir), nil)
	drainAll(t, s)
	stored := map[schemas.Instant]bool{}
	for _, c := range store.changes {
		stored[c.At] = true
	}
	if len(said) < 450 {
		t.Errorf("only %d were accepted in three rounds", len(said))
	}
	for at := range said {
		if !stored[at] {
			t.Errorf("change %d was accepted and is lost", at)
		}
	}
}
