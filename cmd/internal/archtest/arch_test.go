package archtest_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// levels is the plan: a package may import those of lower levels only. Every package is listed.
var levels = map[string]int{
	"schemas": 0, "schemas/migrations": 0, "scheduler": 0,
	"adherence": 1, "ingest": 1, "schemas/engine": 1, "schemas/chstore": 1, "schemas/access": 1,
	"adherence/batch": 2, "adherence/live": 2, "adherence/story": 2,
	"ingest/simulate": 2, "ingest/spool": 2, "ingest/decisions": 2, "ingest/silence": 2, "reports": 2,
	"ingest/httpin": 4, "ingest/imports": 4, "ingest/watchfolder": 5, "reports/xlsx": 3, "reports/mail": 3,
	"reports/hooks":     3,
	"ingest/files/rows": 1, "ingest/files/sheet": 2, "ingest/files/profile": 2, "ingest/files/genesys": 2,
	"ingest/files": 3, "ingest/files/suggest": 4,
	"reports/web":         5,
	"reports/web/imports": 6, "reports/web/live": 6, "reports/web/days": 6, "reports/web/reports": 6,
	"reports/web/admin":     6,
	"cmd/rollcall/help":     0,
	"cmd/internal/config":   7,
	"cmd/internal/app":      8,
	"cmd/internal/demo":     9,
	"cmd/rollcall":          10,
	"cmd/internal/archtest": 9,
}

// only names the packages that alone may import a library.
var only = map[string][]string{
	"github.com/ClickHouse/clickhouse-go": {"schemas/chstore"},
	"github.com/ClickHouse/ch-go":         {"schemas/chstore"},
	"github.com/xuri/excelize":            {"reports/xlsx"},
	"github.com/robfig/cron":              {"scheduler"},
	"github.com/ebitengine/purego":        {"schemas/engine"},
	"github.com/danielgtaylor/huma": {"reports/web", "reports/web/live", "reports/web/days", "reports/web/imports",
		"reports/web/reports", "reports/web/admin"},
	"github.com/alexedwards/scs":  {"reports/web"},
	"github.com/spf13/cobra":      {"cmd/rollcall"},
	"github.com/wneessen/go-mail": {"reports/mail"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "rollcall/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsGoDown(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "rollcall/")
		level, ok := levels[name]
		if !ok {
			t.Errorf("package %s is not in the plan: give it a level here, or move its files into another package", name)
			continue
		}
		for _, imp := range p.Imports {
			target, ours := strings.CutPrefix(imp, "rollcall/")
			if ours && levels[target] >= level {
				t.Errorf("%s (level %d) imports %s (level %d); imports go strictly down", name, level, target, levels[target])
			}
		}
	}
}

func TestHeavyLibrariesStayInTheirPackage(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "rollcall/")
		for _, imp := range p.Imports {
			for lib, folders := range only {
				if strings.HasPrefix(imp, lib) && !slices.Contains(folders, name) {
					t.Errorf("%s imports %s, which only %s may", name, imp, strings.Join(folders, ", "))
				}
			}
		}
	}
}
