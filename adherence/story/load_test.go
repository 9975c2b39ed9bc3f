package story

import (
	"slices"
	"strings"
	"testing"

	"rollcall/schemas"
)

// The error for every mistake names its line and what would be right.
func TestMistakesNameTheirLineAndARemedy(t *testing.T) {
	for _, m := range []struct {
		text, place string
		says        []string
	}{
		{"", "s:1: ", []string{"no title", "first line"}},
		{"\xff", "s:1: ", []string{"UTF-8"}},
		{"t\n-- schedul --\n", "s:2: ", []string{"did you mean -- schedule --?"}},
		{"t\n-- --\n", "s:2: ", []string{"-- schedule --"}},
		{"t\n-- weather --\n", "s:2: ", []string{"what happened"}},
		{"t\n-- gaps --\n-- gaps --\n", "s:3: ", []string{"twice"}},
		{"t\n-- date --\n", "s:2: ", []string{"-- date 2026-03-02 --"}},
		{"t\n-- date 2026-02-30 --\n", "s:2: ", []string{"2026-03-02"}},
		{"t\n-- zone London --\n", "s:2: ", []string{"Europe/London"}},
		{"t\n-- schedule --\n09:00-10:00 break\n", "s:3: ", []string{"no date", "-- date 2026-03-02 --"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n\n# a remark\n9 to 5 Phones\n", "s:6: ", []string{"09:00-10:30"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-10:00 Phones (on queu work)\n", "s:4: ",
			[]string{`did you mean "on queue work"?`}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-10:00 Phones\n", "s:4: ",
			[]string{"in brackets", "Phones (on queue work)"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-10:00 Phones (on queue work\n", "s:4: ", []string{"not closed"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-10:00 \"Phones\n", "s:4: ", []string{"quotation mark"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-10:00 break shft=s1\n", "s:4: ", []string{"shift=NAME"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-10:00 break\n09:30-11:00 meal\n", "s:5: ",
			[]string{"overlaps line 4"}},
		{"t\n-- date 2026-03-02 --\n-- schedule --\n09:00-25:00 break\n", "s:4: ", []string{"00:00 to 24:00"}},
		{"t\n-- date 1999-03-02 --\n-- schedule --\n09:00-10:00 break\n", "s:4: ", []string{"out of range", "2000-01-01"}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00 on quue\n", "s:4: ", []string{`did you mean "on queue"?`}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00 idle\n", "s:4: ", []string{"waits for a call", "away"}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00\n", "s:4: ", []string{"on queue"}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00 status=lunch\n", "s:4: ", []string{`status="lunch"`}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00 statu=meal\n", "s:4: ", []string{"did you mean status=?"}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00 presence=away secondary=Tea\n", "s:4: ",
			[]string{"name the status"}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00-10:30 on queue\n", "s:4: ", []string{"UTC", "-10:30"}},
		{"t\n-- date 2026-03-02 --\n-- what happened --\n09:00 break agent=a\n10:00 meal agent=b\n", "s:5: ",
			[]string{"one agent"}},
		{"t\n-- rules --\nday: midnight\nexception_treshold: 5m\n", "s:4: ", []string{"exception_threshold"}},
		{"t\n-- rules --\ntolerance:\n  break:\n    start_late: 5\n", "s:5: ", []string{"5s or 5m"}},
		{"t\n-- date 2026-03-02 --\n-- rules --\nday: [midnight\n", "s:", []string{"line "}},
		{"t\n-- date 2026-03-02 --\n-- corrections --\n09:00-10:00 neutrl: outage\n", "s:4: ",
			[]string{`did you mean "neutral"?`}},
		{"t\n-- date 2026-03-02 --\n-- corrections --\n09:00-10:00\n", "s:4: ", []string{"neutral, or in"}},
		{"t\n-- date 2026-03-02 --\n-- gaps --\n09:00-10:00 rooting\n", "s:4: ", []string{"routing"}},
		{"t\n-- date 2026-03-02 --\n-- complete --\nacd\n", "s:4: ", []string{"acd 22:00"}},
		{"t\n-- date 2026-03-02 --\n-- complete --\nsource=acd 22:00\n", "s:4: ", []string{"acd 22:00"}},
		{"t\n-- date 2026-03-02 --\n-- complete --\n22:00 acd\n", "s:4: ", []string{"acd 22:00"}},
		{"t\n-- date 2026-03-02 --\n-- complete --\n\"acd\n22:00\n", "s:4: ", []string{"quotation mark"}},
		{"t\n-- date 2026-03-02 --\n-- complete --\nacd noon\n", "s:4: ", []string{"09:00"}},
		{"t\n-- date 2026-03-02 --\n-- as of 10:00 sharp --\n", "s:3: ", []string{"the time alone"}},
		{"t\n-- then --\nadherence 5 %\n", "s:3: ", []string{"2026-03-02"}},
		{"t\n-- then --\n2026-03-02\n2026-03-02\n", "s:4: ", []string{"each once"}},
		{"t\n-- then --\n2026-03-02\ncoverige 5 %\n", "s:4: ", []string{`did you mean "coverage"?`}},
		{"t\n-- then --\n2026-03-02\nadherence 0.5\n", "s:4: ", []string{"58.33 %"}},
		{"t\n-- then --\n2026-03-02\nadherence none (abscent)\n", "s:4: ", []string{`did you mean "absent"?`}},
		{"t\n-- then --\n2026-03-02\nout 90 min\n", "s:4: ", []string{"1:45:00"}},
		{"t\n-- then --\n2026-03-02\nexceptions\n09:00-10:00 | break | late change\n", "s:5: ",
			[]string{"times | activity | kind | impact"}},
		{"t\n-- then --\n2026-03-02\nexceptions\n09:00-10:00 | break | late chnge | positive\n", "s:5: ",
			[]string{`did you mean "late change"?`}},
		{"t\n-- then --\n2026-03-02\nverdicts\n09:00-10:00 | break | break | inn\n", "s:5: ", []string{`did you mean "in"?`}},
	} {
		_, err := Load("s", []byte(m.text))
		if err == nil {
			t.Errorf("%q is read", m.text)
			continue
		}
		for _, want := range append(m.says, m.place) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q\n  says %s\n  lacks %s", m.text, err, want)
			}
		}
	}
}

// What the phrases of RULES.md section 3, "From Genesys Cloud", mean, and how they and fields add up.
func TestWhatPhrasesMean(t *testing.T) {
	for text, want := range map[string]string{
		"On Queue":                            "available/available/idle",
		"signs in: available, off queue":      "available/off_queue/off_queue",
		"AVAILABLE":                           "available/off_queue/off_queue",
		"busy":                                "busy/off_queue/off_queue",
		"away":                                "away/off_queue/off_queue",
		"break":                               "away/break/off_queue",
		"meal":                                "away/meal/off_queue",
		"meeting":                             "busy/meeting/off_queue",
		"training":                            "busy/training/off_queue",
		"goes home: signs out":                "offline/off_queue/off_queue",
		"takes a call":                        "//interacting",
		"call ends":                           "//idle",
		"not responding":                      "//not_responding",
		"off queue":                           "/off_queue/off_queue",
		"break, communicating":                "away/break/communicating",
		"break routing=interacting":           "away/break/interacting",
		`presence=away status="Fika"`:         "away/unknown/ raw status=Fika",
		`status="break" routing="Idle"`:       "/break/unknown raw routing=Idle",
		`meeting secondary="Stand: up, long"`: "busy/meeting/off_queue secondary Stand: up, long",
		"nothing":                             "//",
	} {
		c, err := readChange(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := c.Presence.String() + "/" + c.Status.String() + "/" + c.Routing.String()
		if c.Raw != "" {
			got += " raw " + c.Raw
		}
		if c.Secondary != "" {
			got += " secondary " + c.Secondary
		}
		if got != want {
			t.Errorf("%s means %s, want %s", text, got, want)
		}
	}
}

func TestTimesAreWrittenAsShortAsTheyAreReadBack(t *testing.T) {
	zone, err := schemas.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	c := calendar{zone: zone, date: schemas.MakeDate(2026, 10, 24), dated: true}
	for _, text := range []string{"09:00-10:30", "22:00-06:00", "09:00:00.250-09:00:01", "22:00 to 2026-10-26 06:00",
		"2026-10-25 01:30+01:00 to 01:30+00:00", "2026-10-25 03:00-04:00"} {
		v, rest, err := c.two(text)
		if err != nil || rest != "" {
			t.Errorf("%s: %v %q", text, err, rest)
			continue
		}
		want := text
		if text == "09:00:00.250-09:00:01" {
			want = "09:00:00.25-09:00:01"
		}
		if got := c.writeTwo(v); got != want && got != strings.Replace(want, " to ", "-", 1) {
			t.Errorf("%s is written %s", text, got)
		}
	}
	night, _, err := c.two("22:00-06:00")
	if err != nil || night.MS() != 9*schemas.HourMS {
		t.Errorf("the night of fall-back lasts %d ms (%v)", night.MS(), err)
	}
}

const lateBack = `Back late
-- date 2026-03-02 --
-- schedule --
10:30-10:45 Break (break)
10:45-12:00 Phones (on queue work)
-- what happened --
10:30 break
10:50 on queue
12:00 offline
-- then --
2026-03-02
`

// A story that does not come out says line by line what is different.
func TestDifferencesAreListed(t *testing.T) {
	for _, c := range []struct {
		then string
		want []string
	}{
		{"out 0:05:00\nexceptions\n10:45-10:50 | on queue work | late change | negative\n", nil},
		{"adherence 95 %\nexceptions\n10:45-10:50 | Phones (on queue work) | late change | negative\n",
			[]string{"line 12: 2026-03-02 adherence: wanted 95 %, got 94.44 %"}},
		{"out 0:05:00\n", []string{
			"line 11: 2026-03-02 exception: not wanted, but there is: 10:45-10:50 | Phones (on queue work) | late change | " +
				"negative"}},
		{"exceptions\n10:45-10:50 | Calls (on queue work) | late change | negative\n", []string{
			"line 13: 2026-03-02 exception: wanted, but there is not: 10:45-10:50 | Calls (on queue work) | late change | " +
				"negative",
			"line 11: 2026-03-02 exception: not wanted, but there is: 10:45-10:50 | Phones (on queue work) | late change | " +
				"negative"}},
		{"exceptions\n10:45-10:50 | on queue work | late change | negative\n2026-03-03\n",
			[]string{"line 14: day: wanted, but there is not: 2026-03-03"}},
		{"exceptions\n10:45-10:50 | on queue work | late change | negative\nverdicts\n10:45-10:50 | on queue work | break " +
			"| out\n10:30-10:45 | break | break | in\n10:50-12:00 | on queue work | on queue | in\n",
			[]string{"line 11: 2026-03-02 verdict: wanted the rows in order of time, got the same rows in another order"}},
	} {
		s, err := Load("s", []byte(lateBack+c.then))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range s.Check().Differences {
			got = append(got, d.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.then, got, c.want)
		}
	}
}

// Days that nobody wants, and input that ought to be refused, are differences too.
func TestWhatIsNotWantedIsADifference(t *testing.T) {
	story := strings.TrimSuffix(lateBack, "2026-03-02\n")
	for text, want := range map[string]string{
		story + "no day\n": "line 10: day: not wanted, but there is: 2026-03-02",
		strings.TrimSuffix(story, "-- then --\n"+
			""): "line 1: then: wanted, but there is not: a section that says what must come out",
		story + "refused: overlaps\n": "line 11: refusal: wanted, but there is not: overlaps",
		strings.Replace(story, "10:45-12", "10:40-12", 1) +
			"refused: overlaps line 9\n": "line 11: refusal: wanted overlaps line 9," +
			" got s:5: 10:40-12:00 Phones (on queue w… overlaps line 4 (10:30-10:45); activities of one agent may not overlap",
	} {
		s, err := Load("s", []byte(text))
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		if got := s.Check().Differences; len(got) != 1 || got[0].String() != want {
			t.Errorf("%s\n got %v\nwant %s", text, got, want)
		}
	}
}

// update writes what the judge says: the figures that were asked for, exceptions, and nothing of the rest of the file.
func TestUpdateKeepsWhatTheAuthorWrote(t *testing.T) {
	s, err := Load("s", []byte(lateBack+"adherence 1 %\nout 0:00:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.update()
	if err != nil {
		t.Fatal(err)
	}
	want := lateBack + "adherence              94.44 %\nout                    0:05:00\nexceptions\n" +
		"  10:45-10:50 | Phones (on queue work) | late change | negative\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	right := "# mine\n" + "out 0:05:00 \nexceptions\n10:45-10:50|on queue work|late change|negative\n"
	if s, err = Load("s", []byte(lateBack+right)); err != nil {
		t.Fatal(err)
	}
	if got, err = s.update(); err != nil || string(got) != lateBack+right {
		t.Errorf("a story that is right was changed (%v):\n%s", err, got)
	}
}
