package profile

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"rollcall/schemas"
)

//go:embed profiles/*.yaml
var profileFiles embed.FS

// Ready returns the ready profiles, by name. Their Text is what a user copies and changes.
func Ready(layouts Layouts) ([]*Profile, error) {
	names, err := fs.Glob(profileFiles, "profiles/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Profile
	for _, name := range names {
		data, err := profileFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p, err := Parse(strings.TrimSuffix(path.Base(name), ".yaml"), data, layouts)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Load returns the profile in the file of that path or, if there is no such file and the name does not look like one,
// the ready profile of the name.
func Load(name string, layouts Layouts) (*Profile, error) {
	data, err := os.ReadFile(name) //nolint:gosec // the user names the file
	switch {
	case err == nil:
		return Parse(name, data, layouts)
	case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `./\`):
		return Find(name, layouts)
	}
	return nil, err
}

// Find returns the ready profile of the name. The error lists them, with the nearest.
func Find(name string, layouts Layouts) (*Profile, error) {
	all, err := Ready(layouts)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	if n := slices.Index(names, name); n >= 0 {
		return all[n], nil
	}
	hint := ""
	if near := schemas.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return nil, fmt.Errorf("there is no profile %.60q; ready ones are %s; or name a file%s", name,
		strings.Join(names, ", "), hint)
}
