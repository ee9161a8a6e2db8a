package pyfile

import (
	"bytes"
	"slices"
	"strconv"

	sitter "github.com/smacker/go-tree-sitter"
)

// attached is a `__getattr__` that was made for the module: by lazy_loader
// (https://scientific-python.org/specs/spec-0001/), or by an object that takes the
// module's place.
type attached struct {
	table map[string]Entry
	all   []value // what its `__all__` lists
	at    int32
	stub  bool // the table is the stub beside the module
}

// evaluate reads what code of the module does to its names, if it does
// anything of that kind.
func (w *moduleWalk) evaluate(root *sitter.Node) {
	if !computes(w.src) {
		return
	}
	e := &evaluator{Tree: w.Tree, o: w.o, imports: w.imports, module: map[string]value{}, defs: map[string]*sitter.Node{}}
	children(root, func(c *sitter.Node) {
		e.at, e.lost = int32(c.StartByte()), false
		was, read := len(e.out), len(e.read)
		e.statement(c)
		if e.lost {
			e.out, e.read = e.out[:was], e.read[:read]
			return
		}
		if kindOf(c) != kFunction && kindOf(c) != kClass && kindOf(c) != kDecorated {
			e.read = append(e.read, Extent{int(c.StartByte()), int(c.EndByte())})
		}
	})
	w.out.Computed, w.understood = e.out, e.read
	w.summaries(e)
	w.answers(e)
}

// answers finds what the module's `__getattr__` returns for each name that its
// tables hold.
func (w *moduleWalk) answers(e *evaluator) {
	if a, ok := e.module["__getattr__"].(attached); ok {
		w.attached(a)
		return
	}
	d := e.defs["__getattr__"]
	if d == nil {
		return
	}
	lost := false
	e.asking = true
	for _, name := range e.candidates() {
		e.lost, e.steps = false, 0
		was, read := len(e.out), len(e.read)
		v := e.follow(d, arguments{list: []value{text(name)}})
		e.out, e.read = e.out[:was], e.read[:read]
		lost = lost || e.lost
		if o, ok := v.(origin); ok && !e.lost {
			if w.out.Table == nil {
				w.out.Table = map[string]Entry{}
			}
			w.out.Table[name] = Entry{o.module, o.name}
		}
	}
	if !lost && len(w.out.Table) > 0 {
		w.understood = append(w.understood, Extent{int(d.StartByte()), int(d.EndByte())})
	}
}

// attached takes over what a `__getattr__` gives that was made for the module.
func (w *moduleWalk) attached(a attached) {
	w.out.Flags |= HasGetattr
	if !slices.ContainsFunc(w.out.Bindings, func(b Binding) bool { return b.Name == "__getattr__" }) {
		w.out.Bindings = append(w.out.Bindings, Binding{Name: "__getattr__", Kind: Declared, At: a.at})
	}
	if a.stub {
		w.out.Computed = append(w.out.Computed, Computed{Kind: Stubs, Into: SpaceMark})
		return
	}
	w.out.Table = a.table
	all := AllOp{Kind: AllSet}
	for _, v := range a.all {
		if name, ok := v.(text); ok {
			all.Names = append(all.Names, string(name))
		}
	}
	if len(all.Names) > 0 {
		w.out.All = append(w.out.All, all)
	}
}

// candidates are the names that the tables and lists of the module hold.
func (e *evaluator) candidates() (out []string) {
	seen := map[string]bool{}
	var add func(v value)
	add = func(v value) {
		switch v := v.(type) {
		case text:
			if isName(string(v)) && !seen[string(v)] {
				seen[string(v)] = true
				out = append(out, string(v))
			}
		case *list:
			for _, item := range v.items {
				add(item)
			}
		case *table:
			for _, k := range v.keys {
				add(text(k))
				add(v.of[k])
			}
		}
	}
	for _, v := range e.module {
		if _, plain := v.(text); !plain {
			add(v)
		}
	}
	slices.Sort(out)
	return out
}

func isName(s string) bool {
	for i := range len(s) {
		if !ident[s[i]] || i == 0 && s[i] >= '0' && s[i] <= '9' {
			return false
		}
	}
	return s != ""
}

// summaries says of the functions of the module what they do to a namespace
// that they are given.
func (w *moduleWalk) summaries(e *evaluator) {
	for name, d := range e.defs {
		body := w.text(d)
		if !slices.ContainsFunc([]string{"walk_packages", "iter_modules", "listdir", "import_module", "__import__", "vars(", "__dict__"}, func(word string) bool {
			return bytes.Contains(body, []byte(word))
		}) {
			continue
		}
		var args arguments
		for i := range min(9, int(d.ChildByFieldName("parameters").NamedChildCount())) {
			args.list = append(args.list, text(ArgMark+strconv.Itoa(i)))
		}
		own := *e
		own.out, own.read, own.lost, own.steps = nil, nil, false, 0
		own.follow(d, args)
		own.out = slices.DeleteFunc(own.out, func(c Computed) bool { return c.Into == SpaceMark })
		if !own.lost && len(own.out) > 0 {
			w.out.Functions = append(w.out.Functions, Function{Name: name, Does: own.out})
		}
	}
	slices.SortFunc(w.out.Functions, func(a, b Function) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
}

// lazily is a call that makes something which imports for the module when it is
// asked: it is given the module's name, and a table of submodules with their
// names.
func (e *evaluator) lazily(callee string, args arguments) value {
	if callee == "attach_stub" {
		return &list{[]value{attached{stub: true}, nil, nil}}
	}
	if callee == "attach" {
		table, all, ok := structure(args.at(2, "submod_attrs"))
		subs, _ := args.at(1, "submodules").(*list)
		if !ok {
			return nil
		}
		if subs == nil {
			subs, _ = collected(args.at(1, "submodules"), false).(*list)
		}
		if subs != nil {
			for _, v := range subs.items {
				s, is := v.(text)
				ok = ok && is
				table[string(s)] = Entry{NameMark + "." + string(s), ""}
				all = append(all, v)
			}
		}
		if !ok {
			return nil
		}
		return &list{[]value{attached{table: table, all: all}, nil, &list{all}}}
	}
	for _, v := range args.list {
		if table, _, ok := structure(v); ok && v != nil {
			return attached{table: table}
		}
	}
	return nil
}

// structure reads a dictionary of submodules with lists of their names.
func structure(v value) (out map[string]Entry, all []value, ok bool) {
	out = map[string]Entry{}
	t, is := v.(*table)
	if !is {
		return out, nil, v == nil
	}
	for _, sub := range t.keys {
		l, is := t.of[sub].(*list)
		if !is {
			return nil, nil, false
		}
		for _, v := range l.items {
			name, is := v.(text)
			if !is {
				return nil, nil, false
			}
			out[string(name)] = Entry{NameMark + "." + sub, string(name)}
			all = append(all, name)
		}
	}
	return out, all, true
}

// replace is `sys.modules[__name__] = v`: the object takes the module's place.
func (e *evaluator) replace(v value) {
	a, ok := v.(attached)
	if !ok {
		e.lost = true
		return
	}
	a.at = e.at
	e.module["__getattr__"] = a
}
