package imports

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// importDoc describes POST .../imports.
func (r *importRoutes) importDoc(path string, kind files.Kind) *huma.Operation {
	text := func(about string, example any) *huma.Schema {
		return &huma.Schema{Type: "string", Description: about, Examples: []any{example}}
	}
	form := &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
		"file":          {Type: "string", Format: "binary", Description: "CSV, XLSX or another format that `rollcall import " + string(kind) + "` reads"},
		"profile":       text("how the file of another program is read: the name of a ready profile, or one as YAML", "iex"),
		"time_zone":     text("the zone of local times where neither file nor roster names one", "Europe/London"),
		"sheet":         text("the sheet of a workbook; the first one where none is named", "Week 10"),
		"from":          text("first local date that is replaced, with to; the file's first where it is missing", "2026-03-02"),
		"to":            text("last local date that is replaced", "2026-03-08"),
		"allow_partial": {Type: "boolean", Description: "write the good rows of a file that has bad ones"},
		"if_revision":   text("only if nothing was imported since this one, which a dry run named as base_revision; none: since the beginning", "none"),
	}}
	op := r.importsDoc(path, "import", "/api/v1/"+path+"/imports")
	op.Summary = fmt.Sprintf("Import %s from a file, all or nothing", path)
	op.Description = "With dry_run the answer says what would happen and nothing is written. A file with problems is refused as a whole (422, the " +
		"first 1,000 in errors) unless allow_partial is set. Whoever plans for some teams can import what touches these alone."
	op.Parameters = []*huma.Param{{Name: "dry_run", In: "query", Schema: &huma.Schema{Type: "boolean"}, Description: "write nothing; say what would happen"}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: form}}}
	op.Responses["409"] = r.ProblemResponse("Something was imported since if_revision; conflict says what.")
	op.Responses["413"] = r.ProblemResponse("The file is too long.")
	op.Responses["422"] = r.ProblemResponse("The file has problems, or a field makes no sense; nothing was imported.")
	return op
}

// importsDoc describes a call about imports that are there.
func (r *importRoutes) importsDoc(path, verb, pattern string) *huma.Operation {
	about := map[string]string{
		"list": "Imports of " + path + ", newest first", "get": "One import of " + path, "diff": "What an import of " + path + " changed",
		"undo": "Take an import of " + path + " back, as an import of its own; what was changed since stays and is listed",
	}
	op := &huma.Operation{OperationID: verb + "-" + path + "-import", Method: http.MethodGet, Path: pattern, Summary: about[verb], Tags: []string{"imports"},
		Responses: map[string]*huma.Response{"200": {Description: "Done.", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: "object"}, Example: importExample(path, verb)}}},
			"401": r.ProblemResponse("The token is missing or unknown."), "403": r.ProblemResponse("Not for this role, or beyond its scope.")}}
	if strings.Contains(pattern, "{id}") {
		op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}, Description: "the import"}}
		op.Responses["404"] = r.ProblemResponse("There is no such import.")
	}
	switch verb {
	case "import", "undo":
		op.Method = http.MethodPost
	case "list":
		op.Parameters = []*huma.Param{{Name: "limit", In: "query", Schema: &huma.Schema{Type: "integer"}, Description: "at most so many, up to 1,000; 100 where it is missing"}}
	}
	if verb == "undo" {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "dry_run", In: "query", Schema: &huma.Schema{Type: "boolean"}, Description: "write nothing; say what would happen"})
		op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: "object",
			Properties: map[string]*huma.Schema{"if_revision": {Type: "string", Description: "only if this is still the newest import of the kind"}}}}}}
		op.Responses["409"] = r.ProblemResponse("Nothing of it is in force any more, or something was imported since if_revision.")
	}
	return op
}

// importExample shows an answer.
func importExample(path, verb string) any {
	id := "01a2031a-6f6e-78a9-bff5-be4c38803a2a"
	one := map[string]any{"id": id, "actor": "pia", "origin": path + ".csv", "recorded_at": schemas.Instant(1_772_442_000_000).String()}
	switch verb {
	case "list":
		return map[string]any{"items": []any{one}}
	case "get":
		return one
	case "diff":
		return map[string]any{"import": one}
	case "undo":
		return map[string]any{"undoes": id, "dry_run": true, "base_revision": id, "restored": 3, "not_restored": []any{}}
	}
	return map[string]any{"kind": path, "file": path + ".csv", "rows_read": 40, "rows_accepted": 40, "rows_rejected": 0, "written": 12,
		"unchanged": 28, "base_revision": id, "dry_run": true, "refused": false, "problems": []any{}, "warnings": []any{}}
}
