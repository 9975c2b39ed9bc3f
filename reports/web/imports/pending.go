package imports

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
)

// previews are the uploaded files that wait to be applied, each for a limited time, for whoever uploaded it. The files
// have no names on disk: they are gone when they are forgotten, and when this program ends.
type previews struct {
	limits PreviewLimits
	now    func() time.Time
	mu     sync.Mutex
	list   []*preview // those not looked at for longest first
}

// stage is how far a preview is.
type stage int

// The stages: a preview or an import at work, what the preview says, what was imported.
const (
	stageReading stage = iota
	stagePreviewed
	stageApplying
	stageApplied
)

// preview is one uploaded file with what is known of it.
type preview struct {
	id, owner string
	kind      kind
	up        *upload
	used      time.Time
	expiry    *time.Timer
	// users are requests and work that use it; guarded by previews.mu, as forgotten and settled are.
	users     int
	forgotten bool
	settled   bool

	mu       sync.Mutex
	stage    stage
	stop     context.CancelFunc
	finished chan struct{}
	// phase to of are the progress since began.
	phase    string
	done, of int64
	began    time.Time
	report   *imports.Result
	excerpts []files.Excerpt
	problems *problemList
	// wrong is why there is no preview, or no import, and conflict what changed since the preview.
	wrong    string
	conflict []conflictRow
	applied  *imports.Result
}

// add takes an uploaded file; those not looked at for longest make room.
func (k *previews) add(owner string, of kind, up *upload) *preview {
	p := &preview{id: rand.Text(), owner: owner, kind: of, up: up, users: 1}
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.makeRoom(owner, up.in.Size) {
	}
	k.list = append(k.list, p)
	p.used = k.now()
	p.expiry = time.AfterFunc(k.limits.Time, func() { k.drop(p) })
	return p
}

// makeRoom forgets a preview where there is no room for another file of the owner, and says whether it did.
func (k *previews) makeRoom(owner string, bytes int64) bool {
	var own []*preview
	for _, p := range k.list {
		bytes += p.up.in.Size
		if p.owner == owner {
			own = append(own, p)
		}
	}
	switch {
	case len(own) >= k.limits.MostOfOne:
		k.forget(own[0])
	case len(k.list) > 0 && (len(k.list) >= k.limits.Most || bytes > k.limits.MostBytes):
		k.forget(k.list[0])
	default:
		return false
	}
	return true
}

// take returns the preview of an id to its owner, who must release it; nil where there is none for them.
func (k *previews) take(id, owner string) *preview {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := slices.IndexFunc(k.list, func(p *preview) bool { return p.id == id && p.owner == owner })
	if n < 0 {
		return nil
	}
	p, now := k.list[n], k.now()
	if now.Sub(p.used) >= k.limits.Time {
		k.forget(p)
		return nil
	}
	k.list = append(slices.Delete(k.list, n, n+1), p)
	p.used = now
	p.expiry.Reset(k.limits.Time)
	p.users++
	return p
}

// use counts one more user.
func (k *previews) use(p *preview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p.users++
}

// release ends a use; the last one of a forgotten preview closes its files.
func (k *previews) release(p *preview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p.users--
	p.closeUnused()
}

// settle closes the file of a preview that was applied, which leads to its import until it is forgotten. It says
// whether that was done before.
func (k *previews) settle(p *preview) (before bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before, p.settled = p.settled, true
	p.up.close()
	p.up.in.Size = 0
	return before
}

// drop forgets a preview. One at work stays until that is done.
func (k *previews) drop(p *preview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(p)
}

func (k *previews) forget(p *preview) {
	if p.forgotten {
		return
	}
	p.forgotten = true
	k.list = slices.DeleteFunc(k.list, func(q *preview) bool { return q == p })
	p.expiry.Stop()
	p.mu.Lock()
	if p.stop != nil && p.stage == stageReading {
		p.stop() // nobody will see what it says
	}
	p.mu.Unlock()
	p.closeUnused()
}

func (p *preview) closeUnused() {
	if p.users > 0 || !p.forgotten {
		return
	}
	p.up.close()
	if p.problems != nil {
		_ = p.problems.file.Close() // nobody reads it any more
	}
}

// progress notes how far a phase of the work is.
func (p *preview) progress(phase string, done, of int64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != phase {
		p.phase, p.began = phase, now
	}
	p.done, p.of = done, of
}

// conflictRow is somebody else's import since a preview.
type conflictRow struct {
	imports.Since
	Path, Changed string
}

// conflictRows words what was imported since a preview.
func conflictRows(k kind, c *imports.Conflict) []conflictRow {
	var out []conflictRow
	for _, s := range c.Since {
		row := conflictRow{s, k.Of(s.ID), changes(s.Added, s.Changed, s.Removed)}
		if s.AffectedDays > 0 {
			row.Changed = "changed " + counted(s.AffectedDays, "day") + " of these, of " + counted(s.AffectedAgents, "agent")
		}
		out = append(out, row)
	}
	return out
}
