package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// TestContentIDStaysTheSame: stored facts carry the id, so a file sent again next year must still make the same one.
// The sum is written out here the slow way.
func TestContentIDStaysTheSame(t *testing.T) {
	for _, c := range []Change{{}, {Source: "file", AgentID: "ana", At: 1_772_441_880_000, Presence: PresenceAvailable,
		Status: StatusTraining, Routing: RoutingOffQueue, Secondary: "Coaching", Note: strings.Repeat("ü", 400),
		Raw: "x=y"}} {
		h := sha256.New()
		for _, s := range []string{c.Source, c.AgentID, strconv.FormatInt(int64(c.At), 10), c.Presence.String(),
			c.Status.String(), c.Routing.String(), c.Secondary, c.Raw, c.Note} {
			fmt.Fprintf(h, "%d:%s", len(s), s)
		}
		if want := hex.EncodeToString(h.Sum(nil)[:16]); c.ContentID() != want {
			t.Errorf("id of %v is %s, was %s", c, c.ContentID(), want)
		}
	}
}
