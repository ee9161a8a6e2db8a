package style

import (
	_ "embed"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// stdlibNames lists the top-level modules of the standard library of every
// Python 3 (https://docs.python.org/3/py-modindex.html), one a line.
//
//go:embed stdlib.txt
var stdlibNames string

var stdlib = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(stdlibNames) {
		set[name] = true
	}
	return set
})

// placer finds the section of a module.
type placer struct {
	style *Style
	block *Block
	cache map[string]string
	flat  bool // the project's own modules have no section of their own
}

// section returns the section of a module, which is given with its dots.
func (p *placer) section(module string) string {
	if s, ok := p.cache[module]; ok {
		return s
	}
	s := p.place(module)
	if !slices.Contains(p.style.Sections.Names, s) && !slices.Contains(p.style.Sections.Separate, s) {
		s = p.style.Sections.Default
	}
	p.cache[module] = s
	return s
}

func (p *placer) place(module string) string {
	sections := p.style.Sections
	for _, pattern := range sections.Separate {
		glob := strings.TrimSuffix(pattern, "*") + "*"
		if match(glob, module) || match("."+glob, module) {
			return pattern
		}
	}
	if strings.HasPrefix(module, ".") {
		return settings.LocalFolder
	}
	if s := p.known(module); s != "" {
		return s
	}
	if p.firstParty(module) {
		return settings.FirstParty
	}
	return sections.Default
}

// known places a module by its name alone, the longest prefix first.
func (p *placer) known(module string) string {
	if module == "__future__" {
		return settings.Future
	}
	for name := module; name != ""; name = parent(name) {
		for _, k := range p.style.Sections.Known {
			if slices.ContainsFunc(k.Patterns, func(pattern string) bool { return match(pattern, name) }) {
				return k.Section
			}
		}
	}
	if p.standard(module) {
		return settings.Stdlib
	}
	return ""
}

// standard reports whether the module is of the standard library.
func (p *placer) standard(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	if own := p.style.Sections.StdlibOnly; own != nil {
		return slices.Contains(own, top)
	}
	return stdlib()[top] || slices.Contains(p.style.Sections.ExtraStd, top)
}

// firstParty looks a module up in the folders that the configuration names,
// as both sorters do: by its first name, which is a folder or a file there.
func (p *placer) firstParty(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	if p.flat {
		return false
	}
	if p.block.Exists == nil || p.style.Sorter == settings.NoSorter {
		return p.block.FirstParty != nil && p.block.FirstParty(module)
	}
	if p.style.Sorter == settings.Ruff && p.samePackage(top) {
		return true
	}
	for _, src := range p.style.Sections.SrcPaths {
		at := path.Join(src, top)
		if p.block.Exists(at) || p.block.Exists(at+".py") {
			return true
		}
		if p.style.Sorter == settings.Isort && path.Base(src) == top && p.block.Exists(src) {
			return true
		}
	}
	return false
}

// samePackage is ruff's detect-same-package: the outermost package around
// the file has this name.
func (p *placer) samePackage(top string) bool {
	root := ""
	for dir := path.Dir(p.block.Path); dir != "." && dir != "/" && p.block.Exists(dir+"/__init__.py"); dir = path.Dir(dir) {
		root = dir
	}
	return root != "" && path.Base(root) == top
}

// parent is a dotted name without its last part.
func parent(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i]
	}
	return ""
}

// match reports whether a pattern with * and ? covers all of a module's name.
func match(pattern, name string) bool {
	if !strings.ContainsAny(pattern, "*?[") {
		return pattern == name
	}
	ok, err := path.Match(pattern, name) // module names have no slashes
	return ok && err == nil
}
