package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tables are the tables tokens, users and journal, in memory; away makes them unreachable.
type tables struct {
	mu      sync.Mutex
	away    bool
	records []schemas.Credential
	journal []schemas.JournalRow
}

var errAway = errors.New("clickhouse is away")

func (s *tables) Credentials(context.Context) ([]schemas.Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return nil, errAway
	}
	newest := map[string]schemas.Credential{}
	for _, c := range s.records {
		if c.RecordedAt >= newest[c.ID].RecordedAt {
			newest[c.ID] = c
		}
	}
	var all []schemas.Credential
	for _, c := range newest {
		all = append(all, c)
	}
	return all, nil
}

func (s *tables) WriteCredential(_ context.Context, c schemas.Credential, row schemas.JournalRow) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errAway
	}
	s.records, s.journal = append(s.records, c), append(s.journal, row)
	return nil
}

// house is a register with its store, folder and clock.
type house struct {
	*access.Register
	store *tables
	dir   string
	now   schemas.Instant
}

const morning schemas.Instant = 1_772_442_000_000

// quick are costs that only a test may use.
func quick() access.Config {
	c := access.DefaultConfig()
	c.Argon2 = access.Argon2{MemoryKiB: 64, Passes: 1, Lanes: 1}
	return c
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{store: &tables{}, dir: t.TempDir(), now: morning}
	h.Register = h.open(t)
	return h
}

// open starts another process on the same folder and store.
func (h *house) open(t *testing.T) *access.Register {
	t.Helper()
	r, err := access.New(quick(),
		access.Deps{Store: h.store, File: access.NewFile(h.dir), Now: func() schemas.Instant { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var root = access.Operator("root")

func (h *house) token(t *testing.T, s access.Spec) (string, schemas.Credential) {
	t.Helper()
	secret, c, err := h.CreateToken(t.Context(), s, root)
	if err != nil {
		t.Fatal(err)
	}
	return secret, c
}

func TestATokenWorksUntilItIsRevokedAlsoWhileTheStoreIsAway(t *testing.T) {
	h := newHouse(t)
	secret, c := h.token(t, access.Spec{Name: "acd feed", Role: schemas.RoleFeed, Source: "acd"})
	if !strings.HasPrefix(secret, "rc_") || len(secret) != 3+43 {
		t.Errorf("the token %q is not rc_ and 43 letters", secret)
	}
	h.store.away = true
	again := h.open(t)
	if err := again.Load(); err != nil {
		t.Fatal(err)
	}
	p, err := again.Token(secret)
	if err != nil || p.Source != "acd" || p.Role != schemas.RoleFeed || p.ID != c.ID {
		t.Errorf("after a start without a store: %+v, %v", p, err)
	}
	if err := again.Revoke(t.Context(), c.ID, root); !errors.Is(err, errAway) {
		t.Errorf("revoking without a store gives %v", err)
	}
	if _, err := again.Token(secret); err != nil {
		t.Errorf("a token whose revocation failed stopped working: %v", err)
	}
	h.store.away = false
	if err := again.Revoke(t.Context(), "acd feed", root); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Token(secret); !errors.Is(err, access.ErrUnknownToken) {
		t.Errorf("a revoked token gives %v", err)
	}
	if err := h.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Token(secret); !errors.Is(err, access.ErrUnknownToken) {
		t.Errorf("in the other process a revoked token gives %v", err)
	}
}

func TestSecretsAreNowhereButInTheAnswer(t *testing.T) {
	h := newHouse(t)
	secret, _ := h.token(t, access.Spec{Name: "ops", Role: schemas.RoleAdmin})
	if _, err := h.AddUser(t.Context(), access.Spec{Name: "mia", Role: schemas.RoleAdmin}, "correct horse battery",
		root); err != nil {
		t.Fatal(err)
	}
	disk, err := os.ReadFile(filepath.Join(h.dir, access.FileName))
	if err != nil {
		t.Fatal(err)
	}
	kept := string(disk) + fmt.Sprintf("%+v %+v", h.store.records, h.store.journal)
	if strings.Contains(kept, secret) || strings.Contains(kept, secret[3:]) || strings.Contains(kept, "correct horse") {
		t.Error("a secret was kept")
	}
	list, err := h.List(root)
	if err != nil || len(list) != 2 || list[0].Hash+list[1].Hash != "" {
		t.Errorf("the list is %+v, %v", list, err)
	}
	if len(h.store.journal) != 2 || h.store.journal[0].Actor != "root" ||
		h.store.journal[0].Kind != schemas.JournalAccess {
		t.Errorf("the journal tells %+v", h.store.journal)
	}
	info, err := os.Stat(filepath.Join(h.dir, access.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

func TestATokenEndsAtTheInstantItExpires(t *testing.T) {
	h := newHouse(t)
	secret, _ := h.token(t, access.Spec{Name: "week", Role: schemas.RoleAdmin, Expires: morning.Add(schemas.DayMS)})
	h.now = morning.Add(schemas.DayMS - 1)
	if _, err := h.Token(secret); err != nil {
		t.Error(err)
	}
	h.now = morning.Add(schemas.DayMS)
	if _, err := h.Token(secret); err == nil {
		t.Error("it works past its end")
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	h := newHouse(t)
	secret, c := h.token(t, access.Spec{Name: "ops", Role: schemas.RoleAdmin})
	for _, s := range []string{"", "rc_", secret[:len(secret)-1], secret + "A", strings.ToUpper(secret), c.Hash, "rc_" +
		c.Hash} {
		if _, err := h.Token(s); !errors.Is(err, access.ErrUnknownToken) {
			t.Errorf("%q gives %v", s, err)
		}
	}
}

func TestSpecificationsThatCannotWorkSayWhy(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		spec access.Spec
		want string
	}{
		{access.Spec{Role: "admin"}, "name: is missing"},
		{access.Spec{Name: "x", Role: "supervizor"}, `did you mean "supervisor"?`},
		{access.Spec{Name: "x", Role: "supervisor"}, "team: is missing"},
		{access.Spec{Name: "x", Role: "supervisor", Teams: []string{"A"}, Sites: []string{"B"}},
			"site: has no meaning for a supervisor"},
		{access.Spec{Name: "x", Role: "manager"}, "site: is missing"},
		{access.Spec{Name: "x", Role: "planner"}, "team: is missing"},
		{access.Spec{Name: "x", Role: "feed"}, "source: is missing"},
		{access.Spec{Name: "x", Role: "feed", Source: strings.Repeat("x", 129)}, "source: has 129 bytes"},
		{access.Spec{Name: "x", Role: "agent"}, "agent: is missing"},
		{access.Spec{Name: "x", Role: "admin", Teams: []string{"A"}}, "team: has no meaning"},
		{access.Spec{Name: "x", Role: "supervisor", Teams: []string{""}}, "team: is missing"},
		{access.Spec{Name: "x", Role: "admin", Expires: morning}, "expires: 2026-03-02T09:00:00Z has passed"},
	} {
		_, _, err := h.CreateToken(t.Context(), c.spec, root)
		var field *schemas.FieldError
		if !errors.As(err, &field) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.spec, err, c.want)
		}
	}
	for _, good := range []access.Spec{{Name: "x", Role: "planner", Sites: []string{"*"}},
		{Name: "x", Role: "planner", Teams: []string{"A"}},
		{Name: "x", Role: "agent", AgentID: "ana"}, {Name: "x", Role: "manager", Sites: []string{"Leeds"}}} {
		h.token(t, good)
	}
	if err := h.Revoke(t.Context(), "x", root); err == nil || !strings.Contains(err.Error(), "4 tokens have that name") {
		t.Errorf("revoking one of four by name gives %v", err)
	}
	if err := h.Revoke(t.Context(), "nothing", root); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("revoking nothing gives %v", err)
	}
}

func TestNobodyGrantsMoreThanTheyHave(t *testing.T) {
	h := newHouse(t)
	victim, err := h.AddUser(t.Context(), access.Spec{Name: "mia", Role: "admin"}, "correct horse battery", root)
	if err != nil {
		t.Fatal(err)
	}
	for role, p := range people() {
		if role == schemas.RoleAdmin {
			continue
		}
		spec := access.Spec{Name: "mine", Role: "admin"}
		if _, _, err := h.CreateToken(t.Context(), spec, p); err == nil {
			t.Errorf("a %q made an admin's token", role)
		}
		if err := h.SetPassword(t.Context(), "mia", "a new password", p); err == nil {
			t.Errorf("a %q changed an admin's password", role)
		}
		if err := h.SetDisabled(t.Context(), victim.ID, true, p); err == nil {
			t.Errorf("a %q shut an admin out", role)
		}
		if _, err := h.List(p); err == nil {
			t.Errorf("a %q listed the credentials", role)
		}
	}
}

func TestAUserSignsInUntilThePasswordOrTheAccountChanges(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	u, err := h.AddUser(ctx, access.Spec{Name: "Ana", Role: "agent", AgentID: "ana"}, "correct horse battery", root)
	if err != nil {
		t.Fatal(err)
	}
	first, err := h.SignIn(ctx, " ana ", "correct horse battery", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := h.Resume(first); !ok || p.AgentID != "ana" || !p.User {
		t.Errorf("the session is of %+v, %v", p, ok)
	}
	own, _ := h.Resume(first)
	if err = h.SetPassword(ctx, u.ID, "another long password", own); err != nil {
		t.Fatal(err)
	}
	if _, ok := h.Resume(first); ok {
		t.Error("a session outlived the password it was made with")
	}
	if _, err = h.SignIn(ctx, "ana", "correct horse battery", "192.0.2.1"); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("the old password gives %v", err)
	}
	second, err := h.SignIn(ctx, "ana", "another long password", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SetDisabled(ctx, "ana", true, root); err != nil {
		t.Fatal(err)
	}
	if _, ok := h.Resume(second); ok {
		t.Error("a session outlived its account")
	}
	if _, err := h.SignIn(ctx, "ana", "another long password", "192.0.2.1"); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("a disabled account gives %v", err)
	}
	if err := h.SetDisabled(ctx, "ana", false, root); err != nil {
		t.Fatal(err)
	}
	if _, ok := h.Resume(second); ok {
		t.Error("an old session came back with the account")
	}
	if _, err := h.SignIn(ctx, "ana", "another long password", "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func TestAccountsThatCannotBe(t *testing.T) {
	h := newHouse(t)
	add := func(s access.Spec, password string) error {
		_, err := h.AddUser(t.Context(), s, password, root)
		return err
	}
	if err := add(access.Spec{Name: "mia", Role: "admin"}, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec     access.Spec
		password string
		want     string
	}{
		{access.Spec{Name: "MIA", Role: "admin"}, "correct horse battery", "name: \"MIA\" is taken"},
		{access.Spec{Name: "bob", Role: "admin"}, "short", "password: the password is too short"},
		{access.Spec{Name: "bob-the-builder", Role: "admin"}, "BOB-the-builder", "is the user's name"},
		{access.Spec{Name: "bob", Role: "admin"}, strings.Repeat("x", 1025), "more than 1024 bytes"},
		{access.Spec{Name: "bob", Role: "feed", Source: "acd"}, "correct horse battery", "feed is for programs"},
	} {
		if err := add(c.spec, c.password); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.spec, err, c.want)
		}
	}
}

func TestTwoAccountsOfOneNameAddedAtOnceAreOne(t *testing.T) {
	h := newHouse(t)
	errs := make(chan error, 4)
	for range 4 {
		go func() {
			_, err := h.AddUser(context.WithoutCancel(t.Context()), access.Spec{Name: "mia", Role: "admin"},
				"correct horse battery", root)
			errs <- err
		}()
	}
	made := 0
	for range 4 {
		if err := <-errs; err == nil {
			made++
		} else if !strings.Contains(err.Error(), "is taken") {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d accounts were made", made)
	}
}

func TestGuessingIsLimitedByNameAndByAddress(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	if _, err := h.AddUser(ctx, access.Spec{Name: "mia", Role: "admin"}, "correct horse battery", root); err != nil {
		t.Fatal(err)
	}
	for i := range 40 { // signing in rightly costs nothing
		if _, err := h.SignIn(ctx, "mia", "correct horse battery", "192.0.2.9"); err != nil {
			t.Fatalf("right sign-in %d: %v", i, err)
		}
	}
	var many *access.TooManyError
	for i := range 10 {
		if _, err := h.SignIn(ctx, "mia", "guess", fmt.Sprintf("192.0.2.%d", i+10)); !errors.Is(err, access.ErrSignIn) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if _, err := h.SignIn(ctx, "MIA ", "correct horse battery", "192.0.2.99"); !errors.As(err, &many) ||
		many.RetryAfterSeconds() != 30 {
		t.Errorf("after ten guesses from ten addresses: %v", err)
	}
	h.now = h.now.Add(many.RetryAfterMS)
	if _, err := h.SignIn(ctx, "mia", "correct horse battery", "192.0.2.99"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	for i := range 30 { // one IPv6 client has a whole /64 to send from
		if _, err := h.SignIn(ctx, fmt.Sprint("user", i), "guess", fmt.Sprintf("2001:db8::%d", i)); !errors.Is(err,
			access.ErrSignIn) {
			t.Fatalf("spray %d: %v", i, err)
		}
	}
	if _, err := h.SignIn(ctx, "mia", "correct horse battery", "2001:db8::ffff"); !errors.As(err, &many) {
		t.Errorf("after thirty guesses from one network: %v", err)
	}
	if _, err := h.SignIn(ctx, "mia", "correct horse battery", "2001:db8:0:1::1"); err != nil {
		t.Errorf("the network next door: %v", err)
	}
}

func TestAttemptsForgetTheOneSilentLongest(t *testing.T) {
	c := access.AttemptsConfig{PerName: 1, PerAddress: 1000, NameEveryMS: 1000, AddressEveryMS: 1, Remembered: 3}
	a := access.NewAttempts(c)
	try := func(name string) error {
		_, err := a.Try(name, "192.0.2.1", morning)
		return err
	}
	if try("a") != nil || try("a") == nil || try("b") != nil || try("b") == nil {
		t.Fatal("one attempt each")
	}
	if try("c") != nil { // makes a forgotten: b, c and the address are the three
		t.Fatal("c")
	}
	if try("b") == nil {
		t.Error("b was forgotten before a")
	}
	if try("a") != nil {
		t.Error("a was not forgotten")
	}
}

// A file cut or altered at any byte is damaged or the same, never something else.
func TestATornFileIsNoticedAtEveryByte(t *testing.T) {
	h := newHouse(t)
	h.token(t, access.Spec{Name: "acd", Role: "feed", Source: "acd"})
	path := filepath.Join(h.dir, access.FileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := access.NewFile(h.dir).Load()
		if err == nil && (len(list) != 1 || list[0].Source != "acd" || list[0].Role != "feed" || list[0].Name != "acd") {
			t.Fatalf("%s reads as %+v", what, list)
		}
		if err != nil && (!errors.Is(err, access.ErrDamaged) || !strings.Contains(err.Error(), path)) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for i := range whole {
		check(fmt.Sprintf("cut at %d", i), whole[:i])
		check(fmt.Sprintf("byte %d flipped", i), slices.Concat(whole[:i], []byte{whole[i] ^ 1}, whole[i+1:]))
	}
	if _, err := access.NewFile(h.dir).Load(); err == nil {
		t.Error("a flipped last byte is not noticed")
	}
	if err := h.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, whole) {
		t.Errorf("the store did not mend the file: %v", err)
	}
}

func TestAFileThatCannotBeWrittenSaysSoAndTheTokenStillWorks(t *testing.T) {
	h := newHouse(t)
	if err := os.RemoveAll(h.dir); err != nil {
		t.Fatal(err)
	}
	secret, _, err := h.CreateToken(t.Context(), access.Spec{Name: "ops", Role: "admin"}, root)
	if !errors.Is(err, access.ErrCopy) || !strings.Contains(err.Error(), "let this user write to the folder") {
		t.Errorf("got %v", err)
	}
	if _, err := h.Token(secret); err != nil {
		t.Errorf("the stored token does not work: %v", err)
	}
}

func TestNoTemporaryFileStaysBehind(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		h.token(t, access.Spec{Name: "ops", Role: "admin"})
	}
	if err := os.Mkdir(filepath.Join(h.dir, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(h.dir, access.FileName)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(h.dir, access.FileName), 0o700); err != nil { // the rename must fail
		t.Fatal(err)
	}
	if err := h.Refresh(t.Context()); err == nil {
		t.Error("a folder was replaced by a file")
	}
	entries, err := os.ReadDir(h.dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestConfigurationsThatCannotWorkAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*access.Config){
		"no memory":             func(c *access.Config) { c.Argon2.MemoryKiB = 0 },
		"no passes":             func(c *access.Config) { c.Argon2.Passes = 0 },
		"no hashers":            func(c *access.Config) { c.Hashers = 0 },
		"no attempts":           func(c *access.Config) { c.Attempts.PerName = 0 },
		"no memory of attempts": func(c *access.Config) { c.Attempts.Remembered = 1 },
	} {
		c := access.DefaultConfig()
		spoil(&c)
		if _, err := access.New(c, access.Deps{}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := access.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func BenchmarkToken(b *testing.B) {
	store := &tables{}
	r, err := access.New(quick(),
		access.Deps{Store: store, File: access.NewFile(b.TempDir()), Now: func() schemas.Instant { return morning }})
	if err != nil {
		b.Fatal(err)
	}
	secret, _, err := r.CreateToken(b.Context(), access.Spec{Name: "x", Role: "feed", Source: "acd"}, root)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Token(secret); err != nil {
			b.Fatal(err)
		}
	}
}
