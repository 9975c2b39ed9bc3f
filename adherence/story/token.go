package story

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// token is one word of a line, or key=value. quoted says that the text stood in quotation marks, comma that one
// follows.
type token struct {
	key, text     string
	quoted, comma bool
}

var (
	plainValue = regexp.MustCompile(`^[\pL\pN_][\pL\pN_.+-]*$`)
	plainLabel = regexp.MustCompile(`^[\pL\pN]+([ _./&'+-][\pL\pN]+)*$`)
	keyPattern = regexp.MustCompile(`^([a-z_]+)=`)
)

// value writes a text so that tokens read it back, in quotation marks where it needs them.
func value(s string) string {
	if plainValue.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// label writes an activity's code, in quotation marks where it needs them.
func label(s string) string {
	if plainLabel.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// tokens cuts what follows the time of a line into words.
func tokens(s string) ([]token, error) {
	var all []token
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] == ',' {
			if len(all) > 0 {
				all[len(all)-1].comma = true
			}
			s = s[1:]
			continue
		}
		var t token
		if key := keyPattern.FindStringSubmatch(s); key != nil {
			t.key, s = key[1], s[len(key[0]):]
		}
		var err error
		if t.text, t.quoted, s, err = cutText(s); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// cutText takes a text from the start of s: in quotation marks, or up to a space or comma.
func cutText(s string) (text string, quoted bool, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		text, rest, err = cutQuoted(s)
		return text, true, rest, err
	}
	end := strings.IndexAny(s, " \t,")
	if end < 0 {
		end = len(s)
	}
	return s[:end], false, s[end:], nil
}

// cutQuoted takes a text in quotation marks from the start of s.
func cutQuoted(s string) (text, rest string, err error) {
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", fmt.Errorf("the quotation mark before %s is not closed; end the text with another one",
			firstWords(s[1:]))
	}
	text, err = strconv.Unquote(quoted)
	return text, s[len(quoted):], err
}

// cells cuts a row of the then section at the bars that stand outside quotation marks.
func cells(s string) ([]string, error) {
	var all []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			_, rest, err := cutQuoted(s[i:])
			if err != nil {
				return nil, err
			}
			i = len(s) - len(rest) - 1
		case '|':
			all = append(all, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(all, strings.TrimSpace(s[from:])), nil
}
