package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
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
	p := c.PullRequests
	if p.Mode == Global && p.Approver == "" {
		r.faultAt("pull_requests.mode", "mode global needs approver: who is asked for review")
	}
	if p.MinFiles > p.MaxFiles {
		r.faultAt("pull_requests.min_files", fmt.Sprintf("%d is more than max_files, which is %d", p.MinFiles, p.MaxFiles))
	}
	seen := map[string]bool{}
	for i, f := range c.Facades {
		if seen[f.Module] {
			r.faultAt(fmt.Sprintf("facades[%d]", i), f.Module+" is named twice")
		}
		seen[f.Module] = true
	}
	return c, len(r.faults) == 0
}

// reader walks a YAML tree along the table and gathers faults.
type reader struct {
	faults []Fault
	places map[string]ast.Node // where a value of the table's path stands
}

func (r *reader) file(src []byte) any {
	if len(src) > MaxSize {
		r.faults = append(r.faults, Fault{1, 1, "", fmt.Sprintf("the file has %d bytes; at most %d are accepted", len(src), MaxSize)})
		return nil
	}
	r.places = make(map[string]ast.Node)
	file, err := parse(src)
	if err != nil {
		r.faults = append(r.faults, syntaxFault(err))
		return nil
	}
	switch {
	case len(file.Docs) > 1:
		r.fault(file.Docs[1], "", "a second document; one is accepted")
	case len(file.Docs) == 1 && file.Docs[0].Body != nil:
		shape := root()
		return r.value(&shape, file.Docs[0].Body, "")
	}
	return nil
}

// parse turns a panic of the parser, which hostile text can cause, into an
// error.
func parse(src []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the file is no YAML that can be read")
		}
	}()
	return parser.ParseBytes(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), 0, parser.AllowDuplicateMapKey())
}

func syntaxFault(err error) Fault {
	var e yaml.Error
	if !errors.As(err, &e) {
		return Fault{1, 1, "", err.Error()}
	}
	f := Fault{1, 1, "", e.GetMessage()}
	if t := e.GetToken(); t != nil && t.Position != nil {
		f.Line, f.Column = max(t.Position.Line, 1), max(t.Position.Column, 1)
	}
	return f
}

func (r *reader) fault(n ast.Node, path, message string) {
	f := Fault{1, 1, path, message}
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		f.Line, f.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
	}
	r.faults = append(r.faults, f)
}

func (r *reader) faultAt(path, message string) { r.fault(r.places[path], path, message) }

// value reads one value; what it returns fits Config's JSON form.
func (r *reader) value(s *shape, n ast.Node, path string) any {
	r.places[path] = n
	switch n.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
		return nil // an empty value is an absent one
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.fault(n, path, "anchors, aliases and tags are not supported; write the value out")
		return nil
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

func (r *reader) boolean(n ast.Node, path string) any {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	r.fault(n, path, fmt.Sprintf("%s is neither true nor false", shown(n)))
	return nil
}

func (r *reader) integer(s *shape, n ast.Node, path string) any {
	if i, ok := n.(*ast.IntegerNode); ok {
		var v json.Number = json.Number(fmt.Sprint(i.Value))
		if x, err := v.Int64(); err == nil && x >= s.min && x <= s.max {
			return x
		}
	}
	r.fault(n, path, fmt.Sprintf("%s is no whole number from %d to %d", shown(n), s.min, s.max))
	return nil
}

func (r *reader) text(s *shape, n ast.Node, path string) any {
	v, ok := plain(n)
	if !ok {
		r.fault(n, path, fmt.Sprintf("%s is no text; put it in quotes if it is meant as one", shown(n)))
		return nil
	}
	if len(s.choice) > 0 && !contains(s.choice, v) {
		r.fault(n, path, fmt.Sprintf("%q is not accepted; write %s", v, either(s.choice)))
	}
	if s.check != nil {
		if err := s.check(v); err != nil {
			r.fault(n, path, err.Error())
		}
	}
	return v
}

func plain(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func (r *reader) list(s *shape, n ast.Node, path string) any {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fault(n, path, fmt.Sprintf("%s is no list; write each entry on a line that starts with \"- \"", shown(n)))
		return nil
	}
	out := []any{}
	for i, item := range seq.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		v := r.value(s.of, item, at)
		if v == nil && isNull(item) {
			r.fault(item, at, "the entry is empty")
		}
		out = append(out, v)
	}
	return out
}

func (r *reader) table(s *shape, n ast.Node, path string) any {
	if _, ok := plain(n); ok && s.bare != "" {
		f := s.field(s.bare)
		return map[string]any{s.bare: r.value(&f.shape, n, path)}
	}
	out := map[string]any{}
	r.pairs(n, path, func(key string, at, value ast.Node) {
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

func (r *reader) dict(s *shape, n ast.Node, path string) any {
	out := map[string]any{}
	r.pairs(n, path, func(key string, at, value ast.Node) {
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
func (r *reader) pairs(n ast.Node, path string, each func(key string, at, value ast.Node)) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.fault(n, path, fmt.Sprintf("%s is no mapping; write \"name: value\"", shown(n)))
		return
	}
	seen := map[string]bool{}
	for _, v := range values {
		key, ok := plain(v.Key)
		switch {
		case !ok:
			r.fault(v.Key, path, fmt.Sprintf("%s is no name", shown(v.Key)))
		case seen[key]:
			r.fault(v.Key, join(path, key), "the name stands here a second time")
		default:
			seen[key] = true
			each(key, v.Key, v.Value)
		}
	}
}
