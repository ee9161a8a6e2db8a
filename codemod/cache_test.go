package codemod

import (
	"bytes"
	"context"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// unsized is a tree that, as one of commits does, knows the hashes of its
// files and not their sizes.
type unsized struct{ texts }

func (t unsized) Files() []File {
	files := t.texts.Files()
	for i := range files {
		files[i].Size, files[i].ID = -1, "id of "+files[i].Path
	}
	return files
}

// A plan from the cache of facts is the plan without it, whatever depends on
// more than the facts: the limit of a file's size did once.
func TestPlanFromCacheIsTheSame(t *testing.T) {
	tree := unsized{texts{
		"app/__init__.py":        "",
		"app/models/__init__.py": "from .user import *\n",
		"app/models/user.py":     "class User: pass\n",
		"app/views.py":           "from app.models import User\n",
		"app/large.py":           "from app.models import User\nx = '" + strings.Repeat("a", 3000) + "'\n",
		"run":                    "#!/usr/bin/env python3\nfrom app.models import User\n",
		"LICENSE":                "none\n",
	}}
	rules := Rules{Facades: []string{"app.models"}, MaxFileSize: 2000}
	plan := func(c *Cache) *Result {
		res, err := Plan(context.Background(), tree, rules, Options{Cache: c})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	want, cache := plan(nil), NewCache()
	if first := plan(cache); !reflect.DeepEqual(first, want) {
		t.Errorf("while the cache fills:\n%+v\nwithout one:\n%+v", first, want)
	}
	var stored bytes.Buffer
	if _, err := cache.WriteTo(&stored); err != nil {
		t.Fatal(err)
	}
	read, err := ReadCache(&stored)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*Cache{"in memory": cache, "stored": read} {
		if again := plan(c); !reflect.DeepEqual(again, want) {
			t.Errorf("from the cache %s:\n%+v\nwithout one:\n%+v", name, again, want)
		}
	}
	if len(want.Changes) != 2 || len(want.Left) != 1 || want.Left[0].Reason != TooLarge {
		t.Errorf("the plan itself: %d changes, left %+v", len(want.Changes), want.Left)
	}
}

// A file without a suffix that is no script and a module can have the same
// bytes, and so the same hash: an empty one has.
func TestCacheTellsScriptsFromModules(t *testing.T) {
	tree := sameHash{texts{
		"NOTES":                  "",
		"app/__init__.py":        "",
		"app/models/__init__.py": "from .user import *\n",
		"app/models/user.py":     "class User: pass\n",
		"app/views.py":           "from app.models import User\n",
	}}
	cache := NewCache()
	for range 2 {
		res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}}, Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		if res.Files != 4 || len(res.Changes) != 1 {
			t.Errorf("%d Python files and %d changes, not 4 and 1", res.Files, len(res.Changes))
		}
	}
}

// sameHash is a tree that names files by their bytes.
type sameHash struct{ texts }

func (t sameHash) Files() []File {
	files := t.texts.Files()
	for i, f := range files {
		files[i].ID = "id of " + t.texts[f.Path]
	}
	return files
}

// unusedPlans is for how many plans a cache keeps what none of them uses.
const unusedPlans = 256

// reads is a tree that counts how often each of its files is read.
type reads struct {
	sameHash
	times map[string]int
}

func (t reads) Read(f File) ([]byte, error) {
	t.times[f.Path]++
	return t.sameHash.Read(f)
}

// What no plan uses any more goes, from memory and from the file, also when
// plans are made in many short processes.
func TestCacheForgets(t *testing.T) {
	texts := texts{"app/__init__.py": "", "app/models/__init__.py": "from .user import User\n", "app/models/user.py": "class User: pass\n"}
	now := sameHash{maps.Clone(texts)}
	texts["app/a.py"] = "from app.other import User\n"
	was := sameHash{texts}
	plan := func(cache *Cache, tree Tree, times int) {
		for range times {
			if _, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}}, Options{Cache: cache, Workers: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	knows := func(cache *Cache) bool {
		tree := reads{was, map[string]int{}}
		plan(cache, tree, 1)
		return tree.times["app/a.py"] == 0
	}
	filled := func() *Cache {
		cache := NewCache()
		plan(cache, was, 1)
		return cache
	}
	cache := filled()
	plan(cache, now, unusedPlans/2)
	if !knows(storedAndRead(t, cache)) {
		t.Error("the facts of a file went while a branch may still have it")
	}
	plan(cache, now, unusedPlans/2+1)
	if knows(storedAndRead(t, cache)) {
		t.Error("the file keeps facts that nothing uses")
	}
	plan(cache, now, unusedPlans/4)
	if knows(cache) {
		t.Error("memory keeps facts that nothing uses")
	}
}

func storedAndRead(t *testing.T, c *Cache) *Cache {
	t.Helper()
	var file bytes.Buffer
	if _, err := c.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	read, err := ReadCache(&file)
	if err != nil {
		t.Fatal(err)
	}
	return read
}
