package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"rollcall/schemas/access"
)

// mountStatic adds the style sheets, scripts and pictures of a feature. They change only with the program, so browsers
// ask whether they did.
func (s *Server) mountStatic(feature fs.FS) error {
	names, err := fs.Glob(feature, "static/*")
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		body, err := fs.ReadFile(feature, name)
		if err != nil {
			return err
		}
		errs = append(errs, s.Mount(Route{Method: http.MethodGet, Pattern: "/" + name, Action: access.ActionPublic,
			Handler: static(name, body)}))
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
