package imports

import "testing"

// TestCounted: numbers stand with the plural of their noun.
func TestCounted(t *testing.T) {
	for want, got := range map[string]string{
		"1 status":     counted(1, "status"),
		"3 statuses":   counted(3, "status"),
		"2 agent-days": counted(2, "agent-day"),
		"0 codes":      counted(0, "code"),
	} {
		if got != want {
			t.Errorf("got %s, not %s", got, want)
		}
	}
}
