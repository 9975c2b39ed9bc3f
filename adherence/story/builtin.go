package story

import (
	"embed"
	"io/fs"
)

//go:embed stories/*.txtar
var builtin embed.FS

// Builtin reads the stories that travel with the program, in order of their names.
func Builtin() ([]*Story, error) {
	names, err := fs.Glob(builtin, "stories/*.txtar")
	if err != nil {
		return nil, err
	}
	all := make([]*Story, len(names))
	for i, name := range names {
		data, err := builtin.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if all[i], err = Load(name, data); err != nil {
			return nil, err
		}
	}
	return all, nil
}
