package pyfile

import (
	"slices"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// arguments are those of a call, as far as they are known.
type arguments struct {
	list   []value
	named  map[string]value
	spread bool // more come out of a list
}

func (e *evaluator) arguments(n *sitter.Node) (a arguments) {
	a.named = map[string]value{}
	if kindOf(n) == kComprehension {
		a.list = []value{e.eval(n)}
		return a
	}
	children(n, func(c *sitter.Node) {
		switch kindOf(c) {
		case kComment:
		case kListSplat, kDictSplat:
			a.spread = true
			e.eval(c.NamedChild(0))
		case kKeywordArgument:
			a.named[e.name(c.ChildByFieldName("name"))] = e.eval(c.ChildByFieldName("value"))
		default:
			a.list = append(a.list, e.eval(c))
		}
	})
	return a
}

// at is the i-th argument, or the one of that name.
func (a *arguments) at(i int, name string) value {
	if i < len(a.list) {
		return a.list[i]
	}
	return a.named[name]
}

func (a *arguments) has(f func(value) bool) bool {
	if slices.ContainsFunc(a.list, f) {
		return true
	}
	for _, v := range a.named {
		if f(v) {
			return true
		}
	}
	return false
}

// dotted spells what is reached from a module by attributes.
func dotted(v value) string {
	switch v := v.(type) {
	case origin:
		return strings.TrimSuffix(v.module+"."+v.name, ".")
	case method:
		if of := dotted(v.of); of != "" {
			return of + "." + v.name
		}
	}
	return ""
}

// call is what a call gives.
func (e *evaluator) call(n *sitter.Node) value {
	f, args := n.ChildByFieldName("function"), e.arguments(n.ChildByFieldName("arguments"))
	if kindOf(f) == kIdentifier {
		if d := e.defs[e.name(f)]; d != nil && !e.param[e.name(f)] {
			return e.follow(d, args)
		}
	}
	callee := e.eval(f)
	if v, known := e.library(dotted(callee), args); known {
		return v
	}
	switch c := callee.(type) {
	case builtin:
		if v, known := e.builtin(string(c), args); known {
			return v
		}
	case method:
		if v, known := e.methodOf(c, args); known {
			return v
		}
	}
	return e.stranger(callee, args)
}

// stranger is a call of what is not known here. It may be given a namespace, or
// a table that it may change.
func (e *evaluator) stranger(callee value, args arguments) value {
	o, imported := callee.(origin)
	e.lost = e.lost || args.has(func(v value) bool { return v == foreign{} })
	structured := args.has(func(v value) bool { _, is := v.(*table); return is })
	if args.has(isSpace) {
		if !imported || args.spread || len(args.named) > 0 || o.name == "" {
			e.lost = true
			return nil
		}
		e.pass(o, args)
	} else if args.at(0, "name") == text(NameMark) && (structured || strings.HasPrefix(o.name, "attach")) {
		return e.lazily(o.name, args)
	}
	return nil
}

// pass notes that a function of another module is given the namespace.
func (e *evaluator) pass(to origin, args arguments) {
	c := Computed{Kind: Passes, Into: SpaceMark, Callee: to.module + ":" + to.name}
	for _, v := range args.list {
		t, _ := v.(text)
		c.Args = append(c.Args, string(t))
	}
	e.record(c)
}

// follow runs a function of the module.
func (e *evaluator) follow(d *sitter.Node, args arguments) value {
	if e.depth > 8 || args.spread {
		e.lost = e.lost || args.has(isSpace)
		return nil
	}
	local, param := map[string]value{}, map[string]bool{}
	i := 0
	children(d.ChildByFieldName("parameters"), func(c *sitter.Node) {
		name := c
		if kindOf(c) != kIdentifier {
			name = c.NamedChild(0)
		}
		if kindOf(name) != kIdentifier {
			return
		}
		v := args.at(i, e.name(name))
		if dflt := c.ChildByFieldName("value"); v == nil && dflt != nil && i >= len(args.list) {
			v = e.eval(dflt)
		}
		local[e.name(name)], param[e.name(name)] = v, true
		i++
	})
	saved, was, tests := e.local, e.param, e.tests
	e.local, e.param, e.tests = local, param, nil
	e.depth++
	v, how := e.suite(d.ChildByFieldName("body"))
	e.depth--
	e.local, e.param, e.tests = saved, was, tests
	e.read = append(e.read, Extent{int(d.StartByte()), int(d.EndByte())})
	switch how {
	case returns:
		return v
	case goesOn:
		return none{}
	}
	return failed{}
}

// failed is what a function gives that raises.
type failed struct{}

// library is a function of the standard library.
func (e *evaluator) library(name string, args arguments) (v value, known bool) {
	switch name {
	case "importlib.import_module", "django.utils.importlib.import_module":
		return importing(args.at(0, "name"), args.at(1, "package")), true
	case "pkgutil.walk_packages", "pkgutil.iter_modules":
		return walking(args.at(0, "path"), args.at(1, "prefix"), name == "pkgutil.walk_packages"), true
	case "os.listdir", "os.scandir":
		return listing(args.at(0, "path")), true
	case "os.path.dirname":
		if args.at(0, "") == text(FileMark) {
			return text(FolderMark), true
		}
	case "os.path.abspath", "os.path.realpath", "pathlib.Path", "str":
		if t, ok := args.at(0, "").(text); ok && (t == FileMark || t == FolderMark) {
			return t, true
		}
	case "os.path.basename":
		return args.at(0, ""), true
	case "os.path.splitext":
		if s, ok := args.at(0, "").(subName); ok && s.file {
			s.file = false
			return &list{[]value{s, text(".py")}}, true
		}
	case "os.path.join":
		return joinedPath(args), true
	case "glob.glob", "glob.iglob":
		return globbing(args.at(0, "")), true
	case "six.iteritems":
		return e.methodOf(method{args.at(0, ""), "items"}, arguments{})
	}
	return nil, false
}

// importing is the module that is imported by name.
func importing(name, pkg value) value {
	switch name := name.(type) {
	case text:
		s := string(name)
		if p, ok := pkg.(text); ok && strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "..") {
			return origin{strings.TrimSuffix(string(p)+s, "."), ""}
		}
		if strings.HasPrefix(s, ".") && pkg != text(PackageMark) {
			return nil
		}
		return origin{s, ""}
	case subName:
		if p, ok := pkg.(text); ok && strings.HasPrefix(name.prefix, ".") && !strings.HasPrefix(name.prefix, "..") {
			name.prefix = string(p) + name.prefix
		}
		if !name.file {
			return subModule{name}
		}
	}
	return nil
}

func walking(path, prefix value, deep bool) value {
	p, ok := path.(text)
	if l, is := path.(*list); is && len(l.items) == 1 {
		p, ok = l.items[0].(text)
	}
	at, is := prefix.(text)
	if !ok || prefix != nil && !is {
		return nil
	}
	return &walk{path: string(p), prefix: string(at), deep: deep}
}

// listing is what is in a folder, in no order that can be told.
func listing(path value) value {
	if p, ok := path.(text); ok {
		return &walk{path: string(p), files: true, loose: true}
	}
	return nil
}

func joinedPath(args arguments) value {
	var out value = args.at(0, "")
	for _, v := range args.list[min(1, len(args.list)):] {
		out = plus(plus(out, text("/")), v)
	}
	return out
}

// globbing is the Python files of a folder.
func globbing(pattern value) value {
	p, _ := pattern.(text)
	if at, ok := strings.CutSuffix(string(p), "/*.py"); ok {
		return &walk{path: at, files: true, loose: true}
	}
	return nil
}

// builtin is a built-in function.
func (e *evaluator) builtin(name string, args arguments) (v value, known bool) {
	first := args.at(0, "")
	switch name {
	case "globals":
		return text(SpaceMark), true
	case "locals", "vars", "dir":
		return e.namespace(name, first, len(args.list) > 0), true
	case "getattr":
		return e.getattr(first, args.at(1, ""), args.at(2, "")), true
	case "setattr":
		if first == (origin{NameMark, ""}) {
			e.bindIn(text(SpaceMark), args.at(1, ""), args.at(2, ""))
		}
		return none{}, true
	case "__import__":
		if l, ok := args.at(3, "fromlist").(*list); ok && len(l.items) > 0 {
			return importing(first, nil), true
		}
		return nil, true
	case "exec":
		e.executed(first)
		return none{}, true
	case "list", "tuple", "set", "frozenset", "sorted":
		return collected(first, name == "sorted"), true
	case "dict":
		return e.dict(first, args), true
	case "str":
		return first, true
	}
	return nil, onlyReads[name]
}

// namespace is what `vars()` and the like give.
func (e *evaluator) namespace(name string, of value, given bool) value {
	switch {
	case !given && e.local == nil && name != "dir":
		return text(SpaceMark)
	case !given:
		return nil
	case of == (origin{NameMark, ""}):
		return text(SpaceMark)
	}
	switch of.(type) {
	case origin, subModule, method:
		return names{of, KeepAll}
	}
	return nil
}

func (e *evaluator) getattr(of, name, dflt value) value {
	switch n := name.(type) {
	case text:
		if n == "__all__" {
			if d, ok := dflt.(names); ok && d.of == of && d.keep == KeepPublic {
				return names{of, KeepStar}
			} else if dflt != nil {
				return nil
			}
		}
		return e.attributeOf(of, string(n))
	case key:
		if n.of == of {
			return item(n)
		}
	}
	return nil
}

// executed reads a star import that is put together.
func (e *evaluator) executed(code value) {
	if t, ok := code.(text); ok && !strings.Contains(string(t), "import") {
		return
	}
	s, ok := code.(subName)
	from, is := strings.CutPrefix(s.prefix, "from ")
	suffix, star := strings.CutSuffix(strings.TrimSpace(s.suffix), " import *")
	if !ok || !is || !star || s.file {
		e.lost = true
		return
	}
	s.prefix, s.suffix = from, suffix
	if strings.HasPrefix(from, ".") {
		s.prefix = PackageMark + from
	}
	e.copyNames(SpaceMark, names{subModule{s}, KeepStar})
}

func collected(v value, sorted bool) value {
	switch v := v.(type) {
	case *list:
		out := &list{slices.Clone(v.items)}
		if sorted {
			slices.SortStableFunc(out.items, func(a, b value) int {
				x, _ := a.(text)
				y, _ := b.(text)
				return strings.Compare(string(x), string(y))
			})
		}
		return out
	case *table:
		out := &list{}
		for _, k := range v.keys {
			out.items = append(out.items, text(k))
		}
		return collected(out, sorted)
	case *walk:
		out := *v
		out.loose = v.loose && !sorted
		return &out
	case names, pairs:
		return v
	case nil:
		return nil
	}
	return nil
}

func (e *evaluator) dict(v value, args arguments) value {
	out := newTable()
	switch v := v.(type) {
	case *table:
		out = v.copied()
	case nil:
		if len(args.list) > 0 || args.spread {
			return nil
		}
	default:
		return v
	}
	for k, v := range args.named {
		out.put(k, v)
	}
	slices.Sort(out.keys)
	return out
}

// methodOf calls a method of a value.
func (e *evaluator) methodOf(m method, args arguments) (v value, known bool) {
	switch of := m.of.(type) {
	case text:
		if isSpace(of) {
			return e.spaceMethod(of, m.name, args)
		}
		return textMethod(of, m.name, args), true
	case subName:
		return subNameMethod(of, m.name, args), true
	case *table:
		return e.tableMethod(of, m.name, args), true
	case *list:
		return listMethod(of, m.name, args), true
	case names:
		switch m.name {
		case "items", "iteritems":
			return pairs{of}, true
		case "keys", "copy":
			return of, true
		}
	case key:
		if t, ok := args.at(0, "").(text); ok && m.name == "startswith" {
			return conditions{{of, Test{Kind: TestPrefix, Text: []string{string(t)}}}}, true
		}
	case foreign:
		e.lost = e.lost || m.name == "update" || m.name == "setdefault" || m.name == "__setitem__"
		return nil, true
	case finder, method:
		if s, ok := args.at(0, "").(subName); ok && m.name == "load_module" {
			return subModule{s}, true
		}
		if f, ok := of.(finder); ok {
			return f, true
		}
	}
	return nil, false
}

func (e *evaluator) spaceMethod(space text, name string, args arguments) (value, bool) {
	switch name {
	case "update":
		for k, v := range args.named {
			e.bindIn(space, text(k), v)
		}
		switch v := args.at(0, "").(type) {
		case names:
			e.copyNames(string(space), v)
		case *table:
			for _, k := range v.keys {
				e.bindIn(space, text(k), v.of[k])
			}
		default:
			e.lost = e.lost || len(args.list) > 0
		}
	case "setdefault", "__setitem__":
		e.bindIn(space, args.at(0, ""), args.at(1, ""))
	case "get", "keys", "items", "values", "copy":
	default:
		e.lost = true
	}
	return nil, true
}

func textMethod(s text, name string, args arguments) value {
	first, ok := args.at(0, "").(text)
	t, sep := string(s), string(first)
	switch name {
	case "format":
		return formattedBraces(t, args)
	case "parent": // of a path
		return nil
	case "startswith", "endswith":
		if !ok || marked(t) {
			return nil
		}
		if name == "startswith" {
			return boolean(strings.HasPrefix(t, sep))
		}
		return boolean(strings.HasSuffix(t, sep))
	case "rpartition", "rsplit":
		i := strings.LastIndex(t, sep)
		if !ok || sep == "" || i < 0 && marked(t) || name == "rsplit" && args.at(1, "maxsplit") != num(1) {
			return nil
		}
		if i < 0 && name == "rpartition" {
			return &list{[]value{text(""), text(""), s}}
		}
		return parted(t, i, sep, name == "rpartition")
	case "partition", "split":
		i := strings.Index(t, sep)
		if !ok || sep == "" || marked(t) {
			return nil
		}
		if name == "split" && args.at(1, "maxsplit") != num(1) {
			out := &list{}
			for part := range strings.SplitSeq(t, sep) {
				out.items = append(out.items, text(part))
			}
			return out
		}
		return parted(t, i, sep, name == "partition")
	case "strip", "lstrip", "rstrip":
		if !marked(t) && ok {
			return text(map[string]func(string, string) string{"strip": strings.Trim, "lstrip": strings.TrimLeft, "rstrip": strings.TrimRight}[name](t, sep))
		}
	case "replace":
		if by, is := args.at(1, "").(text); ok && is && !marked(t) {
			return text(strings.ReplaceAll(t, sep, string(by)))
		}
	case "lower":
		if !marked(t) {
			return text(strings.ToLower(t))
		}
	case "join":
		return joinedTexts(t, args.at(0, ""))
	case "glob", "iterdir":
		if name == "iterdir" || first == "*.py" {
			return listing(s)
		}
	case "resolve", "absolute":
		return s
	}
	return nil
}

// parted cuts a text at i, with the separator between for partition.
func parted(t string, i int, sep string, three bool) value {
	switch {
	case i < 0 && three:
		return &list{[]value{text(t), text(""), text("")}}
	case i < 0:
		return &list{[]value{text(t)}}
	case three:
		return &list{[]value{text(t[:i]), text(sep), text(t[i+len(sep):])}}
	}
	return &list{[]value{text(t[:i]), text(t[i+len(sep):])}}
}

func joinedTexts(sep string, of value) value {
	l, ok := of.(*list)
	if !ok {
		return nil
	}
	var out value = text("")
	for i, v := range l.items {
		if i > 0 {
			out = plus(out, text(sep))
		}
		out = plus(out, v)
	}
	return out
}

// formattedBraces is str.format with `{}`, `{0}` and `{name}`.
func formattedBraces(t string, args arguments) value {
	var out value = text("")
	next := 0
	for t != "" {
		i := strings.IndexAny(t, "{}")
		if i < 0 {
			return plus(out, text(t))
		}
		end := strings.IndexByte(t, '}')
		if t[i] != '{' || end < i {
			return nil
		}
		out = plus(out, text(t[:i]))
		switch name := t[i+1 : end]; {
		case name == "":
			out = plus(out, args.at(next, ""))
			next++
		case len(name) == 1 && name[0] >= '0' && name[0] <= '9':
			out = plus(out, args.at(int(name[0]-'0'), ""))
		default:
			out = plus(out, args.named[name])
		}
		t = t[end+1:]
	}
	return out
}

func subNameMethod(s subName, name string, args arguments) value {
	t, ok := args.at(0, "").(text)
	kind := TestPrefix
	if name == "endswith" {
		kind = TestSuffix
	}
	switch name {
	case "startswith", "endswith":
		if ok {
			return conditions{{s, Test{Kind: kind, Text: []string{string(t)}}}}
		}
		if l, is := args.at(0, "").(*list); is {
			test := Test{Kind: kind}
			for _, v := range l.items {
				t, ok := v.(text)
				if !ok {
					return nil
				}
				test.Text = append(test.Text, string(t))
			}
			return conditions{{s, test}}
		}
	case "replace":
		if s.file && t == ".py" {
			s.file = false
			return s
		}
	case "removesuffix":
		if s.file && t == ".py" {
			s.file = false
			return s
		}
	case "format":
		return nil
	}
	return nil
}

func (e *evaluator) tableMethod(t *table, name string, args arguments) value {
	k, isText := args.at(0, "").(text)
	switch name {
	case "get", "pop":
		if v, ok := t.of[string(k)]; ok && isText {
			return v
		} else if isText {
			if len(args.list) > 1 {
				return args.list[1]
			}
			return none{}
		}
	case "keys", "__iter__":
		return collected(t, false)
	case "values":
		out := &list{}
		for _, k := range t.keys {
			out.items = append(out.items, t.of[k])
		}
		return out
	case "items", "iteritems":
		out := &list{}
		for _, k := range t.keys {
			out.items = append(out.items, &list{[]value{text(k), t.of[k]}})
		}
		return out
	case "copy":
		return t.copied()
	case "update":
		more, ok := args.at(0, "").(*table)
		if !ok && len(args.list) > 0 {
			t.spoil()
			return none{}
		}
		if ok {
			for _, k := range more.keys {
				t.put(k, more.of[k])
			}
		}
		for k, v := range args.named {
			t.put(k, v)
		}
		return none{}
	case "setdefault":
		if v, ok := t.of[string(k)]; ok && isText {
			return v
		} else if isText {
			t.put(string(k), args.at(1, ""))
			return t.of[string(k)]
		}
		t.spoil()
	}
	return nil
}

func listMethod(l *list, name string, args arguments) value {
	switch name {
	case "append", "add":
		l.items = append(l.items, args.at(0, ""))
	case "extend", "update":
		if more, ok := args.at(0, "").(*list); ok {
			l.items = append(l.items, more.items...)
		} else {
			l.items = append(l.items, nil)
		}
	case "copy":
		return &list{slices.Clone(l.items)}
	}
	return none{}
}
