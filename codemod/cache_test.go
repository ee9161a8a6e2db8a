package codemod

import (
	"bytes"
	"context"
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
