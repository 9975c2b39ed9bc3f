package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"time"

	"rollcall/schemas/access"
)

//go:embed static/*
var staticFiles embed.FS

// mountStatic adds the style sheet, scripts and icon. They change only with the program, so browsers ask whether they did.
func (s *Server) mountStatic() error {
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		body, err := fs.ReadFile(staticFiles, path.Join("static", e.Name()))
		if err != nil {
			return err
		}
		errs = append(errs, s.Mount(Route{Method: http.MethodGet, Pattern: "/static/" + e.Name(), Action: access.ActionPublic,
			Handler: static(e.Name(), body)}))
	}
	return errors.Join(errs...)
}

// static answers with a file, or that the browser's copy is still right.
func static(name string, body []byte) http.Handler {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	})
}
