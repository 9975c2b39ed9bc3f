package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Imports bounds what the API takes, and names the folders that are watched.
type Imports struct {
	// MaxBytes is the longest file that the API takes.
	MaxBytes int `yaml:"max_bytes"`
	// Watch are folders whose files are imported. They can be set in the file only.
	Watch []WatchedFolder `yaml:"watch"`
}

// WatchedFolder is a folder whose files are imported as they come.
type WatchedFolder struct {
	Dir string `yaml:"dir"`
	// Kind is what its files hold: roster, schedule, requirements, activities, statuses, status or gaps.
	Kind string `yaml:"kind"`
	// Profile may be one that was saved by its name; that is looked up when a file comes. Without one, a saved profile is
	// used whose columns the file has. Profile, TimeZone, Source and Encoding are as for `rollcall import`.
	Profile  string `yaml:"profile"`
	TimeZone string `yaml:"time_zone"`
	Source   string `yaml:"source"`
	Encoding string `yaml:"encoding"`
	// AllowPartial takes the good rows of a file that has bad ones.
	AllowPartial bool `yaml:"allow_partial"`
	// Stable is how long a file must not have grown before it counts as completely written; 10 s where it is not set.
	Stable time.Duration `yaml:"stable"`
}

// DefaultStable is how long a file must rest where nothing is said.
const DefaultStable = 10 * time.Second

// validate names each rule that an entry breaks.
func (i *Imports) validate(bad func(key, format string, args ...any)) {
	if i.MaxBytes < 1 {
		bad("imports.max_bytes", "%d is no length; write for instance 536870912", i.MaxBytes)
	}
	dirs := map[string]bool{}
	for n := range i.Watch {
		w := &i.Watch[n]
		key := func(name string) string { return fmt.Sprintf("imports.watch[%d].%s", n, name) }
		if w.Dir == "" {
			bad(key("dir"), "is empty; name the folder that files come into")
		}
		dir := filepath.Clean(w.Dir)
		if dirs[dir] {
			bad(key("dir"), "%q is watched twice; give each kind a folder of its own", w.Dir)
		}
		dirs[dir] = true
		if _, err := files.ParseKind(w.Kind); err != nil {
			bad(key("kind"), "%v", err)
		}
		if w.Profile != "" {
			_, err := profile.Load(w.Profile, files.LayoutOf)
			if saved := errors.Is(err, profile.ErrNotReady) && !profile.NearReady(w.Profile); err != nil && !saved {
				bad(key("profile"), "%v", err)
			}
		}
		if _, err := schemas.LoadZone(w.TimeZone); w.TimeZone != "" && err != nil {
			bad(key("time_zone"), "%v", err)
		}
		if _, err := rows.ParseEncoding(w.Encoding); err != nil {
			bad(key("encoding"), "%v", err)
		}
		if w.Stable < 0 {
			bad(key("stable"), "%s is negative; write how long a file must rest, such as 10s", w.Stable)
		}
	}
}
