package files

import (
	"cmp"
	"fmt"

	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Options say how a file is to be read and what may be done with it. The zero value detects everything and writes only
// a file without problems.
type Options struct {
	// Source is the feed that status changes and gaps belong to; "file" when empty. The source column of a gaps
	// file goes before.
	Source string
	// TimeZone is the zone of local times of agents whose roster row names none (--time-zone), StandardZone that of agents
	// without a zone of their own (the configuration's time_zone). Either may be empty.
	TimeZone, StandardZone string
	// Delimiter of the fields and Encoding are detected when 0 and empty.
	Delimiter byte
	Encoding  rows.Encoding
	// Sheet is the name of a workbook's sheet; empty means the first that is not hidden.
	Sheet string
	// Profile says how a file of another program is read; nil for one that is written as ours are.
	Profile *profile.Profile
	// From and To, both included, are the local dates that a schedule replaces; 0 means the first and last date in the
	// file.
	From, To schemas.Date
	// LongestMS is how long a shift may be, in milliseconds: a longer one is a problem. 0 means what the profile says,
	// else 14 hours.
	LongestMS int64
	// Missing says what is needed in intervals that a file of requirements leaves out.
	Missing Missing
	// AllowPartial writes the good rows of a file that has bad ones; of a schedule, the days of which no row was rejected.
	AllowPartial bool
	// Progress is called now and then with how many of all bytes to read have been read. It may be nil.
	Progress func(done, total int64)
	// Problem is called for every problem and every warning as it is found, also of those that the report no longer
	// lists. It may be nil.
	Problem func(p rows.Problem, warning bool)
	// roster is where a profile looks agents up by e-mail address or name.
	roster []schemas.Membership
}

// defaultSource is the feed of files for which no other is named.
const defaultSource = "file"

// Validate says which option cannot be used.
func (o *Options) Validate() error {
	for _, z := range []string{o.TimeZone, o.StandardZone} {
		if z == "" {
			continue
		}
		if _, err := schemas.LoadZone(z); err != nil {
			return err
		}
	}
	if o.From != 0 && o.To != 0 && o.To < o.From {
		return fmt.Errorf("to: %s lies before from, %s; exchange them", o.To, o.From)
	}
	if (o.From == 0) != (o.To == 0) {
		return fmt.Errorf("from and to belong together; give both dates or none")
	}
	if e := schemas.CheckID("source", o.Feed()); e != nil {
		return e
	}
	return nil
}

// Feed is the feed that status changes and gaps belong to.
func (o *Options) Feed() string {
	return cmp.Or(o.Source, defaultSource)
}
