package access_test

import (
	"fmt"
	"testing"
	"time"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Two addresses and two credentials have a limit each; whoever waits as long as told is answered; and a crowd of
// strangers costs no more memory than is allowed, at the price of forgetting the one that was silent longest.
func TestRatesAreHeldForEachAndForgiven(t *testing.T) {
	c := access.RatesConfig{AddressPerSecond: 2, AddressBurst: 3, CredentialPerSecond: 1, CredentialBurst: 2,
		Remembered: 4}
	r := access.NewRates(c)
	now := schemas.Instant(1_772_442_000_000)
	burst := func(take func() time.Duration) int {
		for n := range 10 {
			if take() > 0 {
				return n
			}
		}
		return 10
	}
	for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
		if n := burst(func() time.Duration { return r.Address(address, now) }); n != 3 {
			t.Errorf("%s is answered %d times at once", address, n)
		}
	}
	wait := r.Address("192.0.2.1", now)
	if wait != 500*time.Millisecond {
		t.Errorf("the wait is %s", wait)
	}
	if again := r.Address("192.0.2.1", now.Add(wait.Milliseconds())); again != 0 {
		t.Errorf("after the wait there is another of %s", again)
	}
	if n := burst(func() time.Duration { return r.Credential(access.Principal{ID: "a"}, now) }); n != 2 {
		t.Errorf("a credential is answered %d times at once", n)
	}
	if r.Address("2001:db8::1", now); r.Address("2001:db8::2", now)+r.Address("2001:db8::3", now) > 0 ||
		r.Address("2001:db8::4", now) == 0 {
		t.Error("one /64 of IPv6 is more than one client, or none")
	}
	for i := range 4 {
		r.Address(fmt.Sprintf("198.51.100.%d", i), now)
	}
	if wait := r.Address("192.0.2.2", now); wait > 0 {
		t.Error("more addresses are remembered than allowed")
	}
}
