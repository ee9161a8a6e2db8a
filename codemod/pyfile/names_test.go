package pyfile

import (
	"context"
	"testing"
)

// The uses of names in any bytes spell their names where they say, in scopes that are there, and each ends up at one scope or none.
func FuzzNames(f *testing.F) {
	for _, src := range []string{
		"import a.b as c\nclass K:\n    x = c.d.e\n    def f(self, x=x): return [y for y in x if (z := y)]\n",
		"def f():\n    global g\n    g = lambda a, *b, c=1, **d: (a, b, c, d)\n    nonlocal h\n",
		"match x:\n    case {'a': b, **c} | K(d=e): f'{b!r:{c}}'\n", "type A[T] = list[T]\ndef f[T: B](x: 'a.b') -> T: del x.y, z\n",
		"async def f():\n    async with a as b, c as (d, *e): await patch('app.models.User', new=b)(1)\n",
		"try: ...\nexcept* E as e: raise e.f from e\nfor i, in j: i.k += 1\nelse: (yield)\n", "@a.b(c)\nclass D(E, metaclass=F): x: int = 1\n",
	} {
		f.Add([]byte(src))
	}
	p := NewParser()
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<15 {
			return
		}
		names, tree, err := p.Names(context.Background(), src)
		if err != nil {
			return
		}
		defer tree.Close()
		for _, u := range names.Uses {
			if u.Start < 0 || u.End > len(src) || u.End <= u.Start || u.Scope < 0 || u.Scope >= len(names.Scopes) {
				t.Fatalf("use %+v of %d bytes and %d scopes", u, len(src), len(names.Scopes))
			}
			if printable(src) && string(src[u.Start:u.End]) != u.Name && len(u.Attrs) == 0 {
				t.Fatalf("use %+v spells %q", u, src[u.Start:u.End])
			}
			if scope, ok := names.Binding(u.Name, u.Scope); ok && (scope < 0 || scope >= len(names.Scopes)) {
				t.Fatalf("%s is bound by scope %d of %d", u.Name, scope, len(names.Scopes))
			}
		}
		for i, s := range names.Scopes {
			if s.Parent > i || s.Start > s.End || s.End > len(src) {
				t.Fatalf("scope %d is %+v", i, s)
			}
		}
	})
}
