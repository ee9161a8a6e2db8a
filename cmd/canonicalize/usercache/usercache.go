// Package usercache keeps what a command found out in the user's cache folder,
// for the next one. Whatever becomes of the files there, an answer is what was
// stored, or none.
package usercache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	format = "canonicalize cache 1\n"
	// maxAge is how long an entry is kept that nobody has read.
	maxAge = 30 * 24 * time.Hour
	// maxBytes is how much all entries may take; those go first that nobody has
	// read for longest.
	maxBytes = 512 << 20
	// abandoned is the age of a temporary file whose writer is gone for sure.
	abandoned = time.Hour
)

// Folder is a folder of entries. A nil Folder keeps nothing. Other processes
// may use the same one: an entry appears and is replaced as a whole.
type Folder struct{ dir string }

// New returns the folder at a path; it is made with the first entry.
func New(dir string) *Folder { return &Folder{dir} }

// Default is the folder in the user's cache folder, nil where there is none
// (os.UserCacheDir).
func Default() *Folder {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	return New(filepath.Join(dir, "canonicalize"))
}

// Name makes the name of an entry out of what it depends on. The program itself
// is part of it: what another build found out is no answer.
func Name(kind string, on ...string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", append(on, program()))
	return fmt.Sprintf("%s-%x", kind, h.Sum(nil)[:16])
}

// program tells one build of the program from another.
func program() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// Read returns an entry, and whether there is one that is whole.
func (f *Folder) Read(name string) ([]byte, bool) {
	if f == nil {
		return nil, false
	}
	path := filepath.Join(f.dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	head := len(format) + sha256.Size
	if len(text) < head || string(text[:len(format)]) != format {
		return nil, false
	}
	if sum := sha256.Sum256(text[head:]); !bytes.Equal(sum[:], text[len(format):head]) {
		return nil, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it was read: the time decides only when it is dropped
	return text[head:], true
}

// Write stores an entry and drops those that are too old or too many.
func (f *Folder) Write(name string, text []byte) error {
	if f == nil {
		return nil
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("make the cache folder: %w", err)
	}
	out, err := os.CreateTemp(f.dir, "new-*")
	if err != nil {
		return fmt.Errorf("write to the cache: %w", err)
	}
	sum := sha256.Sum256(text)
	_, err = out.Write(slices.Concat([]byte(format), sum[:], text))
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(out.Name(), filepath.Join(f.dir, name))
	}
	if err != nil {
		os.Remove(out.Name())
		return fmt.Errorf("write to the cache: %w", err)
	}
	f.prune(time.Now())
	return nil
}

// prune drops entries. What another process drops at the same time is dropped.
func (f *Folder) prune(now time.Time) {
	listed, err := os.ReadDir(f.dir)
	if err != nil {
		return
	}
	var entries []fs.FileInfo
	for _, e := range listed {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			entries = append(entries, info)
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	size := int64(0)
	for i, e := range entries {
		size += e.Size()
		age, temporary := now.Sub(e.ModTime()), len(e.Name()) > 4 && e.Name()[:4] == "new-"
		if age > maxAge || temporary && age > abandoned || size > maxBytes && i > 0 && !temporary {
			os.Remove(filepath.Join(f.dir, e.Name()))
		}
	}
}
