package imports

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// doc describes a call.
func (r *importRoutes) doc(k kind, verb, method, path string) *huma.Operation {
	op := &huma.Operation{
		OperationID: verb + "-" + k.Path + "-import",
		Method:      method,
		Path:        path,
		Tags:        []string{"imports"},
		Summary: map[string]string{
			"import": "Import " + k.Path + " from a file, all or nothing",
			"list":   "Imports of " + k.Path + ", newest first",
			"get":    "One import of " + k.Path,
			"diff":   "What an import of " + k.Path + " changed",
			"undo": "Take an import of " + k.Path +
				" back, as an import of its own; what was changed since stays and is listed",
		}[verb],
		Responses: map[string]*huma.Response{
			"200": {Description: "Done.", Content: map[string]*huma.MediaType{
				"application/json": {Schema: &huma.Schema{Type: "object"}, Example: importExample(k.Path, verb)}}},
			"401": r.ProblemResponse("The token is missing or unknown."),
			"403": r.ProblemResponse("Not for this role, or beyond its scope."),
		},
	}
	param := func(in, name, kind, about string) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: in, Required: in == "path", Description: about,
			Schema: &huma.Schema{Type: kind}})
	}
	if strings.Contains(path, "{id}") {
		param("path", "id", "string", "the import")
		op.Responses["404"] = r.ProblemResponse("There is no such import.")
	}
	body := func(kind string, schema *huma.Schema) {
		param("query", "dry_run", "boolean", "write nothing; say what would happen")
		op.RequestBody = &huma.RequestBody{Required: verb == "import",
			Content: map[string]*huma.MediaType{kind: {Schema: schema}}}
	}
	switch verb {
	case "import":
		op.Description = "With dry_run the answer says what would happen and nothing is written. A file with problems is " +
			"refused as a whole (422, the first 1,000 in errors) unless allow_partial is set. Whoever plans for some teams " +
			"can import what touches these alone."
		body("multipart/form-data", importForm(k))
		op.Responses["409"] = r.ProblemResponse("Something was imported since if_revision; conflict says what. Or, with " +
			"the type " + removalsType + ", more agent-days of a schedule would be left with nothing than the file schedules, " +
			"and allow_removals is not set; report.schedule.removals says which.")
		op.Responses["413"] = r.ProblemResponse("The file is too long.")
		op.Responses["422"] = r.ProblemResponse("The file has problems, or a field makes no sense; nothing was imported.")
	case "list":
		param("query", "limit", "integer", "at most so many, up to 1,000; 100 where it is missing")
	case "undo":
		body("application/json", &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{
			"if_revision": {Type: "string", Description: "only if this is still the newest import of the kind"}}})
		op.Responses["409"] = r.ProblemResponse("Nothing of it is in force any more, or something was imported since " +
			"if_revision.")
	}
	return op
}

// importForm describes the form of an import.
func importForm(k kind) *huma.Schema {
	text := func(about string, example any) *huma.Schema {
		return &huma.Schema{Type: "string", Description: about, Examples: []any{example}}
	}
	return &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
		"file": {Type: "string", Format: "binary",
			Description: "CSV, XLSX or another format that `rollcall import " + string(k.Kind) + "` reads"},
		"profile":   text("how the file of another program is read: the name of a ready profile, or one as YAML", "iex"),
		"time_zone": text("the zone of local times where neither file nor roster names one", "Europe/London"),
		"sheet":     text("the sheet of a workbook; the first one where none is named", "Week 10"),
		"encoding": text("how the file writes characters; without it UTF-8 or UTF-16, else what its words look like",
			"windows-1250"),
		"from": text("first local date that is replaced, with to; the file's first where it is missing",
			"2026-03-02"),
		"to":      text("last local date that is replaced", "2026-03-08"),
		"longest": text("of a schedule, how long a shift may be; without it what the profile says, else 14 hours", "16h"),
		"missing": {Type: "string", Enum: []any{"zero", "same", "error"}, Description: "of requirements, what is needed " +
			"in intervals that the file leaves out: zero heads, the same as before, or the file is refused; not set, a gap of " +
			"up to an hour is refused, and nothing is required in a longer one"},
		"allow_partial": {Type: "boolean", Description: "write the good rows of a file that has bad ones"},
		"allow_removals": {Type: "boolean", Description: "import a schedule also where more agent-days are left with " +
			"nothing than the file schedules"},
		"if_revision": text("only if nothing was imported since this one, which a dry run named as base_revision; none: "+
			"since the beginning", "none"),
	}}
}

// importExample shows an answer.
func importExample(path, verb string) any {
	id := "01a2031a-6f6e-78a9-bff5-be4c38803a2a"
	one := map[string]any{"id": id, "actor": "pia", "origin": path + ".csv", "recorded_at": "2026-03-02T09:00:00Z"}
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
	return map[string]any{
		"kind":          path,
		"file":          path + ".csv",
		"rows_read":     40,
		"rows_accepted": 40,
		"rows_rejected": 0,
		"written":       12,
		"unchanged":     28,
		"base_revision": id,
		"dry_run":       true,
		"refused":       false,
		"problems":      []any{},
		"warnings":      []any{},
	}
}
