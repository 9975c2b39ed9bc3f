package chstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"rollcall/schemas"
	"rollcall/schemas/migrations"
)

// Migration is one step of the schema. Version is the UTC minute of its file's name, 202611220900.
type Migration struct {
	Version, Name string
	Applied       bool
	AppliedAt     schemas.Instant

	checksum, text string
}

// ErrSchema says that the store's schema is not one that this program can work with; trying again does not help.
var ErrSchema = errors.New("the schema of the store does not fit this program")

var migrationName = regexp.MustCompile(`^(\d{12})_([a-z0-9_]+)\.sql$`)

// loadMigrations reads the steps in the order of their versions.
func loadMigrations(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var out []Migration
	for _, name := range names {
		m := migrationName.FindStringSubmatch(path.Base(name))
		if m == nil {
			return nil, fmt.Errorf("migration %s is not named YYYYMMDDHHMM_words.sql", name)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		sum := sha256.Sum256(text)
		out = append(out, Migration{Version: m[1], Name: m[2], checksum: hex.EncodeToString(sum[:]), text: string(text)})
	}
	slices.SortFunc(out, func(a, b Migration) int { return strings.Compare(a.Version, b.Version) })
	for i := 1; i < len(out); i++ {
		if out[i].Version == out[i-1].Version {
			return nil, fmt.Errorf("migrations %s and %s have one version, %s", out[i-1].Name, out[i].Name, out[i].Version)
		}
	}
	return out, nil
}

// Migrate makes the database if there is none and applies the steps that are missing, in order. It returns the names of
// those it applied. A store whose schema is newer than this program, or was made from other text, is refused and left
// alone. Two processes may migrate at the same time.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	return s.migrate(ctx, migrations.Files)
}

func (s *Store) migrate(ctx context.Context, files fs.FS) (applied []string, err error) {
	if err = s.createDatabase(ctx); err != nil {
		return nil, err
	}
	if err = s.exec(ctx, query("schema_migrations_create")); err != nil {
		return nil, fmt.Errorf("create schema_migrations: %w", err)
	}
	steps, err := s.migrationStatus(ctx, files)
	if err != nil {
		return nil, err
	}
	for i := range steps {
		m := &steps[i]
		if m.Applied {
			continue
		}
		if err := s.apply(ctx, m); err != nil {
			return applied, fmt.Errorf("migration %s_%s: %w", m.Version, m.Name, err)
		}
		applied = append(applied, m.Version+"_"+m.Name)
	}
	return applied, nil
}

// createDatabase works outside the database, because the server refuses one that does not exist.
func (s *Store) createDatabase(ctx context.Context) error {
	at, err := s.cfg.endpoint(ctx)
	if err != nil {
		return err
	}
	err = s.outside(func(c driver.Conn) error {
		return c.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+quoteName(at.database()))
	})
	return wrap("create database "+at.database(), explain(ctx, err))
}

// quoteName quotes a name for SQL. It is the only place where a name that a user chose meets the text of a query.
func quoteName(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

func migrationFields(m *Migration) []field {
	return []field{{"version", &m.Version}, {"name", &m.Name}, {"checksum", &m.checksum}}
}

func (s *Store) apply(ctx context.Context, m *Migration) error {
	for _, sql := range splitStatements(m.text) {
		if err := s.exec(ctx, statement{sql: sql}); err != nil {
			return fmt.Errorf("%.60s: %w", strings.Join(strings.Fields(sql), " "), err)
		}
	}
	return insert(ctx, s, "schema_migrations", migrationFields, []Migration{*m})
}

// MigrationStatus lists the steps that this program knows and when each was applied, without changing anything. It
// refuses what Migrate refuses.
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) {
	there, err := s.hasSchema(ctx)
	if err != nil {
		return nil, err
	}
	if !there {
		return loadMigrations(migrations.Files)
	}
	return s.migrationStatus(ctx, migrations.Files)
}

// hasSchema reports whether anything was ever migrated.
func (s *Store) hasSchema(ctx context.Context) (bool, error) {
	at, err := s.cfg.endpoint(ctx)
	if err != nil {
		return false, err
	}
	var n uint64
	err = s.outside(func(c driver.Conn) error {
		q := query("schema_migrations_exists").text("database", at.database())
		return c.QueryRow(q.context(ctx), q.sql).Scan(&n)
	})
	return n > 0, wrap("look for schema_migrations", explain(ctx, err))
}

func (s *Store) migrationStatus(ctx context.Context, files fs.FS) ([]Migration, error) {
	steps, err := loadMigrations(files)
	if err != nil {
		return nil, err
	}
	done, err := all(ctx, s, "read schema_migrations", query("schema_migrations_applied"), func(m *Migration) []field {
		return append(migrationFields(m), field{"applied_at", &m.AppliedAt})
	})
	if err != nil {
		return nil, err
	}
	for _, d := range done {
		i, found := slices.BinarySearchFunc(steps, d.Version,
			func(m Migration, v string) int { return strings.Compare(m.Version, v) })
		switch {
		case !found:
			return nil, fmt.Errorf("%w: it has step %s_%s, which this program does not know; use a newer rollcall", ErrSchema,
				d.Version, d.Name)
		case steps[i].checksum != d.checksum:
			return nil, fmt.Errorf("%w: it was made with another text of step %s_%s; use the rollcall that made it", ErrSchema,
				d.Version,
				d.Name)
		}
		steps[i].Applied, steps[i].AppliedAt = true, d.AppliedAt
	}
	return steps, nil
}

// SchemaVersion returns the version of the last step that was applied, "" before the first.
func (s *Store) SchemaVersion(ctx context.Context) (string, error) {
	steps, err := s.MigrationStatus(ctx)
	if err != nil {
		return "", err
	}
	version := ""
	for _, m := range steps {
		if m.Applied {
			version = m.Version
		}
	}
	return version, nil
}

// splitStatements cuts SQL at semicolons outside texts, quoted names and comments. Comments before a statement stay
// with it; what holds nothing but comments is left out.
func splitStatements(sql string) []string {
	var out []string
	start, code := 0, false
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case strings.HasPrefix(sql[i:], "--"):
			i = skipTo(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			i = skipTo(sql, i, "*/")
		case c == '\'' || c == '`' || c == '"':
			i, code = skipQuoted(sql, i), true
		case c == ';':
			if code {
				out = append(out, strings.TrimSpace(sql[start:i]))
			}
			start, code = i+1, false
		case c > ' ':
			code = true
		}
	}
	if code {
		out = append(out, strings.TrimSpace(sql[start:]))
	}
	return out
}

// skipTo returns the index of the last byte of the next end, or of the text.
func skipTo(sql string, i int, end string) int {
	if n := strings.Index(sql[i:], end); n >= 0 {
		return i + n + len(end) - 1
	}
	return len(sql) - 1
}

// skipQuoted returns the index of the quote that closes the one at i.
func skipQuoted(sql string, i int) int {
	quote := sql[i]
	for i++; i < len(sql); i++ {
		switch sql[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return len(sql) - 1
}
