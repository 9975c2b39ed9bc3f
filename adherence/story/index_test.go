package story

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The index names every story with its title, and every test that it sends the reader to exists.
func TestIndexOfStories(t *testing.T) {
	data, err := os.ReadFile("stories/README.md")
	if err != nil {
		t.Fatal(err)
	}
	index := string(data)
	stories, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, s := range stories {
		name := strings.TrimSuffix(filepath.Base(s.File), ".txtar")
		want = append(want, name)
		if !strings.Contains(index, "- `"+name+"`: "+s.Title+"\n") {
			t.Errorf("the index lacks: - `%s`: %s", name, s.Title)
		}
	}
	var got []string
	for _, found := range regexp.MustCompile("(?m)^- `([a-z0-9-]+)`: ").FindAllStringSubmatch(index, -1) {
		got = append(got, found[1])
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the index names %d stories, there are %d", len(got), len(want))
	}
	elsewhere := regexp.MustCompile(
		"`([a-z/_]+_test\\.go)`\\s+(Test\\w+)(?:\\s+and\\s+(Test\\w+))?").FindAllStringSubmatch(index, -1)
	if len(elsewhere) < 10 {
		t.Errorf("the index names %d tests elsewhere", len(elsewhere))
	}
	for _, e := range elsewhere {
		code, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(e[1])))
		if err != nil {
			t.Error(err)
		}
		for _, test := range e[2:] {
			if test != "" && !strings.Contains(string(code), "func "+test+"(") {
				t.Errorf("%s has no %s", e[1], test)
			}
		}
	}
}

// The story that the index shows to those who want to write one comes out as it says.
func TestTheExampleOfTheIndex(t *testing.T) {
	data, err := os.ReadFile("stories/README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Split(string(data), "```\n")
	if len(text) < 3 {
		t.Fatal("the index shows no story")
	}
	s, err := Load("example", []byte(text[1]))
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Check(); !r.OK {
		t.Error(r.Differences)
	}
}
