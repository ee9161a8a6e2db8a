package preview

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An export holds the pages as the preview shows them, without forms; nothing that is there is overwritten.
func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "to", "send")
	p, err := Start(t.Context(), slog.New(slog.DiscardHandler), func(string, int, int) {}, Options{Export: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	start, err := p.Export(dir)
	if err != nil || start != filepath.Join(dir, "acme", "shop.html") {
		t.Fatal(start, err)
	}
	for name, want := range map[string]string{"index.html": "acme/shop.html", "acme/shop.html": "shop/pull/1.html", "acme/shop/pull/1.html": "Files changed", "acme/shop/left.html": "declared-in-facade", "acme/shop/imports.html": "executes 19 modules", "acme/shop/imports/shop.models.svg": "shop.models.user", "assets/style.css": "--bg"} {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !strings.Contains(string(text), want) || strings.Contains(string(text), `method="post"`) {
			t.Errorf("%s: %v, no %q in\n%s", name, err, want, text)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	_, err = Start(t.Context(), slog.New(slog.DiscardHandler), func(string, int, int) {}, Options{Export: dir})
	if !errors.As(err, new(*InputError)) {
		t.Errorf("a folder with files: %v", err)
	}
}
