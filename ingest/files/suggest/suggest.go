package suggest

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// Known is what the store knows.
type Known struct {
	files.Known
	// Zone is that of agents without one of their own; it may be empty. Today decides between two readings of a date.
	Zone  string
	Today schemas.Date
}

// Sure is how sure a guess is.
type Sure string

// How sure a guess is: everything speaks for it; most does; it is only more likely than another; nothing says what it
// is, so that somebody has to; somebody has.
const (
	Certain Sure = "sure"
	Likely  Sure = "likely"
	Guess   Sure = "guess"
	Open    Sure = "open"
	Chosen  Sure = "chosen"
)

// Choice is one thing that is decided about a file.
type Choice struct {
	// Key is what it is called in a command, Label in a sentence.
	Key   string `json:"key"`
	Label string `json:"label"`
	// Value is what holds; Options are what may be chosen, which may be any text where Free.
	Value   string   `json:"value"`
	Options []Option `json:"options,omitempty"`
	Free    bool     `json:"free,omitempty"`
	Sure    Sure     `json:"sure"`
	Why     string   `json:"why,omitempty"`
}

// Option is something that may be chosen, and what it is called where that is not the same.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label,omitempty"`
}

// Proposal is how a file may be read.
type Proposal struct {
	Kind    files.Kind `json:"kind"`
	Choices []Choice   `json:"choices"`
	// Profile is the YAML of the profile; empty where there is none yet.
	Profile string `json:"profile"`
	// Columns are ours, Examples the texts of the first rows as they would be read.
	Columns  []string  `json:"columns"`
	Examples []Example `json:"examples"`
	// Read counts the rows that the sample makes, Wrong those of them that cannot be read.
	Read  int `json:"rows_read"`
	Wrong int `json:"rows_wrong"`
	// Notes are what else there is to know: columns that are not used, what is missing, what cannot be read.
	Notes []string `json:"notes,omitempty"`
}

// Example is a row as it would be read; Wrong is what is wrong with it.
type Example struct {
	Line  int      `json:"line"`
	Texts []string `json:"texts"`
	Wrong string   `json:"wrong,omitempty"`
}

// Open lists the choices that somebody has to make.
func (p *Proposal) Open() []string {
	var out []string
	for _, c := range p.Choices {
		if c.Sure == Open {
			out = append(out, c.Key)
		}
	}
	return out
}

// guess is the making of a proposal.
type guess struct {
	*Proposal
	known  Known
	chosen map[string]string
	used   map[string]bool
	// roster has, for each key by which agents are named, the texts that name one.
	roster map[string]map[string]bool
	table  table
	plan   plan
}

// Propose guesses how the sample is to be read as a file of the kind, which may be empty: then that is guessed too.
// chosen has the values of choices that somebody has made, by key. The error is one that nobody can choose.
func Propose(s *files.Sample, kind files.Kind, known Known, chosen map[string]string) (*Proposal, error) {
	g := &guess{Proposal: &Proposal{}, known: known, chosen: chosen, used: map[string]bool{}}
	g.table.sample = s
	g.findTable()
	g.findKind(kind)
	g.findAgent()
	switch g.Kind {
	case files.Schedule:
		g.schedule()
	case files.Status:
		g.status()
	default:
		g.plain()
	}
	g.finish()
	for key, value := range chosen {
		if !g.used[key] {
			return g.Proposal, fmt.Errorf("nothing is to be chosen as %q here%s", key+"="+value,
				schemas.DidYouMean(key, g.keys()))
		}
	}
	return g.Proposal, g.plan.err
}

func (g *guess) keys() []string {
	var out []string
	for _, c := range g.Choices {
		out = append(out, c.Key)
	}
	return out
}

// choose decides one thing: what somebody has chosen, else the guess.
func (g *guess) choose(c Choice) string {
	if v, ok := g.chosen[c.Key]; ok && !g.used[c.Key] {
		is := func(o Option) bool { return strings.EqualFold(o.Value, v) }
		if n := slices.IndexFunc(c.Options, is); n >= 0 {
			v = c.Options[n].Value
		} else if !c.Free && g.plan.err == nil {
			g.plan.err = fmt.Errorf("%s cannot be %q; %s", c.Key, v, notAmong(v, c.Options))
		}
		c.Value, c.Sure, c.Why = v, Chosen, ""
	}
	g.used[c.Key] = true
	g.Choices = append(g.Choices, c)
	return c.Value
}

// notAmong says what could have been chosen.
func notAmong(v string, options []Option) string {
	var names []string
	for _, o := range options {
		if o.Value != "" {
			names = append(names, o.Value)
		}
	}
	if near := schemas.Nearest(v, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "possible are " + strings.Join(names[:min(len(names), 20)], ", ")
}

// options makes options of values.
func options(values ...string) []Option {
	out := make([]Option, len(values))
	for i, v := range values {
		out[i].Value = v
	}
	return out
}

func (g *guess) note(format string, args ...any) {
	g.Notes = append(g.Notes, fmt.Sprintf(format, args...))
}
