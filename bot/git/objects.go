package git

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// ErrNotFound says that an object, a path or a reference does not exist.
var ErrNotFound = errors.New("not found")

const (
	// readerCache is what each reader keeps of decompressed objects: the bases of deltas.
	readerCache = 16 * cache.MiByte
	// looseLimit is the number of objects below which a pack is taken apart into loose objects: every pack
	// costs each later look-up.
	looseLimit = 100
)

// objects reads and adds the objects of one git directory. A go-git storage is for one goroutine at a time, so
// there is a pool of them; what was written makes those opened before stale.
type objects struct {
	dir     string
	listing *Listing
	limits  Limits
	ours    bool // a mirror, which can be fetched anew
	broken  atomic.Bool

	mu         sync.Mutex
	idle       []*reader
	generation int
	pending    map[plumbing.Hash]plumbing.EncodedObject // made here, not yet pushed
}

type reader struct {
	*filesystem.Storage
	generation int
}

func newObjects(dir string) *objects {
	return &objects{dir: dir, listing: &Listing{}, limits: DefaultLimits, pending: map[plumbing.Hash]plumbing.EncodedObject{}}
}

func (o *objects) acquire() *reader {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.idle); n > 0 {
		r := o.idle[n-1]
		o.idle = o.idle[:n-1]
		return r
	}
	storage := filesystem.NewStorageWithOptions(osfs.New(o.dir), cache.NewObjectLRU(readerCache),
		filesystem.Options{KeepDescriptors: true, LargeObjectThreshold: o.limits.threshold()})
	return &reader{storage, o.generation}
}

func (o *objects) release(r *reader) {
	o.mu.Lock()
	stale := r.generation != o.generation
	if !stale {
		o.idle = append(o.idle, r)
	}
	o.mu.Unlock()
	if stale {
		r.Close()
	}
}

// refresh retires the readers that do not know what was just written.
func (o *objects) refresh() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.generation++
	for _, r := range o.idle {
		r.Close()
	}
	o.idle = nil
}

func (o *objects) made(id plumbing.Hash) plumbing.EncodedObject {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pending[id]
}

// read returns the content of an object of the given kind; ErrNotFound when it is not here. One beyond the limit of
// its kind is a *TooLargeError by the size that it declares.
func (o *objects) read(kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
	if object := o.made(id); object != nil {
		return content(object)
	}
	r := o.acquire()
	defer o.release(r)
	object, err := r.EncodedObject(kind, id)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return nil, fmt.Errorf("git %s %s: %w", kind, id, ErrNotFound)
	}
	if err != nil {
		return nil, o.unreadable(fmt.Errorf("read git %s %s: %w", kind, id, err))
	}
	if limit := o.limits.of(kind); object.Size() > limit {
		return nil, &TooLargeError{fmt.Sprintf("git %s %s: bytes", kind, id), limit}
	}
	data, err := content(object)
	if err != nil {
		return nil, o.unreadable(err)
	}
	return data, nil
}

// sizes returns how many bytes objects declare to have, which costs no reading of them.
func (o *objects) sizes(ids []plumbing.Hash) ([]int64, error) {
	r := o.acquire()
	defer o.release(r)
	out := make([]int64, len(ids))
	for i, id := range ids {
		if object := o.made(id); object != nil {
			out[i] = object.Size()
			continue
		}
		size, err := r.EncodedObjectSize(id)
		if err != nil {
			return nil, o.unreadable(fmt.Errorf("measure git object %s: %w", id, err))
		}
		out[i] = size
	}
	return out, nil
}

func content(object plumbing.EncodedObject) ([]byte, error) {
	in, err := object.Reader()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data := make([]byte, object.Size())
	if _, err := io.ReadFull(in, data); err != nil {
		return nil, fmt.Errorf("read git object %s: %w", object.Hash(), err)
	}
	return data, nil
}

// missing returns those of the objects that are not here, each once.
func (o *objects) missing(ids []plumbing.Hash) ([]plumbing.Hash, error) {
	r := o.acquire()
	defer o.release(r)
	var absent []plumbing.Hash
	seen := make(map[plumbing.Hash]bool, len(ids))
	for _, id := range ids {
		if seen[id] || o.made(id) != nil {
			continue
		}
		seen[id] = true
		switch err := r.HasEncodedObject(id); {
		case errors.Is(err, plumbing.ErrObjectNotFound):
			absent = append(absent, id)
		case err != nil:
			return nil, o.unreadable(fmt.Errorf("look for git object %s: %w", id, err))
		}
	}
	return absent, nil
}

// make adds an object that exists in memory until it is pushed.
func (o *objects) make(kind plumbing.ObjectType, data []byte) plumbing.Hash {
	object := new(plumbing.MemoryObject)
	object.SetType(kind)
	object.Write(data) // never fails: it appends to memory
	id := object.Hash()
	o.mu.Lock()
	o.pending[id] = object
	o.mu.Unlock()
	return id
}

// store adds what a server sent. A pack with deltas against objects that are here already (a thin pack) and a
// small one become loose objects; go-git's pack writer cannot complete the former.
func (o *objects) store(pack io.Reader, thin bool) error {
	in := bufio.NewReaderSize(limited(pack, "a transfer", o.limits.Pack), 1<<16)
	head, err := in.Peek(12)
	if err != nil {
		return fmt.Errorf("read the head of a pack: %w", err)
	}
	count := binary.BigEndian.Uint32(head[8:])
	if count == 0 {
		_, err := io.Copy(io.Discard, in)
		return err
	}
	defer o.refresh()
	r := o.acquire()
	defer o.release(r)
	if thin || count < looseLimit {
		return storeLoose(r.Storage, in, o.limits)
	}
	if err := packfile.WritePackfileToObjectStorage(r.Storage, in); err != nil {
		return fmt.Errorf("store a pack of %d objects: %w", count, err)
	}
	return nil
}

func storeLoose(storage *filesystem.Storage, in io.Reader, l Limits) error {
	loose := struct{ storer.EncodedObjectStorer }{storage} // hides the pack writer
	parser, err := packfile.NewParserWithStorage(packfile.NewScanner(in), loose, declared{l})
	if err == nil {
		_, err = parser.Parse()
	}
	if err != nil {
		return fmt.Errorf("store the objects of a pack: %w", err)
	}
	return nil
}

// shallow reads the commits whose parents are not here, oldest fetch first.
func (o *objects) shallow() ([]plumbing.Hash, error) {
	r := o.acquire()
	defer o.release(r)
	return r.Shallow()
}

// changeShallow adds and takes commits from that list. It replaces the file by a rename, so that no moment
// exists in which the list is cut.
func (o *objects) changeShallow(add, remove []string) error {
	present, err := o.shallow()
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, sha := range append(remove, add...) {
		gone[sha] = true
	}
	var text []byte
	for _, id := range present {
		if !gone[id.String()] {
			text = append(text, id.String()+"\n"...)
		}
	}
	for _, sha := range add {
		text = append(text, sha+"\n"...)
	}
	next := filepath.Join(o.dir, "shallow.new")
	if err := os.WriteFile(next, text, 0o644); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(o.dir, "shallow"))
}

func (o *objects) close() { o.refresh() }
