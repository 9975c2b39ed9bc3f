package adherence_test

import (
	"strings"
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

// What is not known has a reason that is true of the source concerned: when it spoke last and how long that is
// believed, how far it is complete, its gap, or that it does not count.
func TestWhatIsNotKnownSaysWhy(t *testing.T) {
	const plan = "plan 09:00-10:00 break s\n"
	for _, c := range []struct{ name, scene, want string }{
		{"what was reported days ago is believed for as long as the policy says", plan + `
			acd fact -8+09:00 away/break/off_queue`,
			`status is unknown: acd last reported it at 09:00 on 22 February 2026, which is believed for 7 days`},
		{"an absence is believed for longer only of a feed that says that it is complete", plan + `
			acd fact -8+09:00 offline/off_queue/off_queue`,
			`status is unknown: acd last reported it at 09:00 on 22 February 2026, which is believed for 7 days; ` +
				`an absence would be believed for longer if the feed said that it is complete`},
		{"a feed that has stopped to say that it is complete", plan + `
			acd fact -20+09:00 offline/off_queue/off_queue
			complete acd -8+12:30`,
			`status is unknown: acd last reported it at 09:00 on 10 February 2026, which is believed for 7 days; ` +
				`it is complete up to 12:30 on 22 February 2026, and its silence is believed for as long after that`},
		{"no absence is believed for ever", plan + `
			acd fact -100+09:00 offline/off_queue/off_queue
			complete acd 09:00`,
			`status is unknown: acd last reported it at 09:00 on 22 November 2025, which is believed for 7 days; ` +
				`the silence of a complete feed is believed for 93 days at most`},
		{"a complete feed that is silent of somebody at work", plan + `
			acd fact -8+09:00 away/break/off_queue
			complete acd 09:00`,
			`status is unknown: acd last reported it at 09:00 on 22 February 2026, which is believed for 7 days`},
		{"two feeds have a gap", plan + `
			acd fact 08:00 away/break/off_queue
			desk fact 08:00 away/break/off_queue
			acd gap 08:30-11:00
			desk gap 08:30-11:00`,
			`status is unknown: acd and desk have gaps here`},
		{"the preferred source has said nothing, and the other is too old", `policy {"prefer":{"status":["acd"]}}
			` + plan + `
			acd fact 08:00 away/-/off_queue
			desk fact -8+09:00 away/break/-`,
			`status is unknown: acd has not reported it yet, and desk last reported it at 09:00 on 22 February 2026, ` +
				`which is believed for 7 days`},
		{"the preferred source does not know, and nobody else has said anything", `policy {"prefer":{"status":["acd"]}}
			` + plan + `
			acd fact 08:00 away/unknown/off_queue`,
			`status is unknown: acd reported it as unknown`},
		{"of two preferred sources one has a gap, the other has never been heard", `
			policy {"prefer":{"status":["acd","desk"]}}
			plan 09:00-10:00 on_queue_work s
			acd fact 08:00 away/break/off_queue
			acd gap 08:30-11:00
			chat fact 08:00 away/unknown/-`,
			`presence and routing are unknown: acd has a gap here; status is unknown: acd has a gap here, and desk has not ` +
				`reported it yet, and chat reported it as unknown`},
		{"people are called what they are", `policy {"prefer":{"status":["self","supervisor"]}}
			` + plan + `
			self fact -8+09:00 away/break/-`,
			`status is unknown: the agent last reported it at 09:00 on 22 February 2026, which is believed for 7 days, and ` +
				`a supervisor has not reported it yet`},
		{"what people chose themselves counts only where it is listed", `policy {"prefer":{"status":["acd"]}}
			` + plan + `
			acd fact 08:00 away/-/off_queue
			self fact 08:55 away/break/-`,
			`status is unknown: acd has not reported it yet, and what was chosen in Rollcall does not count, because other ` +
				`sources are preferred`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := explained(t, "now 10:00\n"+c.scene)
			if want := "09:00 unknown rule 3: " + c.want + "\n"; !strings.Contains(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// What was said longer ago than is read is not passed off as never said.
func TestWhatWasSaidLongAgoIsTooOld(t *testing.T) {
	c, err := adherence.ParseCase([]byte(`{"time_zone":"UTC","as_of":"2026-03-02T12:00:00Z","schedule":[{` +
		`"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","category":"break","code":"Break"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	in := c.Input()
	in.Declared = schemas.AllFields
	var j adherence.Judge
	for first, want := range map[schemas.Instant]string{
		0:                                "status is unknown: nothing was reported yet",
		c.AsOf.Add(-200 * schemas.DayMS): "status is unknown: what was reported is too old to be believed",
		c.AsOf:                           "status is unknown: nothing was reported yet",
	} {
		in.NamedBefore = adherence.Named{first, first, first}
		if e, _, err := j.Explain(in, schemas.MakeDate(2026, 3, 2)); err != nil || e.Steps[0].Because != want {
			t.Errorf("first reported at %s: %v %v, want %q", first, e.Steps, err, want)
		}
	}
}
