package git

import (
	"errors"
	"runtime"
	"slices"
	"sync"

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
	id    plumbing.Hash
	files []File // all below it, sorted by path
	sub   map[string]*folder
}

// list returns every file of a tree.
func (l *Listing) list(o *objects, id plumbing.Hash) ([]File, error) {
	l.mu.Lock()
	last := l.root
	l.mu.Unlock()
	r := lister{o, make(chan struct{}, runtime.GOMAXPROCS(0)-1)}
	root, err := r.list("", id, last)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.root = root
	l.mu.Unlock()
	return root.files, nil
}

// lister lists folders, one beside another while there are slots for it.
type lister struct {
	objects *objects
	slots   chan struct{}
}

// list reads a folder. Last is what stood at its path before, nil if nothing did.
func (l *lister) list(prefix string, id plumbing.Hash, last *folder) (*folder, error) {
	if last != nil && last.id == id {
		return last, nil
	}
	entries, err := l.objects.tree(id)
	if err != nil {
		return nil, err
	}
	parts, errs := make([][]File, len(entries)), make([]error, len(entries))
	subs := make([]*folder, len(entries))
	var beside sync.WaitGroup
	for i, e := range entries {
		path := prefix + e.name
		if !e.isDir() {
			parts[i] = []File{{Path: path, ID: e.id.String(), Size: -1, Mode: modeOf(e.mode)}}
			continue
		}
		read := func() { subs[i], errs[i] = l.list(path+"/", e.id, last.at(e.name)) }
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
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out := &folder{id: id, sub: map[string]*folder{}}
	for i, sub := range subs {
		if sub != nil {
			parts[i], out.sub[entries[i].name] = sub.files, sub
		}
	}
	out.files = slices.Concat(parts...)
	return out, nil
}

func (f *folder) at(name string) *folder {
	if f == nil {
		return nil
	}
	return f.sub[name]
}
