package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kept is a mirror on disk.
type kept struct {
	dir   string
	bytes int64
	used  time.Time // when it was last opened
}

// KeepMirrors removes the mirrors of repositories that are not wanted any
// more, those that were set aside as broken, and then, those first that were
// opened longest ago, what is more than most bytes (0: no bound). A mirror
// that is open stays: it goes the next time. It returns how many went.
func (s *Sites) KeepMirrors(wanted func(repository int64) bool, most int64) (removed int, err error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("list the mirrors: %w", err)
	}
	var left []kept
	var total int64
	var errs []error
	for _, e := range entries {
		dir := filepath.Join(s.dir, e.Name())
		if id, ours := mirrorOf(e.Name()); !ours || wanted(id) {
			k := measure(dir, e)
			left, total = append(left, k), total+k.bytes
			continue
		}
		gone, err := s.remove(dir)
		errs = append(errs, err)
		removed += gone
	}
	slices.SortFunc(left, func(a, b kept) int { return a.used.Compare(b.used) })
	for _, k := range left {
		if most == 0 || total <= most {
			break
		}
		gone, err := s.remove(k.dir)
		errs = append(errs, err)
		if gone > 0 {
			removed, total = removed+gone, total-k.bytes
		}
	}
	return removed, errors.Join(errs...)
}

// mirrorOf is whose mirror a folder is; one that was set aside is nobody's
// (0). What has no such name is none of ours.
func mirrorOf(name string) (id int64, ours bool) {
	digits, rest, found := strings.Cut(name, ".git")
	id, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case !found || err != nil:
		return 0, false
	case rest != "":
		return 0, true
	}
	return id, true
}

// measure sums up the files of a mirror. What vanishes meanwhile counts
// nothing.
func measure(dir string, e fs.DirEntry) kept {
	k := kept{dir: dir}
	if info, err := e.Info(); err == nil {
		k.used = info.ModTime()
	}
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				k.bytes += info.Size()
			}
		}
		return nil
	})
	return k
}

// remove removes a mirror that nobody has open; it says how many that were.
func (s *Sites) remove(dir string) (int, error) {
	s.mirrors.mu.Lock()
	defer s.mirrors.mu.Unlock()
	if s.mirrors.open[dir] != nil || s.mirrors.passing[dir] {
		return 0, nil
	}
	// Under another name first: a process that ends in the middle must not leave half a mirror under its own.
	aside := dir + ".gone"
	if err := os.Rename(dir, aside); err != nil {
		return 0, fmt.Errorf("remove the mirror %s: %w", dir, err)
	}
	return 1, os.RemoveAll(aside)
}

// touch notes that a mirror is used now.
func touch(dir string) {
	now := time.Now()
	_ = os.Chtimes(dir, now, now) // at worst it goes too early, and is fetched anew
}
