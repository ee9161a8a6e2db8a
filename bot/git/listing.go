package git

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"
)

// Listing remembers the folders of the commit that was listed last, so that listing the next one reads only
// those that differ. The zero value is ready; it is safe for concurrent use, and outlives the mirror that uses it.
type Listing struct {
	mu   sync.Mutex
	root *folder
}

// folder is a folder of a commit. It is not modified.
type folder struct {
	id      plumbing.Hash
	entries []listed // in the order of their paths
	sub     map[string]*folder
	count   int64 // of all entries below it
	paths   int64 // bytes of all paths below it
}

// listed is a file, or a folder with what is in it.
type listed struct {
	file   File
	folder *folder // nil: a file
}

// list returns every file of a tree, or a *TooLargeError.
func (l *Listing) list(ctx context.Context, o *objects, id plumbing.Hash) ([]File, error) {
	l.mu.Lock()
	last := l.root
	l.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := lister{objects: o, slots: make(chan struct{}, runtime.GOMAXPROCS(0)-1), cancel: cancel}
	root := r.list(ctx, "", id, last, 0)
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.root = root
	l.mu.Unlock()
	return root.flatten(make([]File, 0, root.count)), nil
}

// forget drops what is remembered.
func (l *Listing) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.root = nil
}

// flatten appends the files of a folder.
func (f *folder) flatten(all []File) []File {
	for _, e := range f.entries {
		if e.folder != nil {
			all = e.folder.flatten(all)
		} else {
			all = append(all, e.file)
		}
	}
	return all
}

// lister lists folders, one beside another while there are slots for it. The first fault ends all of it.
type lister struct {
	objects        *objects
	slots          chan struct{}
	cancel         context.CancelCauseFunc
	entries, paths atomic.Int64
}

// list reads a folder. Last is what stood at its path before, nil if nothing did.
func (l *lister) list(ctx context.Context, prefix string, id plumbing.Hash, last *folder, depth int) *folder {
	if last != nil && last.id == id {
		l.spend(last.count, last.paths, depth)
		return last
	}
	if ctx.Err() != nil {
		return nil
	}
	entries, err := l.objects.tree(id)
	if err != nil {
		l.cancel(err)
		return nil
	}
	out := &folder{id: id, entries: make([]listed, len(entries)), sub: map[string]*folder{}, count: int64(len(entries))}
	for _, e := range entries {
		out.paths += int64(len(prefix) + len(e.name))
	}
	l.spend(out.count, out.paths, depth)
	l.fill(ctx, out, prefix, entries, last, depth)
	return out
}

// fill puts the entries into a folder, with all that is below them.
func (l *lister) fill(ctx context.Context, out *folder, prefix string, entries []entry, last *folder, depth int) {
	var beside sync.WaitGroup
	for i, e := range entries {
		if ctx.Err() != nil {
			break
		}
		path := prefix + e.name
		if !e.isDir() {
			out.entries[i].file = File{Path: path, ID: e.id.String(), Size: -1, Mode: modeOf(e.mode)}
			continue
		}
		read := func() { out.entries[i].folder = l.list(ctx, path+"/", e.id, last.at(e.name), depth+1) }
		select {
		case l.slots <- struct{}{}:
			beside.Go(func() {
				read()
				<-l.slots
			})
		default:
			read()
		}
	}
	beside.Wait()
	for i, e := range out.entries {
		if e.folder != nil {
			out.sub[entries[i].name] = e.folder
			out.count += e.folder.count
			out.paths += e.folder.paths
		}
	}
}

// spend ends the listing where a commit is beyond a limit.
func (l *lister) spend(entries, paths int64, depth int) {
	limits := l.objects.limits
	switch {
	case l.entries.Add(entries) > limits.Entries:
		l.cancel(&TooLargeError{"files and folders", limits.Entries})
	case l.paths.Add(paths) > limits.Paths:
		l.cancel(&TooLargeError{"bytes of paths", limits.Paths})
	case depth > limits.Depth:
		l.cancel(&TooLargeError{"folders in folders", int64(limits.Depth)})
	}
}

func (f *folder) at(name string) *folder {
	if f == nil {
		return nil
	}
	return f.sub[name]
}
