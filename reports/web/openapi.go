package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// newAPI returns the part of the server that huma reads requests and writes JSON for, and the description of the whole
// API.
func newAPI(s *Server) huma.API {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Rollcall", Version: s.deps.Version,
				Description: "Agents' presence, status and schedule adherence. Instants are RFC 3339, names in _s are seconds, " +
					"errors are problem documents (RFC 9457)."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A token made by rollcall token create."},
					"session": {Type: "apiKey", In: "cookie", Name: s.sessions.Cookie.Name,
						Description: "The session of a signed-in browser."},
				},
			},
			Security: []map[string][]string{{"token": {}}, {"session": {}}},
		},
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	return huma.NewAPI(config, humaAdapter{s})
}

// humaAdapter mounts huma's operations like every other route.
type humaAdapter struct{ server *Server }

// routeKey is the key of the operation's metadata under which its Route lies.
const routeKey = "route"

// Handle mounts an operation that Call made; the route's own handler, if it has one, goes before that of huma.
func (a humaAdapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	route, ok := op.Metadata[routeKey].(Route)
	if !ok {
		panic(fmt.Sprintf("operation %s %s has no route", op.Method, op.Path))
	}
	if route.Method, route.Pattern = op.Method, op.Path; route.Handler == nil {
		route.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handler(humago.NewContext(op, r, w))
		})
	}
	if err := a.server.Mount(route); err != nil {
		panic(err)
	}
}

// ServeHTTP answers as the server does.
func (a humaAdapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.server.ServeHTTP(w, r) }

// mountOpenAPI adds the description of the API, which holds no secret. It is made when it is first asked for.
func (s *Server) mountOpenAPI() error {
	description := sync.OnceValues(func() ([]byte, error) { return describe(s.api.OpenAPI(), s.operations) })
	return s.Mount(Route{Method: http.MethodGet, Pattern: "/api/v1/openapi.json", Action: access.ActionPublic,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, err := description()
			if err != nil {
				s.Fail(w, r, fmt.Errorf("describe the API: %w", err))
				return
			}
			w.Header().Set("Content-Type", "application/openapi+json")
			_, _ = w.Write(b) // the reader is gone
		})})
}

// ProblemResponse describes the problem documents of routes that huma does not serve.
func (s *Server) ProblemResponse(text string) *huma.Response {
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{
		schemas.ProblemType: {Schema: &huma.Schema{Ref: "#/components/schemas/ErrorModel"}}}}
}

// describe writes the description, with its examples, when all routes are there.
func describe(api *huma.OpenAPI, words map[string]operation) ([]byte, error) {
	if err := illustrate(api, words); err != nil {
		return nil, err
	}
	b, err := json.Marshal(api)
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	for name, s := range schemas {
		if of, ok := s.(map[string]any); ok {
			admitNull(of, api.Components.Schemas.TypeFromRef("#/components/schemas/"+name))
		}
	}
	return json.Marshal(doc)
}

// admitNull lets those properties of a schema be null whose fields are pointers to objects and are written when they
// are nil: huma describes them by a reference alone.
func admitNull(of map[string]any, t reflect.Type) {
	properties, ok := of["properties"].(map[string]any)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !ok || t == nil || t.Kind() != reflect.Struct {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		property, _ := properties[name].(map[string]any)
		if f.Type.Kind() == reflect.Pointer && !strings.Contains(options, "omitempty") && property["$ref"] != nil {
			properties[name] = map[string]any{"oneOf": []any{property, map[string]any{"type": "null"}}}
		}
	}
}
