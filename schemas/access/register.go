package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"rollcall/schemas"
)

// Store holds the truth about credentials: the tables tokens and users.
type Store interface {
	// Credentials returns the newest record of every credential, ended ones included.
	Credentials(ctx context.Context) ([]schemas.Credential, error)
	// WriteCredential adds a record, which becomes the newest of its id, and the journal row about it.
	WriteCredential(ctx context.Context, c schemas.Credential, row schemas.JournalRow) error
}

// Config says how passwords are hashed and failed sign-ins are limited.
type Config struct {
	Argon2   Argon2
	Attempts AttemptsConfig
	// Hashers is how many passwords are hashed at one time; more wait.
	Hashers int
}

// DefaultConfig returns the costs and limits that fit a daemon of 512 MiB.
func DefaultConfig() Config {
	return Config{Argon2: defaultArgon2(), Attempts: defaultAttempts(), Hashers: 2}
}

// Validate says what cannot work.
func (c Config) Validate() error {
	if c.Argon2.MemoryKiB < 8 || c.Argon2.MemoryKiB > mostMemoryKiB || c.Argon2.Passes < 1 ||
		c.Argon2.Passes > mostPasses ||
		c.Argon2.Lanes < 1 {
		return fmt.Errorf("argon2 costs %+v are out of bounds; use 8 to %d KiB, 1 to %d passes, at least 1 lane", c.Argon2,
			mostMemoryKiB, mostPasses)
	}
	if c.Hashers < 1 {
		return errors.New("hashers is below 1; at least one password must be hashed at a time")
	}
	a := c.Attempts
	if min(a.PerName, a.PerAddress) < 1 || a.Remembered < 2 || min(a.NameEveryMS, a.AddressEveryMS) < 1 {
		return fmt.Errorf("attempts %+v are out of bounds; every figure must be positive, and at least 2 be remembered", a)
	}
	return nil
}

// Deps are what a register works with.
type Deps struct {
	Store Store
	File  *File
	// Now returns the instant of a look-up or a change.
	Now func() schemas.Instant
	// Random returns the bits of tokens and salts; nil is crypto/rand.
	Random io.Reader
}

// Register is all credentials, in memory, on disk and in the store. It is safe for concurrent use.
type Register struct {
	config   Config
	deps     Deps
	attempts *attempts
	hashers  *semaphore.Weighted
	index    atomic.Pointer[index]
	// changing is held while the copies are replaced, so that an older reading never replaces a newer one.
	changing sync.Mutex
	// decoy is compared for users that do not exist, so that they take as long as those that do.
	decoy phc
}

// New returns an empty register; call Load, then Refresh once the store answers.
func New(c Config, d Deps) (*Register, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("access: %w", err)
	}
	if d.Random == nil {
		d.Random = rand.Reader
	}
	r := &Register{config: c, deps: d, attempts: newAttempts(c.Attempts), hashers: semaphore.NewWeighted(int64(c.Hashers))}
	r.decoy = phc{Argon2: c.Argon2, salt: make([]byte, saltBytes), key: make([]byte, hashBytes)}
	r.index.Store(newIndex(nil))
	return r, nil
}

// index is the copy in memory; it is never altered, only replaced.
type index struct {
	all    []schemas.Credential
	tokens map[[sha256.Size]byte]*schemas.Credential
	users  map[string]*schemas.Credential
	ids    map[string]*schemas.Credential
}

func newIndex(all []schemas.Credential) *index {
	x := &index{all: all, tokens: map[[sha256.Size]byte]*schemas.Credential{}, users: map[string]*schemas.Credential{},
		ids: map[string]*schemas.Credential{}}
	for i := range all {
		c := &all[i]
		x.ids[c.ID] = c
		if c.User {
			x.users[userKey(c.Name)] = c
			continue
		}
		var key [sha256.Size]byte
		if b, err := hex.DecodeString(c.Hash); err == nil && copy(key[:], b) == len(key) {
			x.tokens[key] = c
		}
	}
	return x
}

// userKey is a user's name as it is compared: ignoring case and surrounding spaces.
func userKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Load takes the credentials from the file, for the time in which the store does not answer yet.
func (r *Register) Load() error {
	r.changing.Lock()
	defer r.changing.Unlock()
	list, err := r.deps.File.Load()
	if err != nil {
		return err
	}
	r.index.Store(newIndex(list))
	return nil
}

// Refresh replaces both copies by what the store says. When only the file cannot be written, the copy in memory is
// replaced all the same and the error says so.
func (r *Register) Refresh(ctx context.Context) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	return r.refresh(ctx)
}

func (r *Register) refresh(ctx context.Context) error {
	list, err := r.deps.Store.Credentials(ctx)
	if err != nil {
		return fmt.Errorf("read the credentials from the store: %w", err)
	}
	r.index.Store(newIndex(list))
	return r.deps.File.Replace(list)
}

// ErrUnknownToken is the answer to a token that does not exist, was revoked or has expired: a stranger learns no more.
var ErrUnknownToken = errors.New("the token is unknown, revoked or expired")

// Token finds the principal of a token.
func (r *Register) Token(secret string) (Principal, error) {
	if !strings.HasPrefix(secret, TokenPrefix) {
		return Principal{}, ErrUnknownToken
	}
	sum := sha256.Sum256([]byte(secret))
	c, ok := r.index.Load().tokens[sum]
	if !ok || !r.live(c) {
		return Principal{}, ErrUnknownToken
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(c.Hash)) != 1 {
		return Principal{}, ErrUnknownToken
	}
	return principalOf(c), nil
}

// live says whether a credential may be used now.
func (r *Register) live(c *schemas.Credential) bool {
	return !c.Revoked && (c.Expires == 0 || r.deps.Now() < c.Expires)
}

// ErrSignIn is the answer to a wrong name, a wrong password and a disabled user alike.
var ErrSignIn = errors.New("name or password is wrong, or the account is disabled")

// Session stands for one sign-in. It ends when the user's record is written again, whatever for: a new password, a
// smaller scope, the account disabled.
type Session struct {
	UserID string
	// Epoch is the RecordedAt of the record that was signed in with.
	Epoch schemas.Instant
}

// SignIn checks a user's password. Attempts from an address and for a name are limited (*TooManyError); everything else
// that is wrong is ErrSignIn. ctx bounds the wait for a free hasher.
func (r *Register) SignIn(ctx context.Context, name, password, address string) (Session, error) {
	putBack, err := r.attempts.Try(userKey(name), address, r.deps.Now())
	if err != nil {
		return Session{}, err
	}
	c, known := r.index.Load().users[userKey(name)]
	right, err := r.compare(ctx, c, password)
	if err != nil {
		return Session{}, err
	}
	if !known || !right || !r.live(c) {
		return Session{}, ErrSignIn
	}
	putBack()
	return Session{c.ID, c.RecordedAt}, nil
}

// compare says whether the password is the user's; for no user it takes as long and says no.
func (r *Register) compare(ctx context.Context, c *schemas.Credential, password string) (bool, error) {
	stored := r.decoy
	if c != nil {
		p, err := passwordOf(c)
		if err != nil {
			return false, fmt.Errorf("sign in user %s: %w", c.ID, err)
		}
		stored = p
	}
	if len(password) > mostPasswordBytes {
		return false, nil
	}
	if err := r.hashers.Acquire(ctx, 1); err != nil {
		return false, fmt.Errorf("wait to check a password: %w", err)
	}
	defer r.hashers.Release(1)
	return stored.matches(password) && c != nil, nil
}

// Resume returns the principal of a session, or false when it has ended.
func (r *Register) Resume(s Session) (Principal, bool) {
	c, ok := r.index.Load().ids[s.UserID]
	if !ok || !c.User || c.RecordedAt != s.Epoch || !r.live(c) {
		return Principal{}, false
	}
	return principalOf(c), true
}

// KnowsUser says whether there is a user of the name. What is typed as the name at a failed sign-in may be a password,
// so that only a name that exists is written down.
func (r *Register) KnowsUser(name string) bool {
	_, ok := r.index.Load().users[userKey(name)]
	return ok
}
