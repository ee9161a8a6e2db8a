package world

import "strings"

// fewFacades is up to how many facades it is faster to compare a name with each
// than to hash it: every module that a file imports is held against them.
const fewFacades = 8

// Facade returns the facade of a name, nil if it is none.
func (g *ground) Facade(module string) *Facade {
	if len(g.Facades) > fewFacades {
		return g.named[module]
	}
	for _, f := range g.Facades {
		if f.Name == module {
			return f
		}
	}
	return nil
}

// AboveFacade reports whether the module is a facade or a package above one.
func (g *ground) AboveFacade(module string) bool {
	for _, f := range g.Facades {
		if Below(f.Name, module) {
			return true
		}
	}
	return false
}

// FacadeBelow reports whether `module.name` is a facade or a package above
// one, without spelling that out.
func (g *ground) FacadeBelow(module, name string) bool {
	for _, f := range g.Facades {
		if len(f.Name) > len(module) && f.Name[len(module)] == '.' && strings.HasPrefix(f.Name, module) {
			if Below(f.Name[len(module)+1:], name) {
				return true
			}
		}
	}
	return false
}

// LongestFacade returns the facade whose name, with a dot, begins the text.
func (g *ground) LongestFacade(text string) (best *Facade, rest string) {
	for _, f := range g.Facades {
		if n := len(f.Name); len(text) > n+1 && text[n] == '.' && strings.HasPrefix(text, f.Name) && (best == nil || n > len(best.Name)) {
			best, rest = f, text[n+1:]
		}
	}
	return best, rest
}

// Below reports whether a module is another one or below it.
func Below(module, of string) bool {
	rest, ok := strings.CutPrefix(module, of)
	return ok && (rest == "" || rest[0] == '.')
}

// Parent is the name of the package that a module is in, "" at the top.
func Parent(module string) string { return module[:max(0, strings.LastIndexByte(module, '.'))] }
