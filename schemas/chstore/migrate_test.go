package chstore

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rollcall/schemas/migrations"
)

// prefix returns the first n steps as files.
func prefix(t *testing.T, n int) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	names := must[[]string](t)(fs.Glob(migrations.Files, "*.sql"))
	for _, name := range names[:n] {
		out[name] = &fstest.MapFile{Data: must[[]byte](t)(fs.ReadFile(migrations.Files, name))}
	}
	return out
}

func steps(t *testing.T) int { return len(must[[]Migration](t)(loadMigrations(migrations.Files))) }

// schemaOf lists every table and view with how it was made.
func schemaOf(t *testing.T, s *Store) []string {
	t.Helper()
	at := must[Endpoint](t)(s.cfg.Endpoint(ctx))
	rows := rowsOf(t, s, "SELECT concat(name, ' ', create_table_query) AS line FROM system.tables WHERE database = '"+
		at.Database+"' ORDER BY name")
	for i := range rows {
		rows[i] = strings.ReplaceAll(rows[i], at.Database, "rollcall")
	}
	return rows
}

func TestEveryEarlierSchemaGrowsIntoTheSameOne(t *testing.T) {
	whole := newStore(t)
	want := schemaOf(t, whole)
	for n := range steps(t) {
		s := emptyStore(t)
		if _, err := s.migrate(ctx, prefix(t, n)); err != nil {
			t.Fatal(err)
		}
		applied := must[[]string](t)(s.Migrate(ctx))
		if len(applied) != steps(t)-n {
			t.Errorf("after %d steps %d were applied: %v", n, len(applied), applied)
		}
		wantLines(t, schemaOf(t, s), want...)
		if n == 0 {
			wantLines(t, must[[]string](t)(s.Migrate(ctx)))
		}
	}
}

func TestAStepThatDiedHalfwayIsRunAgain(t *testing.T) {
	s := newStore(t)
	want := schemaOf(t, s)
	exec(t, s, "TRUNCATE TABLE schema_migrations")
	if n := len(must[[]string](t)(s.Migrate(ctx))); n != steps(t) {
		t.Errorf("%d steps ran again, want all", n)
	}
	wantLines(t, schemaOf(t, s), want...)
}

func TestTwoProcessesMigrateAtOnce(t *testing.T) {
	s := emptyStore(t)
	other := storeAt(t, must[Endpoint](t)(s.cfg.Endpoint(ctx)))
	failed := make(chan error)
	go func() {
		_, err := other.Migrate(ctx)
		failed <- err
	}()
	_, err := s.Migrate(ctx)
	check(t, err)
	check(t, <-failed)
	for _, m := range must[[]Migration](t)(s.MigrationStatus(ctx)) {
		if !m.Applied || m.AppliedAt == 0 {
			t.Errorf("step %s is not applied", m.Version)
		}
	}
}

func TestANewerOrAnotherSchemaIsRefused(t *testing.T) {
	s := emptyStore(t)
	version := must[string](t)(s.SchemaVersion(ctx))
	if version != "" {
		t.Errorf("an empty store has schema %q", version)
	}
	files := prefix(t, 1)
	files["209901010000_from_the_future.sql"] = &fstest.MapFile{
		Data: []byte("CREATE TABLE IF NOT EXISTS flying_cars (id String) ENGINE = MergeTree ORDER BY id;")}
	if _, err := s.migrate(ctx, files); err != nil {
		t.Fatal(err)
	}
	_, err := s.Migrate(ctx)
	if err == nil || !strings.Contains(err.Error(),
		"209901010000_from_the_future, which this program does not know; use a newer rollcall") {
		t.Errorf("a newer schema: %v", err)
	}
	if n := len(schemaOf(t, s)); n > 8 {
		t.Errorf("the refused store was changed: it has %d tables", n)
	}
	changed := prefix(t, 1)
	for name := range changed {
		changed[name].Data = append(changed[name].Data, '\n')
	}
	changed["209901010000_from_the_future.sql"] = files["209901010000_from_the_future.sql"]
	if _, err = s.migrate(ctx, changed); err == nil || !strings.Contains(err.Error(), "another text of step 2026") {
		t.Errorf("a changed step: %v", err)
	}
}

func TestMigrationFileNames(t *testing.T) {
	for name, want := range map[string]string{"1_x.sql": "is not named", "202601010000_x.sql": "have one version"} {
		files := fstest.MapFS{name: {}, "202601010000_y.sql": {}}
		if _, err := loadMigrations(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestSplitStatements(t *testing.T) {
	got := splitStatements("-- a; b\nSELECT ';', 'it\\'s;', `;`; /* ; */ \n;\n-- only a comment;\nSELECT 2 -- end;")
	want := []string{"-- a; b\nSELECT ';', 'it\\'s;', `;`", "-- only a comment;\nSELECT 2 -- end;"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if rest := splitStatements("SELECT 'open"); len(rest) != 1 {
		t.Errorf("an open text: %q", rest)
	}
}

func TestEveryQueryFileSaysWhatItIsFor(t *testing.T) {
	names := must[[]string](t)(fs.Glob(queries, "queries/*.sql"))
	for _, name := range names {
		text := string(must[[]byte](t)(queries.ReadFile(name)))
		if strings.Count(text, "\n") > 6 && !strings.HasPrefix(text, "--") {
			t.Errorf("%s is not trivial and has no header comment", name)
		}
	}
}
