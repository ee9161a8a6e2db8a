package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxSize is the size in bytes above which a configuration is refused.
const MaxSize = 512 << 10

// Fault is one thing that is wrong with a configuration.
type Fault struct {
	Line, Column int    // from 1
	Path         string // "pull_requests.max_files", "" for the whole file
	Message      string // what is wrong and what is accepted
}

func (f Fault) Error() string {
	if f.Path == "" {
		return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Message)
	}
	return fmt.Sprintf("%d:%d: %s: %s", f.Line, f.Column, f.Path, f.Message)
}

// Faults is every fault of a file, in the order of the file.
type Faults struct {
	File string
	List []Fault
}

func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, fault := range f.List {
		lines[i] = f.File + ":" + fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Parse reads a configuration. The error is a *Faults with every fault of
// the file; path is only named in it.
func Parse(path string, src []byte) (*Config, error) {
	r := &reader{}
	value := r.file(src)
	if len(r.faults) == 0 {
		if c, ok := r.fill(value); ok {
			return c, nil
		}
	}
	sort.SliceStable(r.faults, func(i, j int) bool {
		a, b := r.faults[i], r.faults[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return nil, &Faults{path, r.faults}
}

// fill puts the value over the defaults and checks what concerns more than
// one field.
func (r *reader) fill(value any) (*Config, bool) {
	c := Default()
	src, err := json.Marshal(value)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(src))
		dec.DisallowUnknownFields()
		err = dec.Decode(c)
	}
	if err != nil {
		r.faults = append(r.faults, Fault{1, 1, "", err.Error()})
		return nil, false
	}
	r.checkPullRequests(c.PullRequests)
	r.checkProviders(c.Providers)
	r.checkRetirements(c.Retire)
	seen := map[string]bool{}
	for i, f := range c.Facades {
		if seen[f.Module] {
			r.faultAt(fmt.Sprintf("facades[%d]", i), f.Module+" is named twice")
		}
		seen[f.Module] = true
	}
	return c, len(r.faults) == 0
}

// checkPullRequests looks at fields that have a meaning only together.
func (r *reader) checkPullRequests(p PullRequests) {
	switch {
	case p.Mode == Global && p.Approver == "":
		r.faultAt("pull_requests.mode", "mode global needs approver: who is asked for review")
	case p.Mode != Global && p.Approver != "":
		r.faultAt("pull_requests.approver", "an approver is asked in mode global only: add `mode: global`, or leave approver out")
	}
	switch given := r.places["pull_requests.min_files"] != nil; {
	case p.MinFiles <= p.MaxFiles:
	case given:
		r.faultAt("pull_requests.min_files", fmt.Sprintf("%d is more than max_files, which is %d", p.MinFiles, p.MaxFiles))
	default:
		r.faultAt("pull_requests.max_files", fmt.Sprintf("%d is less than min_files, which is %d if it is not set: set min_files to %d or less", p.MaxFiles, p.MinFiles, p.MaxFiles))
	}
}

// reader walks a YAML tree along the table and gathers faults.
type reader struct {
	faults []Fault
	places map[string]*yaml.Node // where a value of the table's path stands
}

func (r *reader) file(src []byte) any {
	if len(src) > MaxSize {
		r.faults = append(r.faults, Fault{1, 1, "", fmt.Sprintf("the file has %d bytes; at most %d are accepted", len(src), MaxSize)})
		return nil
	}
	if f := notText(src); f != nil {
		r.faults = append(r.faults, *f)
		return nil
	}
	r.places = make(map[string]*yaml.Node)
	doc, err := document(src)
	if err != nil {
		r.faults = append(r.faults, syntaxFault(src, err))
		return nil
	}
	if doc == nil {
		return nil
	}
	shape := root()
	return r.value(&shape, doc, "")
}

// document parses the only document of a file; nil when there is none.
func document(src []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var first, second yaml.Node
	switch err := dec.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, &yaml.LoadError{Message: "there is a second document; one is accepted", Mark: yaml.Mark{Line: second.Line, Column: second.Column}}
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	if len(first.Content) == 0 {
		return nil, nil
	}
	return first.Content[0], nil
}

func (r *reader) fault(n *yaml.Node, path, message string) {
	f := Fault{1, 1, path, message}
	if n != nil {
		f.Line, f.Column = max(n.Line, 1), max(n.Column, 1)
	}
	r.faults = append(r.faults, f)
}

func (r *reader) faultAt(path, message string) { r.fault(r.places[path], path, message) }

// value reads one value; what it returns fits Config's JSON form.
func (r *reader) value(s *shape, n *yaml.Node, path string) any {
	r.places[path] = n
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		r.fault(n, path, "anchors, aliases and tags are not supported; write the value out")
		return nil
	}
	if isNull(n) {
		return nil // an empty value is an absent one
	}
	switch s.kind {
	case boolean:
		return r.boolean(n, path)
	case integer:
		return r.integer(s, n, path)
	case text:
		return r.text(s, n, path)
	case list:
		return r.list(s, n, path)
	case table:
		return r.table(s, n, path)
	default:
		return r.dict(s, n, path)
	}
}

func (r *reader) boolean(n *yaml.Node, path string) any {
	if n.ShortTag() == "!!bool" {
		return strings.EqualFold(n.Value, "true")
	}
	r.fault(n, path, fmt.Sprintf("%s is neither true nor false", shown(n)))
	return nil
}

func (r *reader) integer(s *shape, n *yaml.Node, path string) any {
	if n.ShortTag() == "!!int" {
		if x, err := strconv.ParseInt(n.Value, 0, 64); err == nil && x >= s.min && x <= s.max {
			return x
		}
	}
	r.fault(n, path, fmt.Sprintf("%s is no whole number from %d to %d", shown(n), s.min, s.max))
	return nil
}

func (r *reader) text(s *shape, n *yaml.Node, path string) any {
	switch {
	case len(s.choice) > 0 && !(isText(n) && slices.Contains(s.choice, n.Value)):
		r.fault(n, path, fmt.Sprintf("%s is not accepted; write %s", shown(n), either(s.choice)))
	case !isText(n):
		r.fault(n, path, fmt.Sprintf("%s is no text; put it in quotes if it is meant as one", shown(n)))
		return nil
	case s.check != nil:
		if err := s.check(n.Value); err != nil {
			r.fault(n, path, err.Error())
		}
	}
	return n.Value
}

func (r *reader) list(s *shape, n *yaml.Node, path string) any {
	if n.Kind != yaml.SequenceNode {
		r.fault(n, path, fmt.Sprintf("%s is no list; write each entry on a line that starts with \"- \"", shown(n)))
		return nil
	}
	out := []any{}
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		v := r.value(s.of, item, at)
		if v == nil && isNull(item) {
			r.fault(item, at, "the entry is empty")
		}
		out = append(out, v)
	}
	return out
}

func (r *reader) table(s *shape, n *yaml.Node, path string) any {
	if isText(n) && s.bare != "" {
		f := s.field(s.bare)
		return map[string]any{s.bare: r.value(&f.shape, n, path)}
	}
	out := map[string]any{}
	r.pairs(n, path, func(key string, at, value *yaml.Node) {
		f := s.field(key)
		if f == nil {
			r.fault(at, join(path, key), unknown(key, s))
		} else if v := r.value(&f.shape, value, join(path, key)); v != nil {
			out[key] = v
		}
	})
	for _, name := range s.needs {
		if _, ok := out[name]; !ok && r.places[join(path, name)] == nil {
			r.fault(n, path, name+" is missing")
		}
	}
	return out
}

func (r *reader) dict(s *shape, n *yaml.Node, path string) any {
	out := map[string]any{}
	r.pairs(n, path, func(key string, at, value *yaml.Node) {
		if err := s.key.check(key); err != nil {
			r.fault(at, path, err.Error())
		}
		if isNull(value) {
			r.fault(at, join(path, key), "the value is empty")
		}
		out[key] = r.value(s.of, value, join(path, key))
	})
	return out
}

// pairs walks the keys of a mapping, each once.
func (r *reader) pairs(n *yaml.Node, path string, each func(key string, at, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fault(n, path, fmt.Sprintf("%s is no mapping; write \"name: value\"", shown(n)))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case !isText(key):
			r.fault(key, path, fmt.Sprintf("%s is no name", shown(key)))
		case seen[key.Value]:
			r.fault(key, join(path, key.Value), "the name stands here a second time")
		default:
			seen[key.Value] = true
			each(key.Value, key, n.Content[i+1])
		}
	}
}
