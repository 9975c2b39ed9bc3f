package imports

import (
	"context"
	"crypto/rand"
	"os"
	"sync"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	"rollcall/reports/web"
)

// keptPreviews are the uploaded files that wait to be applied, each for a limited time, for whoever uploaded it. The files have
// no names on disk: they are gone when they are forgotten, and when this program ends.
type keptPreviews struct {
	limits PreviewLimits
	now    func() time.Time
	mu     sync.Mutex
	held   map[string]*keptPreview
}

func newKeptPreviews(limits PreviewLimits, now func() time.Time) *keptPreviews {
	return &keptPreviews{limits: limits, now: now, held: map[string]*keptPreview{}}
}

// stage is how far a kept preview is.
type stage int

// The stages: a preview or an import at work, what the preview says, what was imported.
const (
	stageReading stage = iota
	stagePreviewed
	stageApplying
	stageApplied
)

// keptPreview is one uploaded file with what is known of it.
type keptPreview struct {
	id, owner string
	kind      planKind
	up        *upload
	used      time.Time
	expiry    *time.Timer
	users     int // requests and work that hold it; guarded by keptPreviews.mu
	forgotten bool

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
	list     *os.File // every problem and warning, as CSV
	whole    int64    // its length
	listed   int      // how many it has
	omitted  int      // how many had no room in it
	// wrong is why there is no preview, or no import, and conflict what changed since the preview.
	wrong    string
	conflict []conflictRow
	applied  *imports.Result
}

// add keeps an uploaded file; those not looked at for longest make room.
func (k *keptPreviews) add(owner string, kind planKind, up *upload) *keptPreview {
	p := &keptPreview{id: rand.Text(), owner: owner, kind: kind, up: up, users: 1}
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		worst, mine, all, bytes := (*keptPreview)(nil), 0, 0, up.in.Size
		var own *keptPreview
		for _, q := range k.held {
			all, bytes = all+1, bytes+q.up.in.Size
			if worst == nil || q.used.Before(worst.used) {
				worst = q
			}
			if q.owner == owner {
				mine++
				if own == nil || q.used.Before(own.used) {
					own = q
				}
			}
		}
		if mine >= k.limits.MostOfOne {
			k.forget(own)
		} else if worst != nil && (all >= k.limits.Most || bytes > k.limits.MostBytes) {
			k.forget(worst)
		} else {
			break
		}
	}
	k.held[p.id] = p
	p.used = k.now()
	p.expiry = time.AfterFunc(k.limits.Time, func() { k.drop(p) })
	return p
}

// take returns the preview of an id to its owner, who must release it; nil where there is none for them.
func (k *keptPreviews) take(id, owner string) *keptPreview {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.held[id]
	if p == nil || p.owner != owner {
		return nil
	}
	now := k.now()
	if now.Sub(p.used) >= k.limits.Time {
		k.forget(p)
		return nil
	}
	p.used = now
	p.expiry.Reset(k.limits.Time)
	p.users++
	return p
}

// hold counts one more user.
func (k *keptPreviews) hold(p *keptPreview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p.users++
}

// release ends a use; the last one of a forgotten preview closes its files.
func (k *keptPreviews) release(p *keptPreview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p.users--
	p.closeUnused()
}

// drop forgets a preview. One at work is kept until that is done.
func (k *keptPreviews) drop(p *keptPreview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(p)
}

func (k *keptPreviews) forget(p *keptPreview) {
	if p.forgotten {
		return
	}
	p.forgotten = true
	delete(k.held, p.id)
	p.expiry.Stop()
	p.mu.Lock()
	if p.stop != nil && p.stage == stageReading {
		p.stop() // nobody will see what it says
	}
	p.mu.Unlock()
	p.closeUnused()
}

func (p *keptPreview) closeUnused() {
	if p.users > 0 || !p.forgotten {
		return
	}
	p.up.close()
	if p.list != nil {
		_ = p.list.Close() // nobody reads it any more
	}
}

// tell notes progress.
func (p *keptPreview) tell(phase string, done, of int64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != phase {
		p.phase, p.began = phase, now
	}
	p.done, p.of = done, of
}

// at returns the stage.
func (p *keptPreview) at() stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stage
}

// conflictRow is somebody else's import since a preview.
type conflictRow struct{ ID, When, Actor, Origin, Changed, Path string }

// conflictRows words what was imported since a preview.
func conflictRows(kind planKind, c *imports.Conflict) []conflictRow {
	var out []conflictRow
	for i := range c.Since {
		s := &c.Since[i]
		changed := changedWords(s.Added, s.Changed, s.Removed)
		if s.Revision != nil {
			changed = "changed " + counted(s.AffectedDays, "day") + " of these, of " + counted(s.AffectedAgents, "agent")
		}
		out = append(out, conflictRow{s.ID, web.Stamp(s.RecordedAt), s.Actor, originWords(s.Origin, s.Undoes), changed, kind.Of(s.ID)})
	}
	return out
}

// originWords names the file of an import, or says that it took another back.
func originWords(origin, undoes string) string {
	if undoes != "" {
		return "an earlier import taken back"
	}
	return origin
}
