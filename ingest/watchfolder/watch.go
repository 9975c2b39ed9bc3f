package watchfolder

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/sirupsen/logrus"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// Deps are what a watch works with; all are needed.
type Deps struct {
	// Import imports a file as a whole or, when the report says that it is refused, not at all. An error means that
	// it could not be tried, and is tried again.
	Import func(ctx context.Context, kind files.Kind, in files.Input, opt imports.Options) (*imports.Result, error)
	// Done says whether the store holds an import by the actor, not older than since, of a file with this SHA-256.
	Done func(ctx context.Context, kind files.Kind, actor, fileHash string, since schemas.Instant) (bool, error)
	// Rejected puts on record that a file of the actor was rejected. id is the same when that has to be said again
	// because the program stopped in between.
	Rejected func(ctx context.Context, id uuid.UUID, actor string, report *imports.Result) error
	Log      logrus.FieldLogger
	Clock    func() time.Time
}

// Stats count files since the start.
type Stats struct{ Done, Rejected, Failed uint64 }

// Watch watches folders. Make it with New, then Run it.
type Watch struct {
	config Config
	deps   Deps
	// seen are files that may still be written to, by path.
	seen map[string]fileState

	mu     sync.Mutex
	stats  Stats
	alarms map[string][]schemas.Alarm // by folder
	// waiting are files that could not be tried, by path, with the alarm of each.
	waiting map[string]schemas.Alarm
}

// fileState is the size and time of a file, and since when they are so.
type fileState struct {
	size  int64
	mtime time.Time
	since time.Time
}

// The folders inside a watched folder.
const (
	takingDir   = ".taking"
	doneDir     = "done"
	rejectedDir = "rejected"
)

// New makes a watch; it does nothing yet.
func New(c Config, d Deps) (*Watch, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if d.Import == nil || d.Done == nil || d.Rejected == nil || d.Log == nil || d.Clock == nil {
		return nil, errors.New("watchfolder: import, done, rejected, log and clock must be given")
	}
	return &Watch{config: c, deps: d, seen: map[string]fileState{}, alarms: map[string][]schemas.Alarm{},
		waiting: map[string]schemas.Alarm{}}, nil
}

// Run looks into the folders until ctx ends. A file that is being imported then is imported by the next Run.
func (w *Watch) Run(ctx context.Context) error {
	if len(w.config.Folders) == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(w.config.Every)
	defer tick.Stop()
	for {
		for i := range w.config.Folders {
			w.look(ctx, &w.config.Folders[i])
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Stats returns the counts so far.
func (w *Watch) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// Alarms returns what an admin has to know of now: files that were rejected and still lie there, files that wait,
// folders that cannot be read.
func (w *Watch) Alarms() []schemas.Alarm {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Collect(maps.Values(w.waiting))
	for _, list := range w.alarms {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b schemas.Alarm) int { return strings.Compare(a.Subject, b.Subject) })
	return out
}

// look takes what is ready in a folder, oldest first.
func (w *Watch) look(ctx context.Context, f *Folder) {
	if err := w.lookInto(ctx, f); err != nil && ctx.Err() == nil {
		w.raise(f, []schemas.Alarm{w.alarm(f.Dir,
			fmt.Sprintf("the watched folder cannot be used: %v; make it, and let this program read and write it", err))})
		return
	}
	w.raise(f, w.rejected(f))
}

func (w *Watch) lookInto(ctx context.Context, f *Folder) error {
	if _, err := os.Stat(f.Dir); err != nil {
		return err
	}
	for _, sub := range []string{takingDir, doneDir, rejectedDir} {
		if err := os.MkdirAll(filepath.Join(f.Dir, sub), 0o750); err != nil {
			return err
		}
	}
	left, err := regular(filepath.Join(f.Dir, takingDir), false)
	if err != nil {
		return err
	}
	w.forget(f, left)
	for _, e := range left {
		w.carryOn(ctx, f, e.Name(), true)
	}
	ready, err := w.ready(f)
	if err != nil {
		return err
	}
	for _, e := range ready {
		if ctx.Err() != nil {
			return nil
		}
		name, err := w.claim(f, e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody else moved it
		}
		if err != nil {
			return err
		}
		w.carryOn(ctx, f, name, false)
	}
	return nil
}

// forget drops the alarms of waiting files that somebody took away.
func (w *Watch) forget(f *Folder, left []fs.FileInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dir := filepath.Join(f.Dir, takingDir)
	maps.DeleteFunc(w.waiting, func(path string, _ schemas.Alarm) bool {
		return filepath.Dir(path) == dir &&
			!slices.ContainsFunc(left, func(e fs.FileInfo) bool { return e.Name() == filepath.Base(path) })
	})
}

// regular lists the regular files of a folder, oldest first; visible leaves out hidden and unfinished ones.
func regular(dir string, visible bool) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []fs.FileInfo
	for _, e := range entries {
		if !e.Type().IsRegular() || visible && unfinished(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil {
			out = append(out, info)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	return out, nil
}

// unfinished says whether a name is that of a hidden file, or one that programs give to files that they still write.
func unfinished(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || strings.HasSuffix(name, "~") {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".lock":
		return true
	}
	return false
}

// ready returns the files to which nobody has written for long enough.
func (w *Watch) ready(f *Folder) ([]fs.FileInfo, error) {
	list, err := regular(f.Dir, true)
	if err != nil {
		return nil, err
	}
	now, there := w.deps.Clock(), map[string]bool{}
	var out []fs.FileInfo
	for _, info := range list {
		path := filepath.Join(f.Dir, info.Name())
		there[path] = true
		s, known := w.seen[path]
		if !known || s.size != info.Size() || !s.mtime.Equal(info.ModTime()) {
			s = fileState{info.Size(), info.ModTime(), now}
			if old := info.ModTime(); !old.After(now) && old.Before(s.since) && !known {
				s.since = old // nobody has written since
			}
			w.seen[path] = s
		}
		if now.Sub(s.since) >= f.Stable {
			out = append(out, info)
			delete(w.seen, path)
		}
	}
	maps.DeleteFunc(w.seen, func(path string, _ fileState) bool {
		return filepath.Dir(path) == filepath.Clean(f.Dir) && !there[path]
	})
	return out, nil
}

// stampForm begins the name of a file that was taken, with the instant at which it was.
const stampForm = "20060102T150405.000Z"

// claim moves a file to .taking under a name with the time.
func (w *Watch) claim(f *Folder, name string) (string, error) {
	for at := w.deps.Clock().UTC(); ; at = at.Add(time.Millisecond) {
		taken := at.Format(stampForm) + "-" + name
		to := filepath.Join(f.Dir, takingDir, taken)
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		return taken, os.Rename(filepath.Join(f.Dir, name), to)
	}
}

// carryOn imports a file that was taken and puts it away. again says that it was taken before, so that it may be
// imported already.
func (w *Watch) carryOn(ctx context.Context, f *Folder, taken string, again bool) {
	path := filepath.Join(f.Dir, takingDir, taken)
	log := w.deps.Log.WithFields(logrus.Fields{"folder": f.Dir, "file": taken, "kind": string(f.Kind)})
	found, err := newFindings(filepath.Join(f.Dir, doneDir))
	var report *imports.Result
	if err == nil {
		report, err = w.importOnce(ctx, f, taken, path, again, found)
	}
	if err == nil && report.Refused {
		err = w.deps.Rejected(ctx, uuid.NewSHA1(uuid.NameSpaceURL, []byte(path)), actorOf(f), report)
	}
	if err == nil {
		err = w.putAway(f, taken, path, report, found)
	}
	err = errors.Join(err, found.remove())
	if ctx.Err() != nil {
		return // the next run carries on
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if _, known := w.waiting[path]; !known {
			w.stats.Failed++
			w.waiting[path] = w.alarm(path, fmt.Sprintf("%s waits, it could not be imported: %v; it is tried again", taken, err))
			log.WithError(err).Error("a file of a watched folder waits")
		}
		return
	}
	delete(w.waiting, path)
	if report.Refused {
		w.stats.Rejected++
		log.WithField("problems", report.ProblemCount).Error("a file of a watched folder was rejected")
		return
	}
	w.stats.Done++
	log.WithFields(logrus.Fields{"written": report.Written, "unchanged": report.Unchanged}).
		Info("a file of a watched folder was imported")
}

// actorOf is who imports the files of a folder.
func actorOf(f *Folder) string { return "folder:" + f.Dir }

// importOnce imports the file unless that is done already.
func (w *Watch) importOnce(ctx context.Context, f *Folder, taken, path string, again bool,
	found *findings) (*imports.Result, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	at, name := unstamped(taken)
	result := &imports.Result{Report: &files.Report{Kind: f.Kind, File: name, Problems: []files.Problem{},
		Warnings: []files.Problem{}}}
	if !info.Mode().IsRegular() {
		result.Refused, result.ProblemCount = true, 1
		result.Problems = append(result.Problems, files.Problem{File: name, Message: "is no regular file any more"})
		return result, nil
	}
	opt := imports.Options{Options: f.Options, SavedProfile: f.SavedProfile, Actor: actorOf(f)}
	opt.Problem = found.add
	if again {
		if result.FileHash, err = hashOf(path); err != nil {
			return nil, err
		}
		done, err := w.deps.Done(ctx, f.Kind, opt.Actor, result.FileHash, at)
		if err != nil {
			return nil, err
		}
		if done {
			result.Warn(files.Problem{
				Message: "was imported before this program stopped; the list of imports says what it changed"})
			return result, nil
		}
	}
	in, err := files.FileInput(path)
	if err != nil {
		return nil, err
	}
	in.Name = name
	return w.deps.Import(ctx, f.Kind, in, opt)
}

// unstamped takes a taken file's name apart.
func unstamped(taken string) (schemas.Instant, string) {
	stamp, name, found := strings.Cut(taken, "-")
	at, err := time.Parse(stampForm, stamp)
	if !found || err != nil {
		return 0, taken // put there by hand
	}
	return schemas.InstantOf(at), name
}

func hashOf(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // a file of a folder that the operator names
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // only read
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// alarm is one that begins now.
func (w *Watch) alarm(subject, text string) schemas.Alarm {
	return schemas.Alarm{Kind: "import", Subject: subject, Text: text, Since: schemas.InstantOf(w.deps.Clock())}
}

// raise puts a folder's alarms in the place of its earlier ones; one that goes on has its earlier beginning.
func (w *Watch) raise(f *Folder, list []schemas.Alarm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	since := map[string]schemas.Instant{}
	for _, old := range w.alarms[f.Dir] {
		since[old.Subject] = old.Since
	}
	for i, a := range list {
		if at, goesOn := since[a.Subject]; goesOn {
			list[i].Since = at
		}
	}
	w.alarms[f.Dir] = list
}
