package evidence

import (
	"fmt"
	"strings"
)

// refsTo are the readings of a statement that is no from-import.
func refsTo(form string, f *known, names []string) []ref {
	refs := make([]ref, len(names))
	for i, name := range names {
		refs[i] = ref{form, f.name, name}
	}
	return refs
}

// uses are expressions that read names of a module.
func uses(module string, names []string) string {
	return module + "." + strings.Join(names, ", "+module+".")
}

func importAttribute(g *gen, c, f *known, names []string) []stmt {
	top, _, _ := strings.Cut(f.name, ".")
	return []stmt{
		{text: fmt.Sprintf("import %s\n", f.name), vanish: []string{top}, grows: true},
		{text: fmt.Sprintf("def %s():\n    return [%s]\n", g.probe(), uses(f.name, names)), refs: refsTo("attribute", f, names)},
	}
}

func aliasAttribute(g *gen, c, f *known, names []string) []stmt {
	if f.missing {
		return []stmt{
			{text: fmt.Sprintf("import %s as m\n", f.name), vanish: []string{"m"}, grows: true},
			{text: fmt.Sprintf("def %s():\n    if len(__name__) > 1000:\n        return m.Missing\n    return m.%s\n", g.probe(), names[0]),
				refs: refsTo("attribute", f, names[:1])},
		}
	}
	return []stmt{
		{text: fmt.Sprintf("import %s as m\n", f.name), vanish: []string{"m"}, grows: true},
		{text: fmt.Sprintf("USE = m.%s\n\n\ndef %s():\n    return [%s]\n", names[0], g.probe(), uses("m", names)),
			refs: refsTo("attribute", f, names)},
	}
}

func parentAttribute(g *gen, c, f *known, names []string) []stmt {
	parent, last := parentOf(f.name), f.name[strings.LastIndexByte(f.name, '.')+1:]
	if parent == "" {
		return aliasAttribute(g, c, f, names)
	}
	bound, as := last, ""
	if g.chance(40) {
		bound, as = "facade", " as facade"
	}
	return []stmt{
		{text: fmt.Sprintf("from %s import %s%s\n", g.spell(c, parent), last, as), vanish: []string{bound}, grows: true},
		{text: fmt.Sprintf("class K%s:\n    own = %s.%s\n\n\ndef %s():\n    return [%s]\n", g.probe()[6:], bound, names[0], g.probe(), uses(bound, names)),
			refs: refsTo("attribute", f, names)},
	}
}

func localAttribute(g *gen, c, f *known, names []string) []stmt {
	return []stmt{{
		text: fmt.Sprintf("def %s():\n    import %s as here\n    return [%s, [here.%s for _ in [1]]]\n",
			g.probe(), f.name, uses("here", names), names[0]),
		refs: refsTo("attribute", f, names),
	}}
}

func starFrom(g *gen, c, f *known, names []string) []stmt {
	var taken []string
	for _, name := range names {
		if !strings.HasPrefix(name, "_") && contains(f.public(), name) {
			taken = append(taken, name)
		}
	}
	st := stmt{text: fmt.Sprintf("from %s import *\n", g.spell(c, f.name)), shrinks: true}
	if len(taken) == 0 {
		return []stmt{st}
	}
	return []stmt{st, {text: fmt.Sprintf("def %s():\n    return [%s]\n", g.probe(), strings.Join(taken, ", ")), refs: refsTo("star-import", f, taken)}}
}

func contains(list []string, name string) bool {
	for _, n := range list {
		if n == name {
			return true
		}
	}
	return false
}

func patchString(g *gen, c, f *known, names []string) []stmt {
	reader := fmt.Sprintf("        from %s import %s\n", f.name, names[0])
	value := names[0]
	if g.chance(40) {
		reader = fmt.Sprintf("        import %s as late\n", f.name)
		value = "late." + names[0]
	}
	return []stmt{{
		text: fmt.Sprintf("from unittest import mock\n\n\ndef %s():\n    with mock.patch(\"%s.%s\", \"patched\"):\n%s        return %s\n",
			g.probe(), f.name, names[0], reader, value),
		refs: refsTo("string", f, names[:1]),
	}}
}
