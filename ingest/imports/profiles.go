package imports

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// ProfileError is a profile that there is not, or that cannot be saved.
type ProfileError struct{ Message string }

func (e *ProfileError) Error() string { return e.Message }

// Profiles returns the profiles that somebody has saved, those saved last first.
func (m *Ledger) Profiles(ctx context.Context) ([]schemas.SavedProfile, error) {
	return m.store.Profiles(ctx)
}

// profileName is what a profile may be called: no path, so that it is never taken for a file.
var profileName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} _-]{0,63}$`)

// SaveProfile saves a profile by a name, in the place of an earlier one of that name. Files that have its columns are
// read with it from now on. The error may be a *ProfileError.
func (m *Ledger) SaveProfile(ctx context.Context, actor, name, text string) error {
	if !profileName.MatchString(name) {
		return &ProfileError{fmt.Sprintf("%.60q cannot be the name of a profile; write letters, digits, spaces and hyphens, "+
			"at most 64", name)}
	}
	if _, err := profile.Find(name, files.LayoutOf); err == nil {
		return &ProfileError{fmt.Sprintf("%q is the name of a profile that comes with the program; choose another", name)}
	}
	p, err := profile.Parse(name, []byte(text), files.LayoutOf)
	if err != nil {
		return &ProfileError{err.Error()}
	}
	now := m.now()
	row := journalRow(schemas.JournalProfile, name, actor, now)
	row.Detail = fmt.Sprintf("profile %s for files of %s saved", name, p.Kind)
	return m.store.WriteProfile(ctx, row, schemas.SavedProfile{Name: name, Kind: p.Kind, Text: text, Actor: actor,
		RecordedAt: now})
}

// ForgetProfile ends a saved profile. The error may be a *ProfileError.
func (m *Ledger) ForgetProfile(ctx context.Context, actor, name string) error {
	all, err := m.store.Profiles(ctx)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(all, func(p schemas.SavedProfile) bool { return p.Name == name })
	if n < 0 {
		return noProfile(name, all)
	}
	gone := all[n]
	gone.Ended, gone.Actor, gone.RecordedAt = true, actor, max(m.now(), gone.RecordedAt+1)
	row := journalRow(schemas.JournalProfile, name, actor, gone.RecordedAt)
	row.Detail = fmt.Sprintf("profile %s forgotten", name)
	return m.store.WriteProfile(ctx, row, gone)
}

// FindProfile returns the saved profile of a name. The error may be a *ProfileError.
func (m *Ledger) FindProfile(ctx context.Context, name string) (*profile.Profile, error) {
	all, err := m.store.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.Name == name {
			return profile.Parse(name, []byte(p.Text), files.LayoutOf)
		}
	}
	return nil, noProfile(name, all)
}

// noProfile says that there is no profile of the name, and which there are.
func noProfile(name string, saved []schemas.SavedProfile) error {
	ready, _ := profile.Ready(files.LayoutOf) // they are good
	var names []string
	for _, p := range saved {
		names = append(names, p.Name)
	}
	for _, p := range ready {
		names = append(names, p.Name)
	}
	return &ProfileError{fmt.Sprintf("there is no profile %.60q; there are %s; or name a file%s", name,
		strings.Join(names, ", "), schemas.DidYouMean(name, names))}
}

// readAs finds the profile that a file is read with, where none is given: the saved one that is named, else the saved
// one whose columns the file has, which it names.
func (m *Ledger) readAs(ctx context.Context, kind files.Kind, in files.Input,
	opt *Options) (recognised string, err error) {
	switch {
	case opt.Profile != nil:
		return "", nil
	case opt.SavedProfile != "":
		opt.Profile, err = m.FindProfile(ctx, opt.SavedProfile)
		return "", err
	}
	all, err := m.store.Profiles(ctx)
	if err != nil {
		return "", err
	}
	var parsed []*profile.Profile
	for _, p := range all {
		if p.Kind != string(kind) {
			continue
		}
		if one, err := profile.Parse(p.Name, []byte(p.Text), files.LayoutOf); err == nil {
			parsed = append(parsed, one)
		}
	}
	if opt.Profile = files.Recognise(ctx, kind, in, opt.Options, parsed); opt.Profile == nil {
		return "", nil
	}
	return cmp.Or(opt.Profile.Name, "one without a name"), nil
}

// Known is what the store knows of agents and activities, by which a file can be understood.
func (m *Ledger) Known(ctx context.Context) (known files.Known, err error) {
	if known.Members, err = m.store.Memberships(ctx, 0); err == nil {
		known.Codes, err = m.store.ActivityCodes(ctx, 0)
	}
	return known, err
}
