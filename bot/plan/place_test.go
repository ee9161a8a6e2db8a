package plan

import "testing"

// Titles of one repository are apart, and say what is true.
func TestPlace(t *testing.T) {
	chunk := func(id, dir string, owners []string, paths ...string) Chunk {
		c := Chunk{ID: id, Directory: dir, Owners: owners}
		for _, p := range paths {
			c.Files = append(c.Files, File{Path: p})
		}
		return c
	}
	red, blue := []string{"@acme/red"}, []string{"@acme/blue", "@octocat"}
	chunks := []Chunk{
		chunk("1", "shop", red, "shop/a.py", "shop/b.py"),
		chunk("2", "", nil, "setup.py"),
		chunk("3", "", nil, "lib/a.py", "tests/a.py", "x.py"),
		chunk("4", "", nil, "a/a", "b/a", "c/a", "d/a"),
		chunk("5", "core", red, "core/admin/a.py", "core/gis/z.py"),
		chunk("6", "core", blue, "core/m.py"),
		chunk("7", "core", nil, "core/n.py"),
		chunk("8", "django", nil, "django/a/one.py", "django/a/two.py"),
		chunk("9", "django", nil, "django/b/one.py", "django/c/one.py"),
		chunk("10", "same", nil, "same/a.py"),
		chunk("11", "same", nil, "same/a.py"),
	}
	place(chunks)
	for i, want := range []string{"shop", "the repository root", "lib, tests and the repository root", "4 folders", "core, for red",
		"core, for blue and octocat", "core, without owner", "django, a/one.py to a/two.py", "django, b to c", "same, 10", "same, 11"} {
		if chunks[i].Place != want {
			t.Errorf("chunk %s is at %q, want %q", chunks[i].ID, chunks[i].Place, want)
		}
	}
}
