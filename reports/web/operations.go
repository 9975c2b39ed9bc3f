package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"go.yaml.in/yaml/v3"

	"rollcall/schemas"
)

//go:embed operations.yaml
var operationsFile []byte

// operation is what operations.yaml says of an operation.
type operation struct {
	Summary, Description, Tag string
	OK                        string `yaml:"ok"`
	Errors                    map[int]string
	Params                    map[string]any
	Body                      any
	File                      string
}

// readOperations reads operations.yaml.
func readOperations() (map[string]operation, error) {
	var all map[string]operation
	file := yaml.NewDecoder(bytes.NewReader(operationsFile))
	file.KnownFields(true)
	if err := file.Decode(&all); err != nil {
		return nil, fmt.Errorf("read operations.yaml: %w", err)
	}
	return all, nil
}

// Call adds an operation of the API behind the frame, at a pattern such as "GET /api/v1/agents", and describes it by
// the types I and O and by what operations.yaml says under its id. huma reads its request and writes its answer by
// these types, unless the route has a handler of its own; then handle is nil.
func Call[I, O any](s *Server, pattern, id string, r Route, handle func(context.Context, *I) (*O, error)) {
	words, found := s.operations[id]
	if !found {
		panic("operations.yaml does not describe " + id)
	}
	method, path, _ := strings.Cut(pattern, " ")
	op := huma.Operation{
		Method:        method,
		Path:          path,
		OperationID:   id,
		Summary:       words.Summary,
		Description:   words.Description,
		Tags:          []string{words.Tag},
		DefaultStatus: r.Status,
		Errors:        []int{http.StatusUnauthorized, http.StatusForbidden},
		Metadata:      map[string]any{routeKey: r},
		Responses:     map[string]*huma.Response{},
	}
	if words.OK != "" {
		op.Responses["200"] = &huma.Response{Description: words.OK}
	}
	for status := range words.Errors {
		op.Errors = append(op.Errors, status)
	}
	huma.Register(s.api, op, answering(s, handle))
	errs := map[int]string{
		http.StatusUnauthorized: "The token is missing or unknown.",
		http.StatusForbidden:    "Not for this role, or beyond its scope.",
	}
	maps.Copy(errs, words.Errors)
	for status, text := range errs {
		if text != "" {
			op.Responses[strconv.Itoa(status)].Description = text
		}
	}
}

// answering lets an operation answer a store that is away, whichever of its steps met that first.
func answering[I, O any](s *Server, handle func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O,
	error) {
	if handle == nil {
		return nil
	}
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if errors.Is(err, schemas.ErrUnavailable) {
			err = s.Unavailable(err, "the store is away")
		}
		return out, err
	}
}

// List is an answer that is a list of rows.
type List[T any] struct {
	Body struct {
		Items []T `json:"items"`
	}
}

// ListOf makes a list; one without rows is empty in JSON too, not null.
func ListOf[T any](rows []T) *List[T] {
	l := &List[T]{}
	l.Body.Items = append([]T{}, rows...)
	return l
}

// One is an answer that is one value.
type One[T any] struct{ Body T }

// illustrate puts the examples into the description. A misspelt parameter is an error, so that none is lost.
func illustrate(api *huma.OpenAPI, words map[string]operation) error {
	for _, path := range api.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Delete} {
			if op == nil {
				continue
			}
			if err := words[op.OperationID].illustrate(op); err != nil {
				return fmt.Errorf("example of %s: %w", op.OperationID, err)
			}
		}
	}
	return nil
}

// illustrate puts one example into its operation.
func (o operation) illustrate(op *huma.Operation) error {
	for name, value := range o.Params {
		i := slices.IndexFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == name })
		if i < 0 {
			return fmt.Errorf("there is no parameter %s", name)
		}
		op.Parameters[i].Example = value
	}
	body, kind := o.Body, "application/json"
	if o.File != "" {
		body, kind = map[string]any{"file": o.File}, "multipart/form-data"
	}
	if body == nil {
		return nil
	}
	if op.RequestBody == nil || op.RequestBody.Content[kind] == nil {
		return fmt.Errorf("there is no body of type %s", kind)
	}
	op.RequestBody.Content[kind].Example = body
	return nil
}
