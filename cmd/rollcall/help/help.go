// Package help holds the topics of `rollcall help`: one Markdown file each, whose first line is its title. The program
// prints them, and the daemon shows them as pages under /help.
//
// # Why
//
// A topic explains how several commands belong together; what one command takes, its own --help says. The topics lie
// beside the commands, so that whoever changes one sees the other, and a test compares them: every command line that
// a topic shows must exist, with its flags.
package help

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.md
var files embed.FS

// Topic is one page of help.
type Topic struct {
	// Name is what follows `rollcall help`, such as feeds.
	Name string
	// Title is one line that says what it is about, without the # of the Markdown.
	Title string
	// Text is the whole page as Markdown, title included.
	Text string
}

// Topics returns every topic, by name.
func Topics() ([]Topic, error) {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return nil, err
	}
	var topics []Topic
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		topics = append(topics, Topic{strings.TrimSuffix(name, ".md"), title, string(text)})
	}
	return topics, nil
}
