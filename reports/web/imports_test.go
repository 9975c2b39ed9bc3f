package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	webimports "rollcall/reports/web/imports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

const notMultipart = http.StatusUnsupportedMediaType

// importsMatrix is the part of the matrix about imports, written by hand: planners of a scope ask for ana,
// who is in it, and bob, who is not.
var importsMatrix = func() (rows []call) {
	for _, kind := range []string{"rosters", "schedules", "requirements", "activities", "statuses"} {
		path := "/api/v1/" + kind + "/imports"
		rows = append(rows,
			//                                                     nobody agent super plan mgr feed admin
			call{"POST " + path, path, [7]int{who, no, no, notMultipart, no, no, notMultipart}},
			call{"GET " + path, path, [7]int{who, no, no, ok, no, no, ok}},
			call{"GET " + path + "/{id}", path + "/ana", [7]int{who, no, no, ok, no, no, ok}},
			call{"GET " + path + "/{id}/diff", path + "/ana/diff", [7]int{who, no, no, ok, no, no, ok}},
			call{"GET " + path + "/{id}/diff", path + "/bob/diff", [7]int{who, no, no, no, no, no, ok}},
			call{"POST " + path + "/{id}/undo", path + "/ana/undo", [7]int{who, no, no, ok, no, no, ok}},
			call{"POST " + path + "/{id}/undo", path + "/bob/undo", [7]int{who, no, no, no, no, no, ok}},
		)
	}
	return rows
}()

// importer reads real files and writes nothing; it notes what it was told to do.
type importer struct {
	told []string
	err  error
}

func (m *importer) Import(
	ctx context.Context, kind files.Kind, in files.Input, opt imports.Options,
) (*imports.Result, error) {
	if opt.SavedProfile != "" { // none is saved here
		return nil, &imports.ProfileError{Message: fmt.Sprintf("there is no profile %q", opt.SavedProfile)}
	}
	rows, found, err := files.ReadRoster(ctx, in, opt.Options)
	report := &imports.Result{Report: found}
	if err != nil || m.err != nil {
		return nil, errors.Join(err, m.err)
	}
	report.DryRun, report.BaseRevision, report.Refused = opt.DryRun, "r7", report.ProblemCount > 0 && !opt.AllowPartial
	report.Roster = imports.CompareRosters(nil, rows)
	m.told = append(m.told,
		fmt.Sprintf("%s %s by %s dry %t zone %s partial %t from %s if %s: %d rows", kind, in.Name, opt.Actor, opt.DryRun,
			opt.TimeZone, opt.AllowPartial, opt.From, opt.IfRevision, report.Read))
	return report, nil
}

func (m *importer) Touched(_ context.Context, t imports.Touching) (out []access.Target, err error) {
	switch t := t.(type) {
	case *imports.Result:
		for _, a := range t.Roster.Agents {
			out = append(out, targetOf(a.AgentID))
		}
	case *imports.Diff:
		out = append(out, targetOf(t.Import.ID))
	case *imports.Undone:
		out = append(out, targetOf(t.Undoes.ID))
	}
	return out, nil
}

func targetOf(agent string) access.Target {
	return access.Target{AgentID: agent, Team: map[string]string{"ana": "Billing"}[agent]}
}

func (m *importer) List(context.Context, imports.ListQuery) ([]imports.Entry, error) {
	return []imports.Entry{entryOf("ana")}, m.err
}

func entryOf(id string) imports.Entry { return imports.Entry{Import: schemas.Import{ID: id}} }

func (m *importer) Find(_ context.Context, _ files.Kind, id string) (*imports.Entry, error) {
	if id == "none" {
		return nil, &imports.UnknownError{Kind: schemas.JournalRoster, ID: id}
	}
	e := entryOf(id)
	return &e, nil
}

func (m *importer) Diff(_ context.Context, _ files.Kind, id string) (*imports.Diff, error) {
	return &imports.Diff{Import: entryOf(id)}, m.err
}

func (m *importer) Undo(_ context.Context, o imports.UndoOrder) (*imports.Undone, error) {
	m.told = append(m.told,
		fmt.Sprintf("undo %s %s by %s dry %t if %s", o.Kind, o.Import, o.Actor, o.DryRun, o.IfRevision))
	made := entryOf("u9")
	return &imports.Undone{Undoes: entryOf(o.Import), Made: &made, BaseRevision: "r9"}, m.err
}

// mountImporter mounts an importer whose files lie in a folder of the test, and gives that folder.
func mountImporter(t *testing.T, m *importer) (dir string, mount func(*house) error) {
	dir = filepath.Join(t.TempDir(), "uploads")
	return dir, func(h *house) error {
		return webimports.Mount(h.Server, webimports.Limits{Dir: dir, MostBytes: 1000, Time: time.Minute, MostAtOnce: 2}, m)
	}
}

// form is a form with a file and fields (name, value, ...).
func form(t *testing.T, name, text string, fields ...string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err == nil {
			_, err = io.WriteString(part, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

const anasRoster = "agent_id,team\nana,Billing\n"

// A store that is away is not the asker's fault, nor for ever: 503, with when to ask again, on every call.
func TestAnImportWithoutAStoreMayBeTriedAgain(t *testing.T) {
	m := &importer{err: fmt.Errorf("read the roster: %w", schemas.ErrUnavailable)}
	_, mount := mountImporter(t, m)
	h := newHouse(t, config(), mount)
	body, kind := form(t, "r.csv", anasRoster)
	for _, c := range [][]string{{"POST", "", body, "Content-Type", kind}, {"GET", "", ""}, {"GET", "/ana/diff", ""},
		{"POST", "/ana/undo", ""}} {
		status, head, text := h.ask(t, "admin", c[0], "/api/v1/rosters/imports"+c[1], c[2], c[3:]...)
		if status != http.StatusServiceUnavailable || head.Get("Retry-After") != "5" ||
			!strings.Contains(text, "the store does not answer; try again in a moment") {
			t.Errorf("%s %s: %d, retry after %q: %s", c[0], c[1], status, head.Get("Retry-After"), text)
		}
	}
}

// A file is imported as its form says; whoever plans for some teams is tried first, and bound to what was seen then.
func TestAFileIsImported(t *testing.T) {
	m := &importer{}
	dir, mount := mountImporter(t, m)
	h := newHouse(t, config(), mount)
	for _, c := range []struct {
		role   schemas.Role
		query  string
		text   string
		fields []string
		status int
		say    string
		told   string
	}{
		{"admin", "", anasRoster,
			[]string{"time_zone", "Europe/London", "from", "2026-03-02", "to", "2026-03-08", "allow_partial", "true",
				"if_revision", "none"}, 200,
			`"rows_read":1`, "roster r.csv by admin dry false zone Europe/London partial true from 2026-03-02 if none: 1 rows"},
		{"admin", "?dry_run=true", "agent_id\n\x01\n", nil, 200, `"refused":true`,
			"roster r.csv by admin dry true zone  partial false from 1970-01-01 if : 1 rows"},
		{"admin", "", "agent_id,time_zone\nana,Europe/Lodnon\n", nil, 422,
			`r.csv:2:5: time_zone: time zone \"Europe/Lodnon\" is not known; did you mean \"Europe/London\"?`,
			"roster r.csv by admin dry false zone  partial false from 1970-01-01 if : 1 rows"},
		{"planner", "", anasRoster, nil, 200, `"rows_read":1`,
			"roster r.csv by planner dry true zone  partial false from 1970-01-01 if : 1 rows; " +
				"roster r.csv by planner dry false zone  partial false from 1970-01-01 if r7: 1 rows"},
		{"planner", "", "agent_id,team\nbob,Sales\n", nil, 403,
			`may not import data of agent \"bob\"; their scope is Billing`,
			"roster r.csv by planner dry true zone  partial false from 1970-01-01 if : 1 rows"},
		{"planner", "?dry_run=1", "agent_id,team\nbob,Sales\n", nil, 403, "may not import data",
			"roster r.csv by planner dry true zone  partial false from 1970-01-01 if : 1 rows"},
	} {
		m.told = nil
		body, kind := form(t, `C:\exports\r.csv`, c.text, c.fields...)
		status, head, answer := h.ask(t, c.role, "POST", "/api/v1/rosters/imports"+c.query, body, "Content-Type", kind)
		if status != c.status || !strings.Contains(answer, c.say) || strings.Join(m.told, "; ") != c.told {
			t.Errorf("%s %s: %d %s\ntold %v", c.role, c.query, status, answer, m.told)
		}
		if status >= 400 {
			problem(t, c.text, c.status, status, head, answer)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files are left behind: %v %v", left, err)
	}
}

// What is wrong with a form or an order is said, and nothing is imported.
func TestWrongFormsAreTold(t *testing.T) {
	m := &importer{}
	_, mount := mountImporter(t, m)
	h := newHouse(t, config(), mount)
	good, kind := form(t, "r.csv", anasRoster)
	for name, c := range map[string]struct {
		query, file, text string
		fields            []string
		status            int
		say               string
	}{
		"no file":           {"", "", "", nil, 422, "file is missing; send the file as a part of that name"},
		"a misspelt field":  {"", "r.csv", anasRoster, []string{"time_zon", "UTC"}, 422, "did you mean time_zone?"},
		"a zone of nowhere": {"", "r.csv", anasRoster, []string{"time_zone", "Europe/Lodnon"}, 422, "is not known"},
		"a date of nowhere": {"", "r.csv", anasRoster, []string{"from", "2026-02-30"}, 422, "from "},
		"half a range":      {"", "r.csv", anasRoster, []string{"from", "2026-03-02"}, 422, "from and to belong together"},
		"another profile":   {"", "r.csv", anasRoster, []string{"profile", "iexx"}, 422, "there is no profile"},
		"a parameter":       {"?dryrun=1", "r.csv", anasRoster, nil, 422, "the only one is dry_run"},
		"a dry run of what": {"?dry_run=maybe", "r.csv", anasRoster, nil, 422, "neither true nor false"},
		"a long file":       {"", "r.csv", strings.Repeat("x", 2<<20), nil, 413, "the file has more than 1000 bytes"},
	} {
		body, kind := form(t, c.file, c.text, c.fields...)
		status, head, answer := h.ask(t, "admin", "POST", "/api/v1/rosters/imports"+c.query, body, "Content-Type", kind)
		problem(t, name, c.status, status, head, answer)
		if !strings.Contains(answer, c.say) {
			t.Errorf("%s: %s does not say %q", name, answer, c.say)
		}
	}
	status, head, answer := h.ask(t, "admin", "POST", "/api/v1/rosters/imports", good[:len(good)-20], "Content-Type", kind)
	problem(t, "a form that breaks off", 400, status, head, answer)
	for err, want := range map[error]int{
		&imports.Conflict{Kind: schemas.JournalRoster, IfRevision: "a", Newest: "b"}: 409,
		&imports.Conflict{IfRevision: "a", Newest: "b"}:                              409,
		imports.ErrNothingToUndo:                                                     409,
		&imports.UnknownError{ID: "x"}:                                               404,
		errors.New("the store is away"):                                              500,
	} {
		m.told, m.err = nil, err
		status, head, answer := h.ask(t, "admin", "POST", "/api/v1/rosters/imports", good, "Content-Type", kind)
		problem(t, err.Error(), want, status, head, answer)
		if want == 409 && !errors.Is(err, imports.ErrNothingToUndo) && !strings.Contains(answer, `"newest_revision":"b"`) {
			t.Errorf("%v: the conflict is not told: %s", err, answer)
		}
	}
	m.err = nil
	for _, q := range []string{"?limit=0", "?limit=x", "?limit=5000"} {
		status, head, answer := h.ask(t, "admin", "GET", "/api/v1/rosters/imports"+q, "")
		problem(t, q, 422, status, head, answer)
	}
	status, head, answer = h.ask(t, "admin", "GET", "/api/v1/rosters/imports/none", "")
	problem(t, "no such import", 404, status, head, answer)
}

// An undo is tried before it is done; a dry run is only tried.
func TestAnImportIsUndone(t *testing.T) {
	m := &importer{}
	_, mount := mountImporter(t, m)
	h := newHouse(t, config(), mount)
	for _, c := range []struct{ query, body, told string }{
		{"", `{"if_revision":"r9"}`,
			"undo schedule ana by planner dry true if r9; undo schedule ana by planner dry false if r9"},
		{"?dry_run=true", "", "undo schedule ana by planner dry true if "},
		{"", "", "undo schedule ana by planner dry true if ; undo schedule ana by planner dry false if r9"},
	} {
		m.told = nil
		status, _, answer := h.ask(t, "planner", "POST", "/api/v1/schedules/imports/ana/undo"+c.query, c.body)
		if status != 200 || strings.Join(m.told, "; ") != c.told {
			t.Errorf("%d %s: told %v", status, answer, m.told)
		}
	}
	status, head, answer := h.ask(t, "planner", "POST", "/api/v1/schedules/imports/ana/undo", `{"if_revisio":"r9"}`)
	problem(t, "a misspelt field", 400, status, head, answer)
}
