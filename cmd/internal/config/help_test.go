package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The topic `rollcall help configuration` names every key and no other; those of lists of sections stand in some topic.
func TestHelpNamesEveryKey(t *testing.T) {
	folder := filepath.Join("..", "..", "rollcall", "help")
	text, err := os.ReadFile(filepath.Join(folder, "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z].*?) \\|").FindAllStringSubmatch(string(text), -1) {
		for _, k := range strings.Split(row[1], ", ") {
			named[strings.Trim(k, "`")] = true
		}
	}
	var topics []byte
	files, _ := filepath.Glob(filepath.Join(folder, "*.md"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		topics = append(topics, b...)
	}
	c := Default()
	for _, k := range c.keys() {
		section, _, _ := cutLast(k.path)
		if !named[k.path] && !named[section+".*"] {
			t.Errorf("the topic does not name %s", k.path)
		}
		delete(named, k.path)
		if !k.sections() {
			continue
		}
		for _, inner := range keys(reflect.Zero(k.value.Type().Elem()), "") {
			if !regexp.MustCompile(`\b` + inner.path + "[:`]").Match(topics) {
				t.Errorf("no topic names %s of an entry of %s", inner.path, k.path)
			}
		}
	}
	for k := range named {
		if !strings.HasSuffix(k, ".*") {
			t.Errorf("the topic names %s, which is no key", k)
		}
	}
}

func cutLast(path string) (before, after string, found bool) {
	i := strings.LastIndex(path, ".")
	if i < 0 {
		return path, "", false
	}
	return path[:i], path[i+1:], true
}
