package resolve

import (
	"slices"
	"testing"
)

// Any modules that import from each other have an answer for every name that they bind, the same each time, and what `__all__` says
// is what a star import brings.
func FuzzResolver(f *testing.F) {
	for _, src := range [][2]string{
		{"from b import *\n__all__ = ['X'] + b.__all__\n", "from a import *\nX = 1\n__all__ = ('X', 'Y')\n"},
		{"import b\n__all__ = [*b.__all__, 'Z']\n__all__.remove('X')\nZ = b\n", "__all__ = []\n__all__ += ['X']\nX = 1\n"},
		{"try:\n    from b import X\nexcept ImportError:\n    X = None\n", "from a import X as Y\nfrom a import *\n"},
		{"from p import *\nfrom p import sub\n", "from p.sub import *\n__all__ = [n for n in dir()]\n"},
		{"T = {'X': 'b:Y'}\ndef __getattr__(n):\n    return load(T[n])\n", "from . import a\nfrom .a import *\nimport b as X\n"},
	} {
		f.Add(src[0], src[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 1<<13 {
			return
		}
		tree := newTree(map[string]string{"a.py": a, "b.py": b, "p/__init__.py": "from a import *\nfrom . import sub\n", "p/sub.py": "from b import *\nX = 1\n"})
		forth, back := tree.resolver(nil, nil), tree.resolver(nil, nil)
		var names []string
		for name := range forth.Bound("a") {
			names = append(names, name)
		}
		slices.Sort(names)
		said := map[string]string{}
		for _, name := range names {
			said[name] = answer(forth.Lookup("a", name, false))
		}
		slices.Reverse(names)
		for _, name := range names {
			if got := answer(back.Lookup("a", name, false)); got != said[name] {
				t.Errorf("a.%s is %s, and %s when it is asked for in another order", name, said[name], got)
			}
		}
		all, known := forth.All("a")
		public := forth.Public("a")
		for _, name := range all {
			if known && !public[name] {
				t.Errorf("__all__ says %s, a star import does not bring it", name)
			}
		}
	})
}
