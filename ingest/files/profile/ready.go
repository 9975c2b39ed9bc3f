package profile

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"rollcall/schemas"
)

//go:embed profiles/*.yaml
var profileFiles embed.FS

// names lists the ready profiles, in order.
func names() []string {
	all, _ := fs.Glob(profileFiles, "profiles/*.yaml") // the pattern is good
	for i := range all {
		all[i] = strings.TrimSuffix(path.Base(all[i]), ".yaml")
	}
	return all
}

// Ready returns the ready profiles, by name. Their Text is what a user copies and changes.
func Ready(layouts Layouts) ([]*Profile, error) {
	var all []*Profile
	for _, name := range names() {
		p, err := Find(name, layouts)
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

// ErrNotReady says that a profile is neither a file nor one of those that come with the program; it may be one that
// somebody has saved by that name.
var ErrNotReady = errors.New("there is no profile")

// Find returns the ready profile of the name. The error, an ErrNotReady, lists them, with the nearest.
func Find(name string, layouts Layouts) (*Profile, error) {
	if data, err := profileFiles.ReadFile("profiles/" + name + ".yaml"); err == nil {
		return Parse(name, data, layouts)
	}
	all := names()
	return nil, fmt.Errorf("%w %.60q; ready ones are %s; or name a file%s", ErrNotReady, name,
		strings.Join(all, ", "), schemas.DidYouMean(name, all))
}

// NearReady says that a name is nearly that of a ready profile, which then is meant.
func NearReady(name string) bool { return schemas.Nearest(name, names()) != "" }
