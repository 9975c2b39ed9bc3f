package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"rollcall/schemas"
)

// key is one settable value: its path and where it lies.
type key struct {
	path  string
	value reflect.Value
}

// keys lists every key of the configuration, in order of the struct.
func keys(v reflect.Value, prefix string) []key {
	var out []key
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == ",inline" {
			out = append(out, keys(v.Field(i), prefix)...)
			continue
		}
		path := strings.TrimPrefix(prefix+"."+name, ".")
		if f := v.Field(i); f.Kind() == reflect.Struct {
			out = append(out, keys(f, path)...)
		} else {
			out = append(out, key{path, f})
		}
	}
	return out
}

func (c *Config) keys() []key { return keys(reflect.ValueOf(c).Elem(), "") }

func byPath(list []key) map[string]key {
	out := map[string]key{}
	for _, k := range list {
		out[k.path] = k
	}
	return out
}

// set reads text into the key's value.
func (k key) set(text string) error {
	switch p := k.value.Addr().Interface().(type) {
	case *time.Duration:
		return parsed(k, p, text, time.ParseDuration, "is not a duration; write for instance 30m")
	case *int:
		return parsed(k, p, text, strconv.Atoi, "is not a whole number")
	case *float64:
		float := func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
		return parsed(k, p, text, float, "is not a number")
	case *bool:
		return parsed(k, p, text, strconv.ParseBool, "is neither true nor false")
	}
	switch {
	case k.value.Kind() == reflect.String:
		k.value.SetString(text)
	case k.sections():
		return fmt.Errorf("%s: is a list of sections; write it into the file, each with a dash", k.path)
	default:
		k.value.SetZero()
		for s := range strings.SplitSeq(text, ",") {
			if s = strings.TrimSpace(s); s != "" {
				k.add(s)
			}
		}
	}
	return nil
}

// add adds a text to a list of texts.
func (k key) add(text string) {
	k.value.Set(reflect.Append(k.value, reflect.ValueOf(text).Convert(k.value.Type().Elem())))
}

// parsed reads text into the value of a key; wrong says what is the matter with one that cannot be read.
func parsed[T any](k key, into *T, text string, parse func(string) (T, error), wrong string) error {
	v, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %q %s", k.path, text, wrong)
	}
	*into = v
	return nil
}

// readFile reads a YAML file over c, strictly.
func readFile(c *Config, path string) error {
	b, err := os.ReadFile(path) //nolint:gosec // the operator names the configuration file
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return readNode(doc.Content[0], "", path, byPath(c.keys()))
}

// readNode sets the keys below one mapping.
func readNode(n *yaml.Node, prefix, file string, known map[string]key) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: %s: expected keys and values", file, n.Line, cmp.Or(prefix, "the file"))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		path := strings.TrimPrefix(prefix+"."+name.Value, ".")
		k, leaf := known[path]
		switch {
		case leaf && k.sections() && value.Kind == yaml.SequenceNode:
			if err := k.readSections(value, file); err != nil {
				return err
			}
		case leaf && value.Kind != yaml.MappingNode:
			if err := k.setNode(value); err != nil {
				return fmt.Errorf("%s:%d: %w", file, value.Line, err)
			}
		case !leaf && isSection(path, known):
			if err := readNode(value, path, file, known); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s:%d: unknown key %s%s", file, name.Line, path, suggest(path, known))
		}
	}
	return nil
}

// setNode reads a scalar, or a list of scalars, into the key's value.
func (k key) setNode(n *yaml.Node) error {
	switch {
	case n.Kind != yaml.SequenceNode:
		return k.set(n.Value)
	case k.value.Kind() != reflect.Slice:
		return fmt.Errorf("%s: is one value, not a list", k.path)
	}
	k.value.SetZero()
	for _, c := range n.Content {
		k.add(c.Value)
	}
	return nil
}

// sections says whether the key's value is a list of sections.
func (k key) sections() bool {
	return k.value.Kind() == reflect.Slice && k.value.Type().Elem().Kind() == reflect.Struct
}

// readSections reads a list of sections, each as strictly as the file itself.
func (k key) readSections(n *yaml.Node, file string) error {
	k.value.SetZero()
	for i, item := range n.Content {
		k.value.Set(reflect.Append(k.value, reflect.Zero(k.value.Type().Elem())))
		if d, ok := k.value.Index(i).Addr().Interface().(interface{ setDefaults() }); ok {
			d.setDefaults()
		}
		path := fmt.Sprintf("%s[%d]", k.path, i)
		if err := readNode(item, path, file, byPath(keys(k.value.Index(i), path))); err != nil {
			return err
		}
	}
	return nil
}

func isSection(path string, known map[string]key) bool {
	for p := range known {
		if strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}

// suggest ends a message about an unknown key.
func suggest(path string, known map[string]key) string {
	paths := slices.Sorted(maps.Keys(known))
	if near := schemas.Nearest(path, paths); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; the keys are " + strings.Join(paths, ", ")
}

// envName returns the variable of a key: store.dir is ROLLCALL_STORE_DIR.
func envName(path string) string {
	return "ROLLCALL_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// reserved are ROLLCALL_ variables that are no keys.
var reserved = map[string]bool{"ROLLCALL_CONFIG": true, "ROLLCALL_URL": true, "ROLLCALL_TOKEN": true}

// readEnviron sets keys from the environment. A ROLLCALL_ variable that is no key is an error too, except those that
// the program sets for its own children (ROLLCALL_ENGINE_…) and its tests (ROLLCALL_TEST_…).
func readEnviron(c *Config, environ []string) error {
	known, byEnv := byPath(c.keys()), map[string]key{}
	for _, k := range known {
		byEnv[envName(k.path)] = k
	}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "ROLLCALL_") || reserved[name] || strings.HasPrefix(name, "ROLLCALL_ENGINE_") ||
			strings.HasPrefix(name, "ROLLCALL_TEST_") {
			continue
		}
		k, ok := byEnv[name]
		if !ok {
			path := strings.ToLower(strings.TrimPrefix(name, "ROLLCALL_"))
			return fmt.Errorf("environment: %s sets no key%s", name, suggest(path, known))
		}
		if err := k.set(value); err != nil {
			return fmt.Errorf("environment: %s: %w", name, err)
		}
	}
	return nil
}

func lookup(environ []string, name string) (string, bool) {
	for _, kv := range environ {
		if n, v, _ := strings.Cut(kv, "="); n == name {
			return v, true
		}
	}
	return "", false
}
