package evidence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// apart puts the facades and all that they are made from into a tree of their
// own, which the consumers' tree imports.
func (g *gen) apart() {
	g.p.upstream = "up"
	if g.root != "" {
		g.root = "up/" + g.root
	} else {
		g.root = "up"
	}
	g.p.roots = append([]string{g.root}, g.p.roots...)
}

// rootOf is the source root of the modules in a package.
func (g *gen) rootOf(pkg string) string {
	for name, k := range g.known {
		if strings.HasPrefix(name, pkg+".") {
			if g.p.upstream != "" && strings.HasPrefix(k.path, g.p.upstream+"/") {
				return g.p.roots[0]
			}
			return g.own
		}
	}
	return g.own
}

// ownRoots are the source roots of the tree that is rewritten, and those of
// the tree that it imports.
func (p *program) ownRoots() (own, upstream []string) {
	for _, root := range p.roots {
		if rest, ok := p.isUpstream(root); ok {
			upstream = append(upstream, rest)
		} else {
			own = append(own, root)
		}
	}
	return own, upstream
}

// isUpstream reports whether a path is in the tree that is only read, and
// gives the path there.
func (p *program) isUpstream(path string) (rest string, ok bool) {
	if p.upstream == "" || path == p.upstream {
		return "", p.upstream != ""
	}
	return strings.CutPrefix(path, p.upstream+"/")
}

// annotation matches a declaration that a stub makes without a value.
var annotation = regexp.MustCompile(`^(\w+): str = ("[^"]*")\n$`)

// compiled makes a module that only declares names one that was not written in
// Python, of which the tree has the stub.
func (g *gen) compiled(k *known) {
	imports := slices.ContainsFunc(k.body, func(st stmt) bool { return strings.Contains(st.text, "import ") })
	if g.extra.IntN(100) < 3 && !imports {
		k.path += "i"
		for i := range k.body {
			k.body[i].text = annotation.ReplaceAllString(k.body[i].text, "$1: $2\n")
		}
	}
}

// extras adds what the rules can say more of a program, and stubs.
func (g *gen) extras() {
	if g.extra.IntN(100) < 12 {
		g.stops()
	}
	if g.extra.IntN(100) < 12 {
		g.overrides()
	}
	if g.extra.IntN(100) < 15 {
		g.stubs()
	}
}

// stops makes a module that is no facade the home of all that it exports.
func (g *gen) stops() {
	for range 1 + g.extra.IntN(2) {
		m := g.order[g.extra.IntN(len(g.order))]
		if !slices.Contains(g.facades, m.name) && !slices.Contains(g.p.stops, m.name) {
			g.p.stops = append(g.p.stops, m.name)
		}
	}
}

// overrides names homes for names of facades, and of modules on the way. They
// are modules that were there before, so that no circle arises.
func (g *gen) overrides() {
	g.p.homes = map[string]string{}
	for range 8 {
		at := g.extra.IntN(len(g.order))
		f := g.order[at]
		if len(f.bound) == 0 {
			continue
		}
		name := f.bound[g.extra.IntN(len(f.bound))]
		for lazy := range f.aux {
			if strings.HasPrefix(lazy, "Lazy") {
				g.p.homes[f.name+"."+lazy] = g.valued[f.name+"."+lazy]
			}
		}
		if module := g.valued[f.name+"."+name]; module != "" {
			g.p.homes[f.name+"."+name] = module
			continue
		}
		var binders []string
		for _, m := range g.order[:at] {
			if slices.Contains(m.bound, name) && !slices.Contains(g.facades, m.name) {
				binders = append(binders, m.name)
			}
		}
		if len(binders) > 0 {
			g.p.homes[f.name+"."+name] = binders[g.extra.IntN(len(binders))] + ":" + name
		}
	}
}

// stubs adds stubs beside modules, which read facades in their own way.
func (g *gen) stubs() {
	for _, m := range slices.Clone(g.p.files) {
		if m.isScript() || strings.HasSuffix(m.path, ".pyi") || g.extra.IntN(100) >= 15 {
			continue
		}
		s := g.createAt(m.path+"i", "~"+m.name)
		for range 1 + g.r.IntN(3) {
			g.read(s)
		}
	}
}

// truthful drops the overrides that name another object than the one that is
// there, or one that cannot be imported. Of a name that a facade computes,
// which cannot be seen, the generator knows the home.
func (p *program) truthful(seen *observation) *program {
	q := *p
	q.homes = map[string]string{}
	for key, home := range p.homes {
		module, name := parentOf(key), key[strings.LastIndexByte(key, '.')+1:]
		from, attribute, is := strings.Cut(home, ":")
		was, ok := seen.Cold[module].Names[name]
		is = is && seen.Cold[from].Names[attribute] == was
		computed := !ok && strings.HasPrefix(name, "Lazy") && seen.Cold[from].Names[attribute] != ""
		if computed || ok && (is || was == "module "+home) && seen.Cold[from].OK {
			q.homes[key] = home
		}
	}
	return &q
}

// extrasLine says what the rules of a program say more.
func (p *program) extrasLine() string {
	var homes []string
	for key, home := range p.homes {
		homes = append(homes, key+"="+home)
	}
	slices.Sort(homes)
	return fmt.Sprintf("Stop at: %s; homes: %s; upstream: %s.", strings.Join(p.stops, " "), strings.Join(homes, " "), p.upstream)
}
