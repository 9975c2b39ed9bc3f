package schemas_test

import (
	"testing"

	"rollcall/schemas"
)

// Every zone that is suggested is one that is known.
func TestSuggestedZonesAreKnown(t *testing.T) {
	names := schemas.ZoneNames()
	for _, name := range names {
		if _, err := schemas.LoadZone(name); err != nil {
			t.Error(err)
		}
	}
	if near := schemas.Nearest("Europe/Lodnon", names); near != "Europe/London" {
		t.Errorf("Europe/Lodnon is nearest to %q of %d names", near, len(names))
	}
}
