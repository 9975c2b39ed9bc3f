package access

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rollcall/schemas"
)

// attempts limits failed sign-ins by address and by name. It remembers a bounded number of both and forgets the one
// that was silent longest. It is safe for concurrent use.
type attempts struct {
	mu       sync.Mutex
	config   AttemptsConfig
	limiters limiters
}

// AttemptsConfig says how many failed sign-ins are tolerated.
type AttemptsConfig struct {
	// PerName and PerAddress are how many may fail at once; NameEveryMS and AddressEveryMS after how long one more may.
	PerName, PerAddress         int
	NameEveryMS, AddressEveryMS int64
	// Remembered is how many names and addresses together are remembered.
	Remembered int
}

// defaultAttempts allows ten failures a name and then one in 30 s; thirty an address (an office shares one) and then
// one in 5 s.
func defaultAttempts() AttemptsConfig {
	return AttemptsConfig{PerName: 10, PerAddress: 30, NameEveryMS: 30 * schemas.SecondMS,
		AddressEveryMS: 5 * schemas.SecondMS, Remembered: 10_000}
}

// newAttempts returns a limiter that remembers nothing yet.
func newAttempts(c AttemptsConfig) *attempts {
	return &attempts{config: c, limiters: newLimiters(c.Remembered)}
}

// TooManyError says that sign-ins failed too often, and when to try again.
type TooManyError struct{ RetryAfterMS int64 }

// Error says when to try again.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many failed sign-ins; try again in %d s", e.RetryAfterSeconds())
}

// RetryAfterSeconds returns the wait in whole seconds, rounded up, for a Retry-After header.
func (e *TooManyError) RetryAfterSeconds() int64 { return (e.RetryAfterMS + 999) / 1000 }

// Try takes one attempt of the name from the address at the instant now, or returns how long to wait (*TooManyError).
// The function that it returns puts the attempt back, for a sign-in that succeeded.
func (a *attempts) Try(name, address string, now schemas.Instant) (putBack func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := now.Time()
	byName := a.limiters.of("name "+strings.ToLower(name), every(a.config.NameEveryMS), a.config.PerName).ReserveN(at, 1)
	byAddress := a.limiters.of("address "+network(address), every(a.config.AddressEveryMS),
		a.config.PerAddress).ReserveN(at, 1)
	putBack = func() {
		byName.CancelAt(at)
		byAddress.CancelAt(at)
	}
	if wait := max(byName.DelayFrom(at), byAddress.DelayFrom(at)); wait > 0 {
		putBack()
		return nil, &TooManyError{wait.Milliseconds()}
	}
	return putBack, nil
}

// every returns the rate of one in so many milliseconds.
func every(ms int64) rate.Limit { return rate.Every(time.Duration(ms) * time.Millisecond) }

// network returns what stands for one client: an IPv4 address, or the /64 of an IPv6 one, which a client has to itself.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return ip.String()
	}
	return p.String()
}
