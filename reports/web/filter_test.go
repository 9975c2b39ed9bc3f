package web_test

import (
	"net/url"
	"strings"
	"testing"

	"rollcall/reports/web/live"
	"rollcall/schemas"
)

func TestAFilterAdmitsWhatEveryListAdmits(t *testing.T) {
	for query, want := range map[string]string{"": "ana bob", "team=Billing": "ana", "team=Billing&team=Sales": "ana bob",
		"team=":                  "ana bob",
		"team=Billing&site=Hull": "", "presence=away": "bob", "status=meal&status=available": "ana bob",
		"adherence_state=out_of_adherence": "ana", "site=Leeds&adherence_state=in_adherence": ""} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		f, bad := live.ParseFilter(q)
		if len(bad) > 0 {
			t.Errorf("%q: %v", query, bad)
		}
		var got []string
		for _, a := range agents() {
			if f.Matches(&a) {
				got = append(got, a.AgentID)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q admits %v, want %q", query, got, want)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{"team=Billing&site=", "presence=available&presence=x", "adherence_state=%00", "a&b&c=%zz",
		"team=" + strings.Repeat("é", 65),
		strings.Repeat("team=A&", 501)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		filter, bad := live.ParseFilter(q, "show")
		again, badAgain := live.ParseFilter(q, "show")
		if len(bad) != len(badAgain) || len(filter.Teams) != len(again.Teams) {
			t.Fatal("two readings differ")
		}
		for _, name := range append(filter.Teams, filter.Sites...) {
			if schemas.CheckID("team", name) != nil {
				t.Fatalf("%q is let through", name)
			}
		}
		for _, b := range bad {
			if !strings.HasPrefix(b.Location, "query.") || b.Message == "" {
				t.Fatalf("a problem without a place: %+v", b)
			}
		}
	})
}
