package review

import (
	"testing"

	"github.com/canonicalize/canonicalize/codemod/world"
)

// Exceptions are modules, or imports of one module in another, with wildcards
// as import-linter has them.
func TestBoundaryExceptions(t *testing.T) {
	for _, tc := range []struct {
		except   string
		from, to string
		allowed  bool
	}{
		{"", "shop.a", "app.x", false},
		{"app.api", "shop.a", "app.api", true},
		{"app.api", "shop.a", "app.api.v1", true},
		{"app.api", "shop.a", "app.apis", false},
		{"app.*.api", "shop.a", "app.x.api.v1", true},
		{"app.*.api", "shop.a", "app.x.y.api", false},
		{"app.**.api", "shop.a", "app.x.y.api", true},
		{"shop.a -> app.x", "shop.a", "app.x", true},
		{"shop.a -> app.x", "shop.a.b", "app.x.y", true},
		{"shop.a -> app.x", "shop.b", "app.x", false},
		{"shop.a -> app.x", "shop.a", "app.y", false},
		{"shop.*.jobs -> app.**", "shop.b.jobs", "app.y", true},
		{"shop.*.jobs -> app.**", "shop.b.views", "app.y", false},
		{"shop.a->app.x", "shop.a", "app.x", true},
	} {
		b := &world.Boundary{From: "shop", Forbid: []string{"app"}, Except: []string{tc.except}}
		if got := forbids(b, tc.from, tc.to) == ""; got != tc.allowed {
			t.Errorf("except %q: %s imports %s: %v", tc.except, tc.from, tc.to, got)
		}
	}
}
