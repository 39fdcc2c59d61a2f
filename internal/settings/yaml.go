package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// given is what a source says about a setting.
type given struct {
	text   string
	origin Origin
}

// entry is what a file says about one setting.
type entry struct {
	definition Definition
	given      given
	elements   []given // of a list
}

// document is a file of settings that is being taken apart.
type document struct {
	name     string
	entries  []entry
	problems Problems
}

// parse takes a file apart: a mapping of keys to texts, or to lists of texts. The texts are as they are written, whatever YAML
// would make of them: "on" is not true, nor is 010 the number 8. Anchors, aliases, tags and merging are refused, since nothing
// here is so long that it would need them.
func parse(name string, data []byte) ([]entry, Problems) {
	doc := &document{name: name}
	text, line, column, what := checkText(data)
	if what != "" {
		doc.wrongAt(line, column, "", what)
		return nil, doc.problems
	}
	root, err := doc.root(text)
	switch {
	case err != nil:
		line, column, what := syntaxError(text, err)
		doc.wrongAt(line, column, "", what)
	case root == nil, root.Kind == yaml.ScalarNode && root.Tag == nullTag: // an empty file says nothing
	case root.Kind != yaml.MappingNode:
		doc.wrong(root, "", "want keys with values, such as listen: 127.0.0.1:8080")
	default:
		doc.mapping(root)
	}
	return doc.entries, doc.problems
}

func (d *document) origin(n *yaml.Node) Origin {
	return Origin{Kind: File, Name: d.name, Line: n.Line, Column: n.Column}
}

func (d *document) wrong(n *yaml.Node, key, what string) { d.wrongAt(n.Line, n.Column, key, what) }

func (d *document) wrongAt(line, column int, key, what string) {
	d.problems = append(d.problems, Problem{Origin{Kind: File, Name: d.name, Line: line, Column: column}, key, what})
}

// root is what the only document of a file holds.
func (d *document) root(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&second); err == nil {
		d.wrong(&second, "", "a second document begins here, and there may be only one")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return first.Content[0], nil
}

func (d *document) mapping(root *yaml.Node) {
	if d.refused(root, "") {
		return
	}
	lines := map[string]int{}
	for pair := range slices.Chunk(root.Content, 2) {
		key, value := pair[0], pair[1]
		if key.Kind != yaml.ScalarNode {
			d.wrong(key, "", "want a key, such as listen")
			continue
		}
		if first, twice := lines[key.Value]; twice {
			d.wrong(key, "", fmt.Sprintf("key %s is here again; it is in line %d already", keyName(key.Value), first))
			continue
		}
		lines[key.Value] = key.Line
		definition, ok := find(key.Value)
		if !ok {
			d.wrong(key, "", unknownKey(key.Value))
			continue
		}
		if !d.refused(key, key.Value) {
			d.setting(definition, value)
		}
	}
}

func find(key string) (Definition, bool) {
	all := definitions()
	i := slices.IndexFunc(all, func(d Definition) bool { return d.Key == key })
	if i < 0 {
		return Definition{}, false
	}
	return all[i], true
}

func unknownKey(key string) string {
	var keys []string
	for _, d := range definitions() {
		keys = append(keys, d.Key)
	}
	what := "unknown key " + keyName(key)
	if nearest := Nearest(strings.ReplaceAll(strings.ToLower(key), "-", "_"), keys); nearest != "" {
		return fmt.Sprintf("%s; did you mean %q?", what, nearest)
	}
	return what + "; jeton config show lists all"
}

// keyName is a key in quotes. What follows a colon or an equals sign is left out: where a space was forgotten, it is a value.
func keyName(key string) string {
	if i := strings.IndexAny(key, ":="); i >= 0 {
		return quoted(key[:i+1] + "…")
	}
	return quoted(key)
}

func (d *document) setting(definition Definition, value *yaml.Node) {
	key, list := definition.Key, definition.form.list
	e := entry{definition: definition, given: given{origin: d.origin(value)}}
	switch {
	case d.refused(value, key):
		return
	case value.Kind == yaml.ScalarNode && value.Tag == nullTag:
		d.wrong(value, key, "has no value; want "+definition.want())
		return
	case list && value.Kind == yaml.SequenceNode:
		for _, element := range value.Content {
			if d.refused(element, key) {
				return
			}
			if element.Kind != yaml.ScalarNode || element.Tag == nullTag {
				d.wrong(element, key, "want a text in the list: "+definition.want())
				return
			}
			e.elements = append(e.elements, given{element.Value, d.origin(element)})
		}
	case list:
		d.wrong(value, key, "want a list: "+definition.want())
		return
	case value.Kind != yaml.ScalarNode:
		d.wrong(value, key, "want one text and no "+nodeName(value)+": "+definition.want())
		return
	}
	e.given.text = value.Value
	d.entries = append(d.entries, e)
}

const nullTag = "!!null"

func nodeName(n *yaml.Node) string {
	if n.Kind == yaml.SequenceNode {
		return "list"
	}
	return "mapping"
}

// refused says no to what YAML has for those who repeat themselves, or want other types than there are. Names are not repeated: a
// password that begins with & or * or ! is one, if it has no quotes.
func (d *document) refused(n *yaml.Node, key string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.wrong(n, key, noAliases)
	case n.Anchor != "":
		d.wrong(n, key, "anchors (&) are not read; write the value alone, in quotes if & is part of it")
	case n.Style&yaml.TaggedStyle != 0:
		d.wrong(n, key, "tags (!) are not read; write the value alone, in quotes if ! is part of it")
	default:
		return false
	}
	return true
}

const noAliases = "aliases (*) are not read; write the value itself, in quotes if * is part of it"

// syntaxError says in one line what the parser found, and where. It counts lines from 0 in some of its messages, leaves the first line
// out of all of them, and tells no column.
func syntaxError(text []byte, err error) (line, column int, what string) {
	what = strings.TrimPrefix(err.Error(), "yaml: ")
	line = 1
	if rest, found := strings.CutPrefix(what, "line "); found {
		number, message, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil {
			line, what = n, message
		}
		if strings.HasPrefix(what, "did not find expected") {
			line++
		}
	}
	all := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	line = min(line, len(all))
	content := all[line-1]
	blank := len(content) - len(strings.TrimLeft(content, " \t"))
	if tab := strings.IndexByte(content[:blank], '\t'); tab >= 0 {
		return line, tab + 1, "a tab in the indentation; YAML wants spaces"
	}
	if strings.Contains(what, "anchor '") { // there is none of that name, or it holds itself
		return line, blank + 1, noAliases
	}
	return line, blank + 1, "is no YAML: " + strings.ReplaceAll(what, "\n", " ")
}
