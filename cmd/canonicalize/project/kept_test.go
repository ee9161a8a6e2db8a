package project

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/usercache"
	"github.com/canonicalize/canonicalize/codemod"
)

// shop writes a small project and returns its folder.
func shop(t *testing.T, consumers int) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"shop/__init__.py": "", "shop/models/__init__.py": "from .user import User\n", "shop/models/user.py": "class User: pass\n", "shop/people.py": "class User: pass\n"}
	for i := range consumers {
		files[fmt.Sprintf("shop/views%d.py", i)] = fmt.Sprintf("from shop.models import User\n\n\ndef f():\n    return User, %d\n", i)
	}
	for path, text := range files {
		write(t, filepath.Join(dir, path), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// planned plans a folder with what is kept in another, nil: with nothing.
func planned(t *testing.T, dir string, in *usercache.Folder) (text string, reads int) {
	t.Helper()
	p, err := Open(Place{Root: dir}, []string{"shop.models"})
	if err != nil {
		t.Fatal(err)
	}
	p.Remember(in)
	counted := &counting{source: p.tree}
	p.tree = counted
	result, err := p.Plan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), counted.reads
}

// counting is a tree that counts what is read.
type counting struct {
	source
	mu     sync.Mutex
	reads  int
	before func(codemod.File) // a read
}

func (c *counting) Read(f codemod.File) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reads++; c.before != nil {
		c.before(f)
	}
	return c.source.Read(f)
}

// A second plan reads nothing and says the same; one of a changed folder says what a plan without a cache says, even if size and time of the
// file are what they were.
func TestRemember(t *testing.T) {
	dir, in := shop(t, 3), usercache.New(t.TempDir())
	first, _ := planned(t, dir, in)
	if again, reads := planned(t, dir, in); again != first || reads > 0 {
		t.Errorf("after %d reads the second plan is\n%s\nthe first\n%s", reads, again, first)
	}
	path := filepath.Join(dir, "shop/models/__init__.py")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, "from ..people import *")
	if err := os.Chtimes(path, time.Now(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	now, _ := planned(t, dir, in)
	if want, _ := planned(t, dir, nil); now != want || now == first {
		t.Errorf("after a change the plan is\n%s\nwithout a cache\n%s", now, want)
	}
}

// Whatever happens to the files of the cache, the plan is the same.
func TestRememberDamage(t *testing.T) {
	dir, cache := shop(t, 120), t.TempDir()
	in := usercache.New(cache)
	want, _ := planned(t, dir, in)
	entries, err := filepath.Glob(filepath.Join(cache, "*"))
	if err != nil || len(entries) != 2 {
		t.Fatalf("kept are %v, not facts and a plan", entries)
	}
	for _, e := range entries {
		whole, err := os.ReadFile(e)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/8 {
			for _, damaged := range []string{string(whole[:at]), string(whole[:at]) + "\xff" + string(whole[at+1:])} {
				write(t, e, damaged)
				if got, _ := planned(t, dir, in); got != want {
					t.Fatalf("with %s damaged at %d the plan is\n%s", e, at, got)
				}
			}
		}
	}
}

// What is read while a file changes is not kept: the facts would be those of another text.
func TestRememberChangeWhileReading(t *testing.T) {
	dir, cache := shop(t, 120), t.TempDir()
	p, err := Open(Place{Root: dir}, []string{"shop.models"})
	if err != nil {
		t.Fatal(err)
	}
	p.Remember(usercache.New(cache))
	changed := false
	p.tree = &counting{source: p.tree, before: func(codemod.File) {
		if !changed {
			write(t, filepath.Join(dir, "shop/views7.py"), "from shop.models import User as Other\n")
			changed = true
		}
	}}
	if _, err := p.Plan(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if kept, _ := filepath.Glob(filepath.Join(cache, "*")); len(kept) > 0 {
		t.Errorf("kept are %v", kept)
	}
}
