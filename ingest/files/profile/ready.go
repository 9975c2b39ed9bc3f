package files

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

// Profiles gives the ready profiles, by name. Their Text is what a user copies and changes.
func Profiles() ([]*Profile, error) {
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
		p, err := ParseProfile(strings.TrimSuffix(path.Base(name), ".yaml"), data)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// LoadProfile gives the profile in the file of that path or, if there is no such file and the name does not look like one,
// the ready profile of the name.
func LoadProfile(name string) (*Profile, error) {
	data, err := os.ReadFile(name) //nolint:gosec // the user names the file
	switch {
	case err == nil:
		return ParseProfile(name, data)
	case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `./\`):
		return FindProfile(name)
	}
	return nil, err
}

// FindProfile gives the ready profile of the name. The error lists them, with the nearest.
func FindProfile(name string) (*Profile, error) {
	all, err := Profiles()
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
	return nil, fmt.Errorf("there is no profile %.60q; ready ones are %s; or name a file%s", name, strings.Join(names, ", "), hint)
}
