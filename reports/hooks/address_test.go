package hooks

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestOnlyThePublicInternetIsReached(t *testing.T) {
	own := func() ([]net.Addr, error) {
		return []net.Addr{&net.IPNet{IP: net.ParseIP("81.2.69.160"), Mask: net.CIDRMask(24, 32)},
			&net.IPNet{IP: net.ParseIP("2a02:c7f::5"), Mask: net.CIDRMask(64, 128)}}, nil
	}
	for _, c := range []struct{ addr, why string }{
		{"127.0.0.1", "this host"}, {"127.8.8.8", "this host"}, {"::1", "this host"}, {"0.0.0.0", "this host"},
		{"::", "this host"},
		{"::ffff:127.0.0.1", "this host"}, {"81.2.69.160", "this host"}, {"::ffff:81.2.69.160", "this host"},
		{"2a02:c7f::5", "this host"},
		{"10.0.0.1", "private"}, {"172.16.0.1", "private"}, {"172.31.255.255", "private"}, {"192.168.1.1", "private"},
		{"::ffff:10.0.0.1", "private"}, {"fd00::1", "private"}, {"169.254.169.254", "link"}, {"fe80::1", "link"},
		{"fe80::1%eth0", "link"},
		{"0.1.2.3", "reserved"}, {"100.64.0.1", "reserved"}, {"100.127.255.255", "reserved"}, {"198.18.0.1", "reserved"},
		{"192.0.0.8", "reserved"},
		{"240.0.0.1", "reserved"}, {"255.255.255.255", "reserved"}, {"203.0.113.9", "reserved"}, {"224.0.0.1", "multicast"},
		{"ff02::1", "multicast"},
		{"64:ff9b::a00:1", "not of the public"}, {"::127.0.0.1", "not of the public"}, {"2002:a00:1::", "reserved"},
		{"2001::1", "reserved"},
		{"2001:db8::1", "reserved"}, {"fec0::1", "not of the public"},
		{"81.2.69.161", ""}, {"8.8.8.8", ""}, {"172.32.0.1", ""}, {"100.128.0.1", ""}, {"2606:4700::1111", ""},
		{"2a02:c7f::6", ""},
	} {
		err := judge(netip.MustParseAddr(c.addr), own)
		var refused *refusedError
		if c.why == "" && err != nil || c.why != "" && (!errors.As(err, &refused) || !strings.Contains(refused.Why, c.why)) {
			t.Errorf("%s: got %v, want %q", c.addr, err, c.why)
		}
	}
}

// The dialer itself refuses, whatever way the address is written or its name resolves; nothing is listened to
// meanwhile.
func TestTheDialerRefusesWhatANameResolvesTo(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, name := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		conn, err := dialer(&Hook{})(t.Context(), "tcp", name+":"+port)
		var refused *refusedError
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v, %v, want a refusal", name, conn, err)
		}
		conn, err = dialer(&Hook{AllowPrivate: true})(t.Context(), "tcp", name+":"+port)
		if err != nil {
			t.Errorf("%s, allowed: %v", name, err)
			continue
		}
		_ = conn.Close()
	}
}

func TestAHooksMistakesAreNamedAndItsSecretIsNot(t *testing.T) {
	const secret = "0123456789abcdef"
	for _, c := range []struct {
		hook Hook
		want string
	}{
		{Hook{URL: "https://wall.example/in?key=1", Secret: secret, Events: Events()}, ""},
		{Hook{URL: "http://wall.example:8080", Secret: secret}, ""},
		{Hook{URL: "http://127.0.0.1:9/x", Secret: secret, AllowPrivate: true}, ""},
		{Hook{Secret: secret}, "url: is missing"},
		{Hook{URL: "ftp://wall.example", Secret: secret}, "neither http"},
		{Hook{URL: "file:///etc/passwd", Secret: secret}, "neither http"},
		{Hook{URL: "https:wall.example", Secret: secret}, "neither http"},
		{Hook{URL: "http://[::1", Secret: secret}, "url: cannot be read"},
		{Hook{URL: "https://me:0123456789abcdef@wall.example", Secret: secret}, "names a user"},
		{Hook{URL: "https://wall.example/#x", Secret: secret}, "after #"},
		{Hook{URL: "http://localhost:80", Secret: secret}, "this host; set allow_private"},
		{Hook{URL: "http://api.localhost.", Secret: secret}, "this host; set allow_private"},
		{Hook{URL: "http://169.254.169.254/latest", Secret: secret}, "allow_private"},
		{Hook{URL: "http://[::ffff:10.0.0.1]/", Secret: secret}, "a private network"},
		{Hook{URL: "https://wall.example", Secret: "short"}, "secret: has 5 bytes and needs 16"},
		{Hook{URL: "https://wall.example", Secret: secret, Events: []Event{"agent.bak"}}, `did you mean "agent.back"?`},
		{Hook{URL: "https://wall.example", Secret: secret, Delay: -time.Second}, "delay: -1s is negative"},
	} {
		err := c.hook.Validate()
		if (err == nil) != (c.want == "") || err != nil &&
			(!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret)) {
			t.Errorf("%q: got %v, want %q", c.hook.URL, err, c.want)
		}
	}
	twice := DefaultConfig()
	twice.Hooks = []Hook{{URL: "https://wall.example", Secret: secret}, {URL: "https://wall.example", Secret: secret}}
	if err := twice.Validate(); err == nil || !strings.Contains(err.Error(), "webhooks[1]: url: is that of webhooks[0]") {
		t.Errorf("one address twice: %v", err)
	}
}
