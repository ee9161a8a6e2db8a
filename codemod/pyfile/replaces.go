package pyfile

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// Replacement is a place in a file that replaces a name of a module while the
// program runs, as tests do: by package unittest.mock, by pytest's monkeypatch
// and mocker, by setattr, or by an assignment.
type Replacement struct {
	At int32 // offset of the target: of the text within its quotes, where it is one literal
	// Target is the dotted path of what is replaced, with marks where it depends
	// on the module. Where the target does not fold it is "", and Name the last
	// name of it, "" if not even that is known.
	Target string
	Name   string
}

// Replacements finds what the text replaces.
func (p *Parser) Replacements(ctx context.Context, src []byte, o *Outline) ([]Replacement, error) {
	t, err := p.Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	w := replaceWalk{evaluator: &evaluator{Tree: t, o: o, imports: map[int32]int32{}, module: map[string]value{}, defs: map[string]*sitter.Node{}}}
	for i := range o.Imports {
		w.imports[t.keyword(&o.Imports[i])] = int32(i)
	}
	w.walkAll(t.tree.RootNode())
	return w.found, nil
}

// replaceWalk walks a text in order, and evaluates what it assigns to names.
type replaceWalk struct {
	*evaluator
	found []Replacement
}

func (w *replaceWalk) walkAll(n *sitter.Node) { children(n, w.walk) }

func (w *replaceWalk) walk(n *sitter.Node) {
	w.steps = 0
	switch kindOf(n) {
	case kImport, kImportFrom:
		w.importAt(n)
	case kFunction:
		w.walkFunction(n)
	case kCall:
		w.replacedByCall(n)
		w.walkAll(n)
	case kAssignment, kAugmented:
		w.walkAll(n)
		if left := n.ChildByFieldName("left"); left != nil {
			w.replacedByTarget(left)
			if kindOf(n) == kAssignment && kindOf(left) == kIdentifier {
				w.set(w.name(left), w.eval(n.ChildByFieldName("right")))
			}
		}
	case kDelete:
		children(n, w.replacedByTarget)
	default:
		w.walkAll(n)
	}
}

// walkFunction walks a function: what its parameters are is not known, and what
// it assigns is its own.
func (w *replaceWalk) walkFunction(n *sitter.Node) {
	local := map[string]value{}
	for k, v := range w.local {
		local[k] = v
	}
	if p := n.ChildByFieldName("parameters"); p != nil {
		w.walkAll(p)
		children(p, func(c *sitter.Node) {
			for c != nil && kindOf(c) != kIdentifier {
				c = c.NamedChild(0)
			}
			if c != nil {
				local[w.name(c)] = nil
			}
		})
	}
	saved := w.local
	w.local = local
	if body := n.ChildByFieldName("body"); body != nil {
		w.walkAll(body)
	}
	w.local = saved
}

// replacers are the calls that replace a name, by their dotted names and, for
// what is a parameter, by how they are spelled.
var replacers = map[string]string{
	"unittest.mock.patch": "patch", "mock.patch": "patch", "mocker.patch": "patch", "class_mocker.patch": "patch", "module_mocker.patch": "patch",
	"session_mocker.patch": "patch", "package_mocker.patch": "patch", "monkeypatch": "monkeypatch", "setattr": "setattr", "delattr": "setattr",
}

// replacer returns what a callee does: "patch", "patch.object", "patch.dict",
// "patch.multiple", "setattr" (of an object), "monkeypatch.setattr" and so on.
func (w *replaceWalk) replacer(f *sitter.Node) string {
	spelled := string(bytes.Join(bytes.Fields(w.Tree.text(f)), nil))
	if kindOf(f) == kIdentifier || kindOf(f) == kAttribute {
		if d := dotted(w.eval(f)); d != "" {
			spelled = d
		}
	}
	for name, does := range replacers {
		if spelled == name {
			return does
		}
		if rest, ok := strings.CutPrefix(spelled, name+"."); ok && does != "setattr" {
			return does + "." + rest
		}
	}
	return ""
}

func (w *replaceWalk) replacedByCall(n *sitter.Node) {
	f, list := n.ChildByFieldName("function"), n.ChildByFieldName("arguments")
	if f == nil || kindOf(list) != kArguments {
		return
	}
	does := w.replacer(f)
	if does == "" {
		w.updated(f, list)
		return
	}
	var args []*sitter.Node
	named := map[string]*sitter.Node{}
	children(list, func(c *sitter.Node) {
		switch kindOf(c) {
		case kComment:
		case kKeywordArgument:
			named[w.name(c.ChildByFieldName("name"))] = c.ChildByFieldName("value")
		default:
			args = append(args, c)
		}
	})
	for i, name := range []string{"target", "attribute"} {
		if len(args) == i && named[name] != nil {
			args = append(args, named[name])
		}
	}
	if len(args) == 0 {
		return
	}
	switch does {
	case "patch":
		w.target(args[0])
	case "patch.object", "setattr", "monkeypatch.setattr", "monkeypatch.delattr":
		w.attributes(does, args)
	case "patch.multiple":
		for name := range named {
			w.namedIn(args[0], name)
		}
	case "patch.dict", "monkeypatch.setitem", "monkeypatch.delitem":
		w.items(args, named)
	}
}

// target notes what a string names.
func (w *replaceWalk) target(n *sitter.Node) {
	r := Replacement{At: int32(n.StartByte())}
	if kindOf(n) == kString {
		r.At++
	}
	if t, ok := w.eval(n).(text); ok {
		r.Target = string(t)
	} else if m := firstParts.FindSubmatch(w.Tree.text(n)); m != nil {
		r.Target = string(m[1])
	} else if m := lastPart.FindSubmatch(w.Tree.text(n)); m != nil {
		r.Name = string(m[1])
	}
	w.found = append(w.found, r)
}

// lastPart matches the name at the end of a string that is put together.
var lastPart = regexp.MustCompile(`\.(\w+)["'](?:\s*(?:%|\)|\.format).*)?$`)

// firstParts matches the dotted name at the head of such a string.
var firstParts = regexp.MustCompile(`^[fF]?["']((?:\w+\.)+)["'{%]`)

// attributes notes a call that is given an object and the name of an attribute,
// or, of monkeypatch, a string that names both.
func (w *replaceWalk) attributes(does string, args []*sitter.Node) {
	if strings.HasPrefix(does, "monkeypatch") && (len(args) == 1 || kindOf(args[0]) == kString || kindOf(args[0]) == kConcatenated) {
		w.target(args[0])
		return
	}
	if _, isText := w.eval(args[0]).(text); isText && does != "setattr" {
		w.target(args[0])
		return
	}
	if len(args) < 2 {
		return
	}
	if name, ok := w.eval(args[1]).(text); ok {
		w.namedIn(args[0], string(name))
	} else if of := w.object(args[0]); of != "" {
		w.found = append(w.found, Replacement{At: int32(args[0].StartByte()), Target: of + "."})
	}
}

// object is the dotted path of a module, or of what is reached from one.
func (w *replaceWalk) object(n *sitter.Node) string {
	switch v := w.eval(n).(type) {
	case text:
		return string(v)
	case origin, method:
		return dotted(v)
	}
	return ""
}

// namedIn notes that a name of an object is replaced.
func (w *replaceWalk) namedIn(of *sitter.Node, name string) {
	if object := w.object(of); object != "" {
		w.found = append(w.found, Replacement{At: int32(of.StartByte()), Target: object + "." + name})
	}
}

// items notes the keys of a module's dictionary that are replaced.
func (w *replaceWalk) items(args []*sitter.Node, named map[string]*sitter.Node) {
	of := ""
	if dotted(w.eval(args[0])) == "sys.modules" {
		w.modules(args)
		return
	}
	switch v := w.eval(args[0]).(type) {
	case names:
		of = dotted(v.of)
	case text:
		of, _ = strings.CutSuffix(string(v), ".__dict__")
		if of == string(v) {
			return
		}
	}
	if of == "" {
		return
	}
	note := func(name string) {
		w.found = append(w.found, Replacement{At: int32(args[0].StartByte()), Target: of + "." + name})
	}
	for name := range named {
		note(name)
	}
	if len(args) < 2 {
		return
	}
	switch v := w.eval(args[1]).(type) {
	case *table:
		for _, k := range v.keys {
			note(k)
		}
	case text:
		note(string(v))
	default:
		note("")
	}
}

// modules notes the modules that others take the place of.
func (w *replaceWalk) modules(args []*sitter.Node) {
	if len(args) < 2 {
		return
	}
	note := func(module string) {
		w.found = append(w.found, Replacement{At: int32(args[0].StartByte()), Target: module + "."})
	}
	switch v := w.eval(args[1]).(type) {
	case *table:
		for _, k := range v.keys {
			note(k)
		}
	case text:
		note(string(v))
	}
}

// updated notes `m.__dict__.update(...)`.
func (w *replaceWalk) updated(f, list *sitter.Node) {
	if kindOf(f) != kAttribute || w.name(f.ChildByFieldName("attribute")) != "update" {
		return
	}
	n, ok := w.eval(f.ChildByFieldName("object")).(names)
	if !ok {
		return
	}
	args := w.arguments(list)
	for name := range args.named {
		w.found = append(w.found, Replacement{At: int32(f.StartByte()), Target: dotted(n.of) + "." + name})
	}
	if t, ok := args.at(0, "").(*table); ok {
		for _, k := range t.keys {
			w.found = append(w.found, Replacement{At: int32(f.StartByte()), Target: dotted(n.of) + "." + k})
		}
	}
}

// replacedByTarget notes an attribute of a module, or an item of its dictionary,
// that is assigned to or deleted.
func (w *replaceWalk) replacedByTarget(n *sitter.Node) {
	switch kindOf(n) {
	case kAttribute:
		w.namedIn(n.ChildByFieldName("object"), w.name(n.ChildByFieldName("attribute")))
	case kSubscript:
		of, isNames := w.eval(n.ChildByFieldName("value")).(names)
		k, ok := w.eval(n.ChildByFieldName("subscript")).(text)
		if ok && dotted(w.eval(n.ChildByFieldName("value"))) == "sys.modules" {
			w.found = append(w.found, Replacement{At: int32(n.StartByte()), Target: string(k) + "."})
		}
		if isNames && ok {
			w.found = append(w.found, Replacement{At: int32(n.StartByte()), Target: dotted(of.of) + "." + string(k)})
		}
	case kPatternList, kTuple, kListPattern, kExpressionList, kParenthesized:
		children(n, w.replacedByTarget)
	}
}
