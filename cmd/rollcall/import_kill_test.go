package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/cmd/internal/app"
	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// killedKind is an import whose program is killed: two files of which one takes the place of the other.
type killedKind struct {
	kind    files.Kind
	journal schemas.JournalKind
	a, b    string
	// found counts what is held by whose it is; of A and B are the counts of either as a whole.
	found    func(s *chstore.Store) (map[string]int, error)
	ofA, ofB int
}

// rostersAndRequirements are 30 agents who are in team A, or all of them in B; and 48 intervals of 1 or of 2 heads.
func rostersAndRequirements() []killedKind {
	texts := map[string]string{}
	for code, heads := range map[string]int{"A": 1, "B": 2} {
		r, q := &strings.Builder{}, &strings.Builder{}
		r.WriteString("agent_id,name,team,time_zone,from\n")
		q.WriteString("team,start,required\n")
		for n := range 30 {
			fmt.Fprintf(r, "a%02d,Agent of %s,Team %s,UTC,2026-01-01\n", n, code, code)
		}
		for n := range 48 {
			fmt.Fprintf(q, "Needed,2026-03-02T%02d:%02dZ,%d\n", n/2, n%2*30, heads)
		}
		texts["roster "+code], texts["requirements "+code] = r.String(), q.String()
	}
	background := context.Background()
	return []killedKind{
		{files.Roster, schemas.JournalRoster, texts["roster A"], texts["roster B"],
			func(s *chstore.Store) (map[string]int, error) {
				found := map[string]int{}
				rows, err := s.Memberships(background, 0)
				for i := range rows {
					if code, ok := strings.CutPrefix(rows[i].Team, "Team "); ok {
						found[code]++
					}
				}
				return found, err
			}, 30, 30},
		{files.Requirements, schemas.JournalRequirement, texts["requirements A"], texts["requirements B"],
			func(s *chstore.Store) (map[string]int, error) {
				found := map[string]int{}
				err := s.Requirements(background, chstore.RequirementQuery{}, func(r *schemas.Requirement) error {
					found[map[string]string{"1": "A", "2": "B"}[r.Required.String()]]++
					return nil
				})
				return found, err
			}, 48, 48},
	}
}

// held returns whose rows are held, A's or B's, and fails when it is a mixture.
func (k *killedKind) held(t *testing.T, s *chstore.Store) string {
	t.Helper()
	found, err := k.found(s)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case len(found) == 1 && found["A"] == k.ofA:
		return "A"
	case len(found) == 1 && found["B"] == k.ofB:
		return "B"
	}
	t.Fatalf("the %s is a mixture: %v", k.kind, found)
	return ""
}

// entries counts the imports of the kind that are listed.
func (k *killedKind) entries(t *testing.T, s *chstore.Store) int {
	t.Helper()
	all, err := s.Imports(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range all {
		if all[i].Kind == k.journal {
			n++
		}
	}
	return n
}

// TestAKilledImportOfRostersAndRequirementsLeavesOldOrNew: as with schedules, the program is killed each time that it
// sends something from its first INSERT on. What is held then is A or B as a whole, the import is listed exactly when
// it is B, and the next import works at once.
func TestAKilledImportOfRostersAndRequirementsLeavesOldOrNew(t *testing.T) {
	long(t, "processes are killed and started many times")
	t.Parallel()
	store, err := url.Parse(sharedStore(t))
	if err != nil {
		t.Fatal(err)
	}
	m := newMeddler(t, store.Host)
	direct := store.String()
	store.Host = m.Addr().String()
	p := workshop{dir: t.TempDir()}
	p.env = []string{"PATH=" + os.Getenv("PATH"), "ROLLCALL_STORE_URL=" + direct, "ROLLCALL_STORE_DIR=" + p.data()}
	opened, err := app.OpenStore(context.Background(), p.config(t), quiet(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	put := func(name, text string) string {
		path := filepath.Join(p.dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	importer := imports.New(imports.Deps{Store: opened.Store, Clock: app.Clock})
	importGood(t, importer, files.Roster, put("needed.csv", "agent_id,team,time_zone\nned,Needed,UTC\n"))
	p.env[1] = "ROLLCALL_STORE_URL=" + store.String()
	for _, k := range rostersAndRequirements() {
		a := put("A.csv", k.a)
		put("B.csv", k.b)
		oldOnes, newOnes := 0, 0
		for n, torn := 0, false; ; n, torn = n+map[bool]int{true: 1}[torn], !torn {
			importGood(t, importer, k.kind, a)
			before := k.entries(t, opened.Store)
			cmd := p.command("import", string(k.kind), "B.csv")
			said := &speech{}
			cmd.Stderr = said
			if err := m.start(cmd, n, torn); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			held := k.held(t, opened.Store)
			if more := k.entries(t, opened.Store) - before; (held == "B") != (more == 1) {
				t.Errorf("%s, point %d: %s is held with %d more imports", k.kind, n, held, more)
			}
			if !m.hasKilled() {
				if err != nil || held != "B" {
					t.Errorf("%s: a program that nobody killed ended with %v and %s: %s", k.kind, err, held, said)
				}
				break
			}
			if held == "A" {
				oldOnes++
			} else {
				newOnes++
			}
		}
		t.Logf("%s: killed %d times: %d left the old one, %d the new one", k.kind, oldOnes+newOnes, oldOnes, newOnes)
		if oldOnes < 6 {
			t.Errorf("%s: only %d points were found", k.kind, oldOnes+newOnes)
		}
	}
}
