package access

import (
	"container/list"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rollcall/schemas"
)

// limiters holds one limiter for each of a bounded number of keys and forgets the one that was silent longest. It is
// not safe for concurrent use.
type limiters struct {
	most   int
	recent *list.List
	known  map[string]*list.Element
}

// entry is one remembered key.
type entry struct {
	key     string
	limiter *rate.Limiter
}

func newLimiters(most int) limiters {
	return limiters{most, list.New(), map[string]*list.Element{}}
}

// of finds or makes the limiter of a key and marks it as the one used last.
func (l *limiters) of(key string, r rate.Limit, burst int) *rate.Limiter {
	if e, ok := l.known[key]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*entry).limiter //nolint:forcetypeassert // the list holds nothing else
	}
	for l.recent.Len() >= l.most {
		last := l.recent.Back()
		delete(l.known, l.recent.Remove(last).(*entry).key) //nolint:forcetypeassert // the list holds nothing else
	}
	e := &entry{key, rate.NewLimiter(r, burst)}
	l.known[key] = l.recent.PushFront(e)
	return e.limiter
}

// RatesConfig says how many requests are answered. Each limit is a number a second with a burst above it.
type RatesConfig struct {
	// Address limits one client address (the /64 of IPv6), which an office may share; Credential one token or user.
	AddressPerSecond, AddressBurst       int
	CredentialPerSecond, CredentialBurst int
	// Remembered is how many addresses and credentials together are remembered.
	Remembered int
}

// DefaultRatesConfig is far above what people and feeds need and far below what would hurt: an office of a thousand
// behind one address loads its boards at once, a feed of four pushes its batches.
func DefaultRatesConfig() RatesConfig {
	return RatesConfig{AddressPerSecond: 1000, AddressBurst: 4000, CredentialPerSecond: 500, CredentialBurst: 2000,
		Remembered: 20_000}
}

// Validate says what cannot work.
func (c RatesConfig) Validate() error {
	if min(c.AddressPerSecond, c.AddressBurst, c.CredentialPerSecond, c.CredentialBurst) < 1 || c.Remembered < 2 {
		return fmt.Errorf("rates %+v are out of bounds; every figure must be positive, and at least 2 be remembered", c)
	}
	return nil
}

// Rates limits requests by address and by credential. It is safe for concurrent use.
type Rates struct {
	mu       sync.Mutex
	config   RatesConfig
	limiters limiters
}

// NewRates returns limits under which nothing has been asked yet.
func NewRates(c RatesConfig) *Rates { return &Rates{config: c, limiters: newLimiters(c.Remembered)} }

// Address takes one request of an address at the instant now. It returns 0, or for how long the address is to wait; a
// request that has to wait takes nothing.
func (r *Rates) Address(address string, now schemas.Instant) time.Duration {
	return r.take("address "+network(address), r.config.AddressPerSecond, r.config.AddressBurst, now)
}

// Credential takes one request of a principal, as Address does of an address.
func (r *Rates) Credential(p Principal, now schemas.Instant) time.Duration {
	return r.take("credential "+p.ID, r.config.CredentialPerSecond, r.config.CredentialBurst, now)
}

func (r *Rates) take(key string, perSecond, burst int, now schemas.Instant) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := now.Time()
	reserved := r.limiters.of(key, rate.Limit(perSecond), burst).ReserveN(at, 1)
	wait := reserved.DelayFrom(at)
	if wait > 0 {
		reserved.CancelAt(at)
	}
	return wait
}
