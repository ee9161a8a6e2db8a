package effects

import (
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// object is what a chain of names means: a home, with the attributes behind
// it.
type object struct {
	home   resolve.Home
	rest   []string // attributes, calls as "name()" and items as "name[]"
	dotted string   // all of it as one name, without calls and items; "" if it has none
	// aliases are the names under which the modules on the way to the home have
	// it.
	aliases []string
	local   bool // no statement of the module itself binds the first name
}

// String is the object's name for people.
func (o object) String() string { return o.dotted }

// last is the last part of the name.
func (o object) last() string { return o.dotted[strings.LastIndexByte(o.dotted, '.')+1:] }

// named reports whether a dotted name, or the last parts of one, is the
// object's.
func (o object) named(name string) bool {
	name = strings.ReplaceAll(name, ":", ".")
	for _, known := range append(o.aliases, o.dotted) {
		if known == name || strings.HasSuffix(known, "."+name) {
			return true
		}
	}
	return false
}

// imported reports whether the object is not the module's own.
func (o object) imported(m *resolve.Mod) bool { return !o.local && o.home.Module != m.Name }

// object follows a chain of names that a statement of the module spells.
func (f *Finder) object(m *resolve.Mod, what string) object {
	parts := strings.Split(what, ".")
	root, suffix := bare(parts[0])
	if root == "" {
		return object{}
	}
	res := f.facts.Lookup(m.Name, root, false)
	o := object{home: res.Home}
	hops := res.Hops
	switch res.Status {
	case resolve.Found, resolve.NoReexport, resolve.Declared:
	case resolve.Unresolved: // a builtin, or a name of the class around it
		o.home, o.local = resolve.Home{Module: "builtins", Attr: root, External: true}, true
	default:
		o.home = resolve.Home{Module: m.Name, Attr: root}
	}
	parts = parts[1:]
	for suffix == "" && len(parts) > 0 && o.home.Attr == "" {
		var name string
		name, suffix = bare(parts[0])
		next, way := f.member(o.home, name)
		hops = append(hops, way...)
		if next == (resolve.Home{}) {
			suffix = ""
			break
		}
		o.home, parts = next, parts[1:]
	}
	o.rest = parts
	if suffix != "" {
		o.rest = append([]string{suffix}, parts...)
	}
	o.name(hops)
	return o
}

// name spells the object, also as the modules on the way have it.
func (o *object) name(hops []resolve.Hop) {
	parts := []string{o.home.Module}
	if o.home.Attr != "" {
		parts = append(parts, o.home.Attr)
	}
	for _, r := range o.rest {
		if name, _ := bare(r); name != "" {
			parts = append(parts, name)
		}
	}
	o.dotted = strings.Join(parts, ".")
	for _, h := range hops {
		rest := strings.TrimPrefix(o.dotted, strings.TrimSuffix(o.home.Module+"."+o.home.Attr, "."))
		o.aliases = append(o.aliases, h.Module+"."+h.Name+rest)
	}
}

// bare splits what stands behind a name: "()" or "[]".
func bare(part string) (name, suffix string) {
	if end := strings.IndexAny(part, "(["); end >= 0 {
		return part[:end], part[end:]
	}
	return part, ""
}

// member is what an attribute of a module is; zero if it has no home.
func (f *Finder) member(module resolve.Home, name string) (resolve.Home, []resolve.Hop) {
	if module.External {
		return resolve.Home{Module: module.Module, Attr: name, External: true}, nil
	}
	res := f.facts.Lookup(module.Module, name, false)
	switch res.Status {
	case resolve.Found, resolve.Declared:
		return res.Home, res.Hops
	case resolve.NoReexport:
		return resolve.Home{Module: module.Module + "." + name}, nil
	}
	return resolve.Home{}, nil
}

// class returns the class of a home, nil if it is none of the tree.
func (f *Finder) class(h resolve.Home) *class {
	if c, ok := f.classes[h]; ok {
		return c
	}
	f.classes[h] = nil
	m := f.index.Module(h.Module)
	if m == nil || m.Path == "" || h.Attr == "" || h.External {
		return nil
	}
	acts := f.facts.Acts(m.Path)
	if acts == nil {
		return nil
	}
	c := &class{mod: m}
	found := false
	for _, a := range acts.List {
		if a.Name == h.Attr && a.Kind == pyfile.Subclasses {
			c.bases, found = append(c.bases, a.What), true
		}
		if a.Name == h.Attr && a.Kind == pyfile.Metaclass {
			c.metaclasses, found = append(c.metaclasses, a.What), true
		}
	}
	for _, fn := range acts.Funcs {
		found = found || strings.HasPrefix(fn.Name, h.Attr+".")
	}
	if found {
		f.classes[h] = c
	}
	return f.classes[h]
}

// subclassed says which kind of effect it has to subclass an object.
func (f *Finder) subclassed(o object) Kind {
	if kind, ok := knownBase(o); ok {
		return kind
	}
	if len(o.rest) > 0 || o.home.External {
		return f.made(o)
	}
	c := f.class(o.home)
	if c == nil {
		return f.made(o)
	}
	if !c.asked {
		c.asked = true
		c.kind = f.inherited(o, c)
	}
	return c.kind
}

func (f *Finder) inherited(o object, c *class) Kind {
	if fn, ok := f.function(object{home: o.home, rest: []string{"__init_subclass__"}}); ok && fn.Leaks {
		return Subclass
	}
	for _, meta := range c.metaclasses {
		if f.hooked(f.object(c.mod, meta)) {
			return Subclass
		}
	}
	for _, base := range c.bases {
		if kind := f.subclassed(f.object(c.mod, base)); kind != "" {
			return kind
		}
	}
	return ""
}

// hooked reports whether a metaclass of the tree keeps track of the classes
// that it makes.
func (f *Finder) hooked(o object) bool {
	c := f.class(o.home)
	if c == nil || len(o.rest) > 0 {
		return false
	}
	for _, hook := range []string{"__new__", "__init__", "__call__"} {
		if fn, ok := f.function(object{home: o.home, rest: []string{hook}}); ok && fn.Leaks {
			return true
		}
	}
	for _, base := range c.bases {
		if f.hooked(f.object(c.mod, base)) {
			return true
		}
	}
	return false
}

// made says what it means to subclass what an assignment made, such as
// SQLAlchemy's `Base = declarative_base()` and `db.Model` of `db = SQLAlchemy()`.
func (f *Finder) made(o object) Kind {
	m := f.index.Module(o.home.Module)
	if o.home.External || m == nil || m.Path == "" {
		return ""
	}
	acts := f.facts.Acts(m.Path)
	if acts == nil {
		return ""
	}
	for _, v := range acts.Values {
		if v.Name != o.home.Attr || v.Of == "" || v.Of == o.home.Attr {
			continue
		}
		of := f.object(m, v.Of)
		if kind := makes(of, o.rest); kind != "" {
			return kind
		}
		if !strings.Contains(v.Of, "()") && of.home != o.home && !f.following[of.home] {
			return f.follow(of)
		}
	}
	return ""
}

// follow goes on at what an assignment gives another name to.
func (f *Finder) follow(o object) Kind {
	f.following[o.home] = true
	defer delete(f.following, o.home)
	return f.subclassed(o)
}
