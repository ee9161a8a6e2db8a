package usercache

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// What was stored is read; whatever byte of it is another, or missing, nothing is.
func TestDamage(t *testing.T) {
	f := New(t.TempDir())
	text := []byte("facts of a file\n")
	if err := f.Write("facts-1", text); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(f.dir, "facts-1")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := f.Read("facts-1"); !ok || !bytes.Equal(got, text) {
		t.Fatalf("got %q, %t", got, ok)
	}
	damaged := map[string][]byte{"empty": {}, "longer": append(whole[:len(whole):len(whole)], 0)}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		damaged[fmt.Sprint("byte ", i)], damaged[fmt.Sprint("cut at ", i)] = flipped, whole[:i]
	}
	for name, text := range damaged {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := f.Read("facts-1"); ok {
			t.Errorf("%s: read %q", name, got)
		}
	}
}

// Nothing to read, nowhere to write, and no folder at all are no errors of the one who reads.
func TestNoFolder(t *testing.T) {
	var none *Folder
	if err := none.Write("a", nil); err != nil {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Folder{none, New(filepath.Join(t.TempDir(), "absent")), New(file)} {
		if _, ok := f.Read("a"); ok {
			t.Error("read what nobody wrote")
		}
	}
	if err := New(file).Write("a", nil); err == nil {
		t.Error("wrote into a file as if it were a folder")
	}
}

// Old entries go, and the oldest go where there are too many; what another process writes stays.
func TestPrune(t *testing.T) {
	f, now := New(t.TempDir()), time.Now()
	put := func(name string, size int64, age time.Duration) {
		path := filepath.Join(f.dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	put("new-1", 1, time.Minute)
	put("new-2", 1, 2*abandoned)
	put("plan-1", maxBytes/2, time.Minute)
	put("plan-2", maxBytes/2-10, time.Hour)
	put("plan-3", 20, 2*time.Hour)
	put("plan-4", 1, maxAge+time.Hour)
	f.prune(now)
	left, err := os.ReadDir(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if got := fmt.Sprint(names); got != "[new-1 plan-1 plan-2]" {
		t.Errorf("left are %s", got)
	}
}

// Processes that write and read the same entry see one text or another, never a mix.
func TestBesideOthers(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			f, text := New(dir), bytes.Repeat([]byte{byte('a' + i)}, 1<<16)
			for range 20 {
				if err := f.Write("facts", text); err != nil {
					t.Error(err)
				}
				got, ok := f.Read("facts")
				if !ok || len(got) != len(text) || bytes.Count(got, got[:1]) != len(got) {
					t.Errorf("read %d bytes, %t", len(got), ok)
				}
			}
		})
	}
	all.Wait()
}
