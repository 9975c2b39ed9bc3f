package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/help"
)

// pages has README.md, CONTRIBUTING.md and every topic of help, by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	topics, err := help.Topics()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, topic := range topics {
		all[topic.Name] = topic.Text
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

// Every command line that a page shows can be typed: the command, its flags and the number of its arguments exist.
func TestCommandsOnPagesExist(t *testing.T) {
	shown := regexp.MustCompile(`(?m)^\$ rollcall (.*)$`)
	named := regexp.MustCompile("`rollcall ([^`]+)`")
	for name, text := range pages(t) {
		for _, m := range shown.FindAllStringSubmatch(text, -1) {
			if err := typed(shellWords(m[1]), true); err != nil {
				t.Errorf("%s: rollcall %s: %v", name, m[1], err)
			}
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if err := typed(shellWords(m[1]), false); err != nil {
				t.Errorf("%s: rollcall %s: %v", name, m[1], err)
			}
		}
	}
}

// typed checks a command line as far as it can be without running it; whole says that its arguments are all there.
func typed(args []string, whole bool) error {
	root := newRoot()
	root.InitDefaultHelpCmd()
	if args[0] == strings.ToUpper(args[0]) {
		return nil // a placeholder
	}
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	rest = cmd.Flags().Args()
	if cmd.Name() == "help" {
		if len(rest) == 1 && rest[0] == strings.ToUpper(rest[0]) {
			return nil
		}
		var out bytes.Buffer
		root.SetArgs(args)
		root.SetOut(&out)
		return root.Execute()
	}
	if cmd.HasSubCommands() && len(rest) > 0 {
		return badInputf("%q is no command of %s", rest[0], cmd.CommandPath())
	}
	if !whole {
		return nil
	}
	return cmd.ValidateArgs(rest)
}

// shellWords splits a line as a shell does, up to a comment, a pipe or a redirection.
func shellWords(line string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		if slices.Contains([]string{"#", "|", ">"}, m[2]) || strings.HasPrefix(m[2], "#") {
			break
		}
		out = append(out, m[1]+m[2])
	}
	return out
}

// Every target of make, every topic and every file that a page names is there.
func TestWhatPagesNameExists(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	target, link := regexp.MustCompile("(?m)^\\$ make ([a-z-]+)|`make ([a-z-]+)"),
		regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	for name, text := range pages(t) {
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + m[2] + `:`).Match(makefile) {
				t.Errorf("%s: there is no make %s", name, m[1]+m[2])
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("..", "..", m[1])); err != nil && !strings.Contains(m[1], "://") {
				t.Errorf("%s: there is no %s", name, m[1])
			}
		}
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"help topics", "feeds"},
		{"help feeds", "# Feeds"},
		{"help feeds list", "rollcall feeds list [flags]"},
		{"help", "Start with `rollcall demo`"},
		{"--help", "Start with `rollcall demo`"},
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), strings.Fields(c.args), &out, &errs); code != 0 ||
			!strings.Contains(out.String(), c.says) {
			t.Errorf("rollcall %s: code %d, %s%s\nwant a text with %q", c.args, code, &out, &errs, c.says)
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"help", "cooking"}, &out, &errs); code != 2 ||
		!strings.Contains(errs.String(), `"cooking" is neither`) {
		t.Errorf("rollcall help cooking: code %d, %s", code, &errs)
	}
}
