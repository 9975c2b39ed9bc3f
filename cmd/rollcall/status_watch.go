package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rollcall/schemas"
)

// The times of a watch: how long a stream may be silent (it says every 15 s that it is alive), and how long a daemon
// that went away is left alone.
const (
	silentFor  = 50 * time.Second
	againAfter = 2 * time.Second
)

func newStatusWatch(g *globals, d *remote) *cobra.Command {
	var f statusFilter
	var count int
	cmd := &cobra.Command{Use: "watch", Short: "print a line for each change, until interrupted", Args: cobra.NoArgs,
		Long: "Prints a line for each agent that changes from now on, at most four a second for each; -o json\n" +
			"prints one object a line. A daemon that goes away is asked again until it is back, and what was\n" +
			"missed is printed then.",
		RunE: d.onDaemon(g, func(cmd *cobra.Command, _ []string) error {
			w := &watch{
				cmd:    cmd,
				remote: d,
				format: g.output,
				path:   "/api/v1/live/stream" + f.query(),
				count:  count,
				shown:  map[string]string{},
			}
			out := csv.NewWriter(cmd.OutOrStdout())
			w.csv.write = func(cells []string) error { return errors.Join(out.Write(cells), flushed(out)) }
			return w.run(cmd.Context())
		})}
	f.flags(cmd)
	cmd.Flags().IntVar(&count, "count", 0, "end after so many lines (default never)")
	return cmd
}

// watch follows the stream of live states.
type watch struct {
	cmd          *cobra.Command
	remote       *remote
	format, path string
	csv          lines
	count        int               // lines still to print before the end; 0 for ever
	last         string            // id of the last event
	shown        map[string]string // agent to their state, without the time of the look
	begun        bool
}

// run follows streams, one after the other, until ctx ends. A daemon that has never answered is an error.
func (w *watch) run(ctx context.Context) error {
	for {
		err := w.follow(ctx)
		away := new(awayError)
		switch {
		case ctx.Err() != nil, errors.Is(err, errEnough):
			return nil
		case errors.As(err, &away) && w.begun, errors.Is(err, errBroken):
			fmt.Fprintln(w.cmd.ErrOrStderr(), "rollcall:", err, "- trying again")
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(againAfter):
		}
	}
}

// errBroken says that a stream ended.
var errBroken = errors.New("the stream broke off")

// errEnough says that all lines that were asked for have been printed.
var errEnough = errors.New("enough")

// follow reads one stream to its end.
func (w *watch) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(silentFor, cancel)
	defer silence.Stop()
	header := []string{"Accept", "text/event-stream"}
	if w.last != "" {
		header = append(header, "Last-Event-ID", w.last)
	}
	resp, err := w.remote.open(ctx, "GET", w.path, nil, header...)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	var id, name, data string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return broken(err)
		}
		silence.Reset(silentFor)
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			data = value
		case "":
			if err := w.event(name, data); err != nil {
				return err
			}
			if id != "" {
				w.last = id
			}
			id, name, data = "", "", ""
		}
	}
}

func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return errBroken
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}

// event takes one event. The first snapshot is where the watch begins; of a later one, only what is new in it is
// printed.
func (w *watch) event(name, data string) error {
	switch name {
	case "snapshot":
		var all struct{ Items []schemas.LiveAgent }
		if err := json.Unmarshal([]byte(data), &all); err != nil {
			return fmt.Errorf("reading a snapshot of the stream: %w", err)
		}
		print := w.begun
		w.begun = true
		for i := range all.Items {
			if err := w.agent(&all.Items[i], print); err != nil {
				return err
			}
		}
	case "agent", "gone":
		var a schemas.LiveAgent
		if err := json.Unmarshal([]byte(data), &a); err != nil {
			return fmt.Errorf("reading an event of the stream: %w", err)
		}
		if name == "agent" {
			return w.agent(&a, true)
		}
		delete(w.shown, a.AgentID)
	}
	return nil
}

// agent prints a row if it is new.
func (w *watch) agent(a *schemas.LiveAgent, print bool) error {
	timeless := *a
	timeless.AsOf = 0
	b, err := json.Marshal(&timeless)
	if err != nil {
		return err
	}
	if w.shown[a.AgentID] == string(b) {
		return nil
	}
	w.shown[a.AgentID] = string(b)
	if !print {
		return nil
	}
	if err := w.printLine(a); err != nil {
		return err
	}
	if w.count--; w.count == 0 {
		return errEnough
	}
	return nil
}

// printLine prints one row of an endless list: for a table a line of its own, for JSON one object a line.
func (w *watch) printLine(a *schemas.LiveAgent) error {
	row := statusRow{a}
	switch w.format {
	case "json":
		b, err := json.Marshal(row)
		if err != nil {
			return err
		}
		return say(w.cmd, "%s", b)
	case "csv":
		return w.csv.print(row)
	}
	because := ""
	if a.NotRoutableBecause != "" {
		because = "  (" + a.NotRoutableBecause + ")"
	}
	if a.Note != "" {
		because += "  " + a.Note
	}
	return say(w.cmd, "%s  %-12s %-20s %-10s %-10s %-14s %s%s", a.AsOf, oneLine(a.AgentID), oneLine(a.Name), a.Presence,
		cmp.Or(oneLine(a.Secondary), a.Status.String()), a.Routing, a.AdherenceState, oneLine(because))
}
