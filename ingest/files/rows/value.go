package rows

import (
	"slices"
	"strings"
)

// Value is a value of a JSON document, with its place.
type Value struct {
	Place
	// Kind is the byte with which it begins: { and [, " for a text, t for true and false, n for null, 0 for a number.
	Kind byte
	// Text is that of a text without its quotes, of a number and of true and false as they are written.
	Text string
	// Items are the values of a list, or of an object in the order of Keys.
	Items []Value
	Keys  []string
}

// maxValues is how many values one value that is held may consist of; a text counts for more, one for each 100 bytes.
const maxValues = 100_000

// Value reads the next value as a whole.
func (j *JSON) Value() (Value, error) {
	left := maxValues
	return j.value(&left)
}

func (j *JSON) value(left *int) (v Value, err error) {
	if *left--; *left < 0 {
		return v, j.Wrong("is it an export?", "an entry has more than %d values", maxValues)
	}
	v.Kind, v.Place = j.Peek(), j.Place()
	switch v.Kind {
	case '{':
		err = j.Members(func(key []byte, _ Place) error {
			v.Keys = append(v.Keys, string(key))
			item, err := j.value(left)
			v.Items = append(v.Items, item)
			return err
		})
	case '[':
		err = j.Items(func(int) error {
			item, err := j.value(left)
			v.Items = append(v.Items, item)
			return err
		})
	case '"':
		var text []byte
		text, err = j.Text()
		v.Text = string(text)
		*left -= len(text) / 100
	default:
		var word []byte
		if word, err = j.Word(); string(word) == "null" {
			v.Kind = 'n'
			return v, err
		}
		switch v.Text = string(word); v.Text {
		case "true", "false":
			v.Kind = 't'
		default:
			v.Kind = 0
		}
	}
	return v, err
}

// Member returns the value of a key of an object; nil where there is none.
func (v *Value) Member(key string) *Value {
	if v.Kind == '{' {
		if i := slices.Index(v.Keys, key); i >= 0 {
			return &v.Items[i]
		}
	}
	return nil
}

// At returns what stands at a dotted path: Agent.Name is the member Name of the member Agent. Of a list, which may be
// marked by [] (Contacts[].State), it is what the first of its items has there that is not null. An exclamation mark
// opens JSON inside a text: Attributes!email. It is nil where there is nothing, or null.
func (v *Value) At(path string) *Value {
	if v == nil || v.Kind == 'n' {
		return nil
	}
	if path == "" {
		return v
	}
	if v.Kind == '[' {
		path = strings.TrimPrefix(strings.TrimPrefix(path, "[]"), ".")
		for i := range v.Items {
			if found := v.Items[i].At(path); found != nil {
				return found
			}
		}
		return nil
	}
	if whole := v.Member(path); whole != nil {
		return whole.At("") // a key may hold dots itself
	}
	end := strings.IndexAny(path, ".![")
	if end < 0 {
		return nil
	}
	next, rest := v.Member(path[:end]), path[end:]
	if next == nil {
		return nil
	}
	if rest[0] == '!' {
		inner := NewJSON(strings.NewReader(next.Text))
		opened, err := inner.Value()
		if next.Kind != '"' || err != nil || inner.Finish() != nil {
			return nil
		}
		return opened.At(rest[1:])
	}
	return next.At(strings.TrimPrefix(strings.TrimPrefix(rest, "[]"), "."))
}

// Paths calls f with the dotted path of every text, number and truth value in an object, outside lists.
func (v *Value) Paths(f func(path string, v *Value)) { v.paths("", f) }

func (v *Value) paths(prefix string, f func(string, *Value)) {
	for i, key := range v.Keys {
		item := &v.Items[i]
		switch item.Kind {
		case '{':
			item.paths(prefix+key+".", f)
		case '[', 'n':
		default:
			f(prefix+key, item)
		}
	}
}
