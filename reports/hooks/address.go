package hooks

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// refusedError is the error of an address that a hook may not reach.
type refusedError struct {
	Addr netip.Addr
	// Why is a sentence part such as "a private network".
	Why string
}

// Error says what was refused and what would allow it.
func (r *refusedError) Error() string {
	return fmt.Sprintf("%s is %s; set allow_private: true for this webhook if that is meant", r.Addr, r.Why)
}

// reserved are networks that are not of the public Internet, besides those that package netip knows (IANA's registry of
// special-purpose addresses). Those of IPv6 lead to other places: the tunnels of 6to4 and Teredo, which can wrap a
// private IPv4 address, and documentation.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
}

// publicIPv6 is the only part of IPv6 that is handed out to the Internet.
var publicIPv6 = netip.MustParsePrefix("2000::/3")

// special says what the address is if it is not one of the public Internet, else "".
func special(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	switch {
	case a.IsUnspecified(), a.IsLoopback():
		return "this host"
	case a.IsPrivate():
		return "a private network"
	case a.IsLinkLocalUnicast():
		return "of this link alone, where clouds keep their secrets"
	case a.IsMulticast():
		return "a multicast address"
	case a.Is6() && !publicIPv6.Contains(a):
		return "not of the public Internet"
	case slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) }):
		return "a reserved network"
	}
	return ""
}

// judge returns a *refusedError for an address that is not public, or is one of this host's own.
func judge(a netip.Addr, own func() ([]net.Addr, error)) error {
	a = a.Unmap().WithZone("")
	if why := special(a); why != "" {
		return &refusedError{a, why}
	}
	mine, err := own()
	if err != nil {
		return fmt.Errorf("learn this host's addresses: %w", err)
	}
	for _, m := range mine {
		if p, err := netip.ParsePrefix(m.String()); err == nil && p.Addr().Unmap().WithZone("") == a {
			return &refusedError{a, "this host"}
		}
	}
	return nil
}

// dialer connects for a hook. It looks at the address that is about to be connected to, after the name was resolved, so
// that a name which resolves differently each time gains nothing.
func dialer(h *Hook) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: 5 * time.Second}
	if !h.AllowPrivate {
		d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("read the address %q: %w", address, err)
			}
			return judge(at.Addr(), net.InterfaceAddrs)
		}
	}
	return d.DialContext
}
