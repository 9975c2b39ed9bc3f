package story

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the then sections of the stories that fail")

// Every built-in story comes out as it says. With -update the then sections are rewritten: read the difference, a story
// that was written from the program's answer proves nothing.
func TestStories(t *testing.T) {
	stories, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		t.Run(filepath.Base(s.File), func(t *testing.T) {
			r := s.Check()
			if *update && !r.OK {
				rewrite(t, s)
				return
			}
			for _, d := range r.Differences {
				t.Errorf("%s: %s", s.Title, d)
			}
		})
	}
}

func rewrite(t *testing.T, s *Story) {
	data, err := s.update()
	if err == nil {
		err = os.WriteFile(filepath.FromSlash(s.File), data, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}
