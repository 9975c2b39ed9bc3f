package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// NodeKind is what a Node is.
type NodeKind uint8

// The kinds of nodes.
const (
	NodeNull NodeKind = iota
	NodeBool
	NodeNumber
	NodeText
	NodeList
	NodeMap
)

var nodeKindNames = []string{"null", "true or false", "a number", "a text", "a list", "a map"}

// String says what the node is, for messages.
func (k NodeKind) String() string { return nameOf(nodeKindNames, k) }

// Node is one value of a JSON or YAML document that was read strictly: keys keep their order, a key that comes twice
// was an error, numbers keep their text, and every value knows its place.
type Node struct {
	// Path is the place as a reader would write it, such as schedule[2].end; empty for the document itself.
	Path string
	// Line is the line of a YAML document, from 1, where the value stands, or its key if it has one; 0 in JSON.
	Line int
	Kind NodeKind
	// Text is the text of a text, a number (as written), true or false.
	Text string
	// Items are the values of a list, or of a map in the order of Keys.
	Items []*Node
	Keys  []string
}

// maxDocumentDepth is how deep lists and maps may lie in each other.
const maxDocumentDepth = 32

// ParseJSONDocuments reads JSON values that follow each other in data, as in NDJSON. The error has line and column.
func ParseJSONDocuments(data []byte) ([]*Node, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var docs []*Node
	for {
		n, err := readJSON(dec, "", 0)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, placeJSON(err, data, dec.InputOffset())
		}
		docs = append(docs, n)
	}
}

// ParseDocument reads one document, JSON or YAML.
func ParseDocument(data []byte) (*Node, error) {
	if json.Valid(data) {
		docs, err := ParseJSONDocuments(data)
		if err != nil {
			return nil, err
		}
		return docs[0], nil
	}
	return parseYAML(data)
}

// placeJSON puts line and column before an error of syntax that was met after offset.
func placeJSON(err error, data []byte, offset int64) error {
	if field := (*FieldError)(nil); errors.As(err, &field) {
		return err
	}
	for int(offset) < len(data) && strings.IndexByte(" \t\r\n,:", data[offset]) >= 0 {
		offset++ // from the end of the last value that was read to what is wrong
	}
	before := data[:min(int(offset), len(data))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the text ends in the middle of a value")
	}
	return fmt.Errorf("line %d column %d: not JSON: %w", line, column, err)
}

func readJSON(dec *json.Decoder, path string, depth int) (*Node, error) {
	token, err := dec.Token()
	if err != nil {
		if depth > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	n := &Node{Path: path}
	switch v := token.(type) {
	case nil:
	case bool:
		n.Kind, n.Text = NodeBool, strconv.FormatBool(v)
	case json.Number:
		n.Kind, n.Text = NodeNumber, v.String()
	case string:
		n.Kind, n.Text = NodeText, v
	case json.Delim:
		err = readJSONItems(dec, n, v, depth+1)
	}
	return n, err
}

func readJSONItems(dec *json.Decoder, n *Node, open json.Delim, depth int) error {
	if depth > maxDocumentDepth {
		return &FieldError{n.Path, fmt.Sprintf("lies deeper than %d levels; write it flatter", maxDocumentDepth)}
	}
	n.Kind = NodeList
	if open == '{' {
		n.Kind = NodeMap
	}
	for dec.More() {
		key := ""
		if n.Kind == NodeMap {
			token, err := dec.Token()
			if err != nil {
				return noEOF(err)
			}
			key, _ = token.(string) // another token is an error of the decoder
		}
		path, err := n.next(key)
		if err != nil {
			return err
		}
		item, err := readJSON(dec, path, depth)
		if err != nil {
			return noEOF(err)
		}
		n.Items = append(n.Items, item)
	}
	_, err := dec.Token()
	return noEOF(err)
}

// noEOF turns the end of the text inside a value into an error of its own.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// under returns the place of a key of the map.
func (n *Node) under(key string) string {
	if n.Path == "" {
		return key
	}
	return n.Path + "." + key
}

// next returns the place of the next item, in a map that of the key, which must be new.
func (n *Node) next(key string) (string, error) {
	switch {
	case n.Kind == NodeList:
		return fmt.Sprintf("%s[%d]", n.Path, len(n.Items)), nil
	case slices.Contains(n.Keys, key):
		return "", &FieldError{n.under(key), "is given twice; keep one of the two"}
	}
	n.Keys = append(n.Keys, key)
	return n.under(key), nil
}

func parseYAML(data []byte) (*Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return &Node{}, nil
		}
		return nil, fmt.Errorf("neither JSON nor YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document; keep one")
	}
	return fromYAML(doc.Content[0], "", 0)
}

func fromYAML(y *yaml.Node, path string, depth int) (*Node, error) {
	n := &Node{Path: path, Text: y.Value, Line: y.Line}
	switch {
	case depth > maxDocumentDepth:
		return nil, &FieldError{path, fmt.Sprintf("lies deeper than %d levels; write it flatter", maxDocumentDepth)}
	case y.Kind == yaml.AliasNode:
		return nil, &FieldError{path, fmt.Sprintf("is an alias (line %d); write the value out", y.Line)}
	case y.Kind == yaml.SequenceNode:
		n.Kind = NodeList
		return n, n.addYAML(y.Content, depth+1)
	case y.Kind == yaml.MappingNode:
		n.Kind = NodeMap
		return n, n.addYAML(y.Content, depth+1)
	}
	switch y.ShortTag() {
	case "!!null":
		n.Kind, n.Text = NodeNull, ""
	case "!!bool":
		n.Kind, n.Text = NodeBool, strings.ToLower(y.Value)
	case "!!int", "!!float":
		n.Kind = NodeNumber
	default:
		n.Kind = NodeText
	}
	return n, nil
}

func (n *Node) addYAML(content []*yaml.Node, depth int) error {
	step := 1
	if n.Kind == NodeMap {
		step = 2
	}
	for i := 0; i+step <= len(content); i += step {
		if n.Kind == NodeMap && content[i].Kind != yaml.ScalarNode {
			return &FieldError{n.Path, fmt.Sprintf("has a key that is no text (line %d)", content[i].Line)}
		}
		path, err := n.next(content[i].Value)
		if err != nil {
			return err
		}
		item, err := fromYAML(content[i+step-1], path, depth)
		if err != nil {
			return err
		}
		item.Line = content[i].Line
		n.Items = append(n.Items, item)
	}
	return nil
}

// Get returns the value of a key of a map, or nil.
func (n *Node) Get(key string) *Node {
	if i := slices.Index(n.Keys, key); i >= 0 {
		return n.Items[i]
	}
	return nil
}

// Want reports whether the node is of the kind; the error says what it is instead.
func (n *Node) Want(kind NodeKind) error {
	if n.Kind == kind {
		return nil
	}
	shown := n.Kind.String()
	if n.Kind == NodeText || n.Kind == NodeNumber || n.Kind == NodeBool {
		shown += fmt.Sprintf(" (%.60s)", n.Text)
	}
	return n.Wrong("must be %s, not %s", kind, shown)
}

// WantKeys reports whether the node is a map with no other keys than these; the error names the nearest right one.
func (n *Node) WantKeys(keys ...string) error {
	if err := n.Want(NodeMap); err != nil {
		return err
	}
	for _, k := range n.Keys {
		if !slices.Contains(keys, k) {
			hint := "allowed are " + strings.Join(keys, ", ")
			if near := Nearest(k, keys); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			return &FieldError{n.under(k), "is not a key that is known here; " + hint}
		}
	}
	return nil
}

// Wrong makes an error that names the node's place.
func (n *Node) Wrong(format string, args ...any) error {
	place := n.Path
	if place == "" {
		place = "document"
	}
	return &FieldError{place, fmt.Sprintf(format, args...)}
}

// Bool reads true or false.
func (n *Node) Bool() (bool, error) { return n.Text == "true", n.Want(NodeBool) }
