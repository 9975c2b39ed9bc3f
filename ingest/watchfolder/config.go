package watchfolder

import (
	"fmt"
	"path/filepath"
	"time"

	"rollcall/ingest/files"
)

// Folder is a directory and how its files are imported.
type Folder struct {
	Dir  string
	Kind files.Kind
	// Options are those of every file.
	Options files.Options
	// SavedProfile names a profile that somebody has saved, where the options have none; it may be empty.
	SavedProfile string
	// Stable is how long nobody may have written to a file before it is taken.
	Stable time.Duration
}

// Config says what is watched.
type Config struct {
	Folders []Folder
	// Every is how often is looked for files.
	Every time.Duration
}

// DefaultConfig watches nothing, every two seconds.
func DefaultConfig() Config { return Config{Every: 2 * time.Second} }

// Validate returns the first setting that cannot work.
func (c *Config) Validate() error {
	if c.Every <= 0 {
		return fmt.Errorf("watched folders are looked at every %s; that is not possible", c.Every)
	}
	seen := map[string]bool{}
	for i := range c.Folders {
		f := &c.Folders[i]
		dir := filepath.Clean(f.Dir)
		switch _, err := files.ParseKind(string(f.Kind)); {
		case f.Dir == "":
			return fmt.Errorf("watched folder %d has no directory", i)
		case seen[dir]:
			return fmt.Errorf("folder %s is watched twice", dir)
		case err != nil:
			return fmt.Errorf("watched folder %s: %w", dir, err)
		case f.Stable <= 0:
			return fmt.Errorf("watched folder %s: files must rest for some time before they are taken, not %s", dir, f.Stable)
		}
		seen[dir] = true
		if err := f.Options.Validate(); err != nil {
			return fmt.Errorf("watched folder %s: %w", dir, err)
		}
	}
	return nil
}
