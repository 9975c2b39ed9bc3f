package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Watched folders are a list of sections; each mistake names its entry and what would be right.
func TestWatchedFolders(t *testing.T) {
	c, err := load(t, "imports:\n  max_bytes: 1000\n  watch:\n    - dir: in/rosters\n      kind: roster\n    - dir: "+
		"in/weeks\n      kind: schedule\n      time_zone: Europe/London\n      stable: 1m\n")
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Imports.Watch; c.Imports.MaxBytes != 1000 || len(w) != 2 || w[0].Dir != "in/rosters" ||
		w[1].Kind != "schedule" || w[1].Stable != time.Minute {
		t.Errorf("got %+v", c.Imports)
	}
	ours := filepath.Join(t.TempDir(), "ours.yaml")
	if err := os.WriteFile(ours, []byte("kind: roster\ncolumns: {agent_id: Id}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, "imports:\n  watch:\n    - dir: in\n      kind: roster\n      profile: "+ours+"\n"); err != nil {
		t.Errorf("a profile in a file: %v", err)
	}
	for text, say := range map[string]string{
		"    - kind: roster\n": "imports.watch[0].dir: is empty; name " +
			"the folder",
		"    - dir: in\n":                      `imports.watch[0].kind: "" is none of roster`,
		"    - dir: in\n      kind: rooster\n": `did you mean "roster"?`,
		"    - dir: in\n      kind: roster\n      profile: iexx\n": "imports.watch[0].profile: there is no " +
			"profile",
		"    - dir: in\n      kind: roster\n      stable: -1s\n": "imports.watch[0].stable: -1s is " +
			"negative",
		"    - dir: in\n      kind: roster\n      time_zone: x\n": "imports.watch[0].time_zone",
		"    - dir: in\n      kind: roster\n      zone: UTC\n":    "unknown key imports.watch[0].zone",
		"    - dir: in\n      kind: roster\n    - dir: ./in\n      kind: status\n" +
			"": `imports.watch[1].dir: "./in" is watched twice`,
	} {
		if _, err := load(t, "imports:\n  watch:\n"+text); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want %q", text, err, say)
		}
	}
	if _, err := load(t, "imports:\n  max_bytes: 0\n"); err == nil || !strings.Contains(err.Error(), "imports.max_bytes") {
		t.Errorf("got %v", err)
	}
}
