package schemas

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
)

// SubscriptionKind is what sort of mail is subscribed to.
type SubscriptionKind string

// The values of SubscriptionKind.
const (
	SubscriptionDaily  SubscriptionKind = "daily"            // the day before, every day at At
	SubscriptionDigest SubscriptionKind = "out_of_adherence" // who is out of adherence now, every Every from At to Until
)

// Subscription says who is sent which mail of whom, and when (table subscriptions). The row of an ID with the latest
// RecordedAt counts.
type Subscription struct {
	ID   string           `json:"id"`
	Kind SubscriptionKind `json:"kind"`
	// OwnerID and Owner are the credential whose scope bounds what is reported, each time anew; "operator" has everything.
	OwnerID string `json:"owner_id"`
	Owner   string `json:"owner"`
	// Recipients are mail addresses; each gets a mail of its own.
	Recipients []string `json:"recipients"`
	// Teams and Sites narrow the scope; empty does not.
	Teams []string `json:"teams,omitempty"`
	Sites []string `json:"sites,omitempty"`
	// At is the minute of the local day in TimeZone; Until, of a digest, the minute at which the last may go out.
	At       int    `json:"at_minute" ch:"at_minute"`
	Until    int    `json:"until_minute,omitempty" ch:"until_minute"`
	TimeZone string `json:"time_zone"`
	// Every is how many minutes lie between two digests.
	Every int `json:"every_minutes,omitempty"`
	// SkipEmpty leaves out days on which nothing was scheduled; else the mail says so.
	SkipEmpty bool `json:"skip_empty"`
	// NoWorkbook leaves the workbook out.
	NoWorkbook bool `json:"no_workbook"`
	// Ended says that nothing more is sent.
	Ended      bool    `json:"ended,omitempty"`
	CreatedAt  Instant `json:"created_at"`
	RecordedAt Instant `json:"recorded_at"`
}

// The bounds of a subscription.
const (
	mostRecipients = 50
	mostScope      = 500
	leastEvery     = 15
	minutesOfDay   = 24 * 60
)

// Validate returns every rule that the subscription breaks, each with its field, joined.
func (s *Subscription) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) { errs = append(errs, fmt.Errorf(field+": "+format, args...)) }
	if s.Kind != SubscriptionDaily && s.Kind != SubscriptionDigest {
		bad("kind", "%q is neither %s nor %s", s.Kind, SubscriptionDaily, SubscriptionDigest)
	}
	if n := len(s.Recipients); n == 0 || n > mostRecipients {
		bad("recipients", "%d addresses; write one to %d, such as kim@example.org", n, mostRecipients)
	}
	for i, r := range s.Recipients {
		if err := CheckAddress(r); err != nil {
			bad("recipients", "%w", err)
		}
		if slices.Contains(s.Recipients[:i], r) {
			bad("recipients", "%q is named twice", r)
		}
	}
	if len(s.Teams)+len(s.Sites) > mostScope {
		bad("teams", "%d teams and sites; name at most %d, or none for all", len(s.Teams)+len(s.Sites), mostScope)
	}
	if _, err := LoadZone(s.TimeZone); err != nil {
		bad("time_zone", "%w", err)
	}
	if s.At < 0 || s.At >= minutesOfDay {
		bad("at", "is no time of a day; write for instance 06:30")
	}
	if s.Kind == SubscriptionDigest {
		if s.Until <= s.At || s.Until > minutesOfDay {
			bad("until", "%s does not lie after at, %s, on the same day", ClockText(s.Until), ClockText(s.At))
		}
		if s.Every < leastEvery || s.Every >= minutesOfDay {
			bad("every", "%d min; write at least %d min and less than a day", s.Every, leastEvery)
		}
	}
	return errors.Join(errs...)
}

// CheckAddress says what is wrong with a mail address, which must be bare: no name, no comment, nothing that could end
// a header's line.
func CheckAddress(address string) error {
	const most = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets
	if len(address) > most {
		return fmt.Errorf("an address of %d bytes is too long; %d are allowed", len(address), most)
	}
	for _, r := range address {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r > unicode.MaxASCII {
			return fmt.Errorf("%q is no mail address: %q may not be in one; write it bare, such as kim@example.org", address, r)
		}
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address || strings.ContainsAny(address, "<>\"\\,;:()[]") {
		return fmt.Errorf("%q is no mail address; write it bare, such as kim@example.org", address)
	}
	return nil
}

// ParseClock reads a time of day such as 06:30 as the minute of the day; 24:00 is the end of the day.
func ParseClock(text string) (int, error) {
	if text == "24:00" {
		return minutesOfDay, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("06:30") {
		return 0, fmt.Errorf("%q is no time of day; write hours and minutes, such as 06:30", text)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// ClockText writes a minute of the day as 06:30.
func ClockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
