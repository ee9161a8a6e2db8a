package git

import (
	"context"
	"fmt"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"
)

// FileDiff is one path that differs between two commits. A file that was moved without a change is one FileDiff
// with OldPath set; any other move is a deletion and an addition.
type FileDiff struct {
	Path          string
	OldPath       string // the path before, when it was another one
	Old, New      string // blob SHAs; "" where the file does not exist
	OldMode, Mode Mode
}

// diff compares the trees of two commits and reads none of the contents.
func (o *objects) diff(ctx context.Context, a, b string) ([]FileDiff, error) {
	before, err := o.commit(a)
	if err != nil {
		return nil, err
	}
	after, err := o.commit(b)
	if err != nil {
		return nil, err
	}
	d := differ{ctx: ctx, objects: o}
	if err := d.trees("", before.TreeHash, after.TreeHash, 0); err != nil {
		return nil, fmt.Errorf("compare commit %s with %s: %w", a, b, err)
	}
	return moved(d.found), nil
}

// differ compares two commits, within the limits of one.
type differ struct {
	ctx            context.Context
	objects        *objects
	entries, paths int64 // that differ
	found          []FileDiff
}

func (d *differ) trees(prefix string, a, b plumbing.Hash, depth int) error {
	if a == b {
		return nil
	}
	if depth > d.objects.limits.Depth {
		return &TooLargeError{"folders in folders", int64(d.objects.limits.Depth)}
	}
	if err := d.ctx.Err(); err != nil {
		return err
	}
	before, err := d.objects.tree(a)
	if err != nil {
		return err
	}
	after, err := d.objects.tree(b)
	if err != nil {
		return err
	}
	for len(before)+len(after) > 0 {
		var old, now entry
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].key() < after[0].key():
			old, before = before[0], before[1:]
		case len(before) == 0 || after[0].key() < before[0].key():
			now, after = after[0], after[1:]
		default:
			old, before, now, after = before[0], before[1:], after[0], after[1:]
		}
		if err := d.entry(prefix, old, now, depth); err != nil {
			return err
		}
	}
	return nil
}

// entry compares two entries of one name and one kind, folder or not; either may be missing.
func (d *differ) entry(prefix string, old, now entry, depth int) error {
	if old.id == now.id && old.mode == now.mode {
		return nil
	}
	name := now.name
	if now.id.IsZero() {
		name = old.name
	}
	if err := d.spend(int64(len(prefix) + len(name))); err != nil {
		return err
	}
	if old.isDir() || now.isDir() {
		return d.trees(prefix+name+"/", old.id, now.id, depth+1)
	}
	d.found = append(d.found, FileDiff{
		Path: prefix + name, Old: idOf(old), New: idOf(now), OldMode: modeOf(old.mode), Mode: modeOf(now.mode),
	})
	return nil
}

func (d *differ) spend(path int64) error {
	limits := d.objects.limits
	d.entries++
	d.paths += path
	switch {
	case d.entries > 2*limits.Entries:
		return &TooLargeError{"files and folders that differ", 2 * limits.Entries}
	case d.paths > 2*limits.Paths:
		return &TooLargeError{"bytes of paths that differ", 2 * limits.Paths}
	}
	return nil
}

func idOf(e entry) string {
	if e.id.IsZero() {
		return ""
	}
	return e.id.String()
}

// moved joins a deletion and an addition of the same content.
func moved(found []FileDiff) []FileDiff {
	deleted := map[string][]int{}
	for i, f := range found {
		if f.New == "" {
			deleted[f.Old] = append(deleted[f.Old], i)
		}
	}
	gone := map[int]bool{}
	for i, f := range found {
		if f.Old != "" || len(deleted[f.New]) == 0 {
			continue
		}
		from := deleted[f.New][0]
		deleted[f.New] = deleted[f.New][1:]
		gone[from] = true
		found[i].OldPath, found[i].Old, found[i].OldMode = found[from].Path, f.New, found[from].OldMode
	}
	kept := found[:0]
	for i, f := range found {
		if !gone[i] {
			kept = append(kept, f)
		}
	}
	sort.Slice(kept, func(i, j int) bool { return kept[i].Path < kept[j].Path })
	return kept
}

// ChangedPaths lists every path that differs between two commits, both ends of a move included, sorted.
func (m *Mirror) ChangedPaths(ctx context.Context, a, b string) ([]string, error) {
	diff, err := m.Diff(ctx, a, b)
	if err != nil {
		return nil, err
	}
	paths := make([]string, 0, len(diff))
	for _, f := range diff {
		paths = append(paths, f.Path)
		if f.OldPath != "" {
			paths = append(paths, f.OldPath)
		}
	}
	sort.Strings(paths)
	return paths, nil
}
