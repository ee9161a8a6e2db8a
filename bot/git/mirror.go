package git

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/canonicalize/canonicalize/bot/git/wire"
)

// ErrLocked says that another process has the mirror open.
var ErrLocked = errors.New("the mirror is in use by another process")

// Auth returns user and password for one request to the server; a nil Auth means an anonymous client.
type Auth = wire.Auth

// Mirror is a bare, shallow, partial copy of a remote repository. Its methods may run concurrently.
type Mirror struct {
	dir, url string
	auth     Auth
	http     *http.Client
	wire     *wire.Client
	lock     *os.File
	objects  *objects

	fetching sync.Mutex // one transfer at a time
	lazy     lazyQueue
	complete sync.Map // commit → *Tree, for commits known to be here with what is wanted of them
	received counter
}

// Open opens the mirror in dir of the repository at url (smart HTTP), creating it if needed, and cleans up what
// a killed process left behind. One process at a time may hold it: ErrLocked.
func Open(dir, url string, auth Auth) (*Mirror, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("open git mirror %s: %w", dir, err)
	}
	lock, err := lockFile(dir + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open git mirror %s: %w", dir, err)
	}
	if err := prepare(dir); err != nil {
		lock.Close()
		return nil, fmt.Errorf("open git mirror %s: %w", dir, err)
	}
	return newMirror(dir, url, auth, lock), nil
}

func newMirror(dir, url string, auth Auth, lock *os.File) *Mirror {
	client := &http.Client{CheckRedirect: redirects(auth != nil), Transport: &impatient{http.DefaultTransport, patience}}
	objects := newObjects(dir)
	objects.ours = true
	return &Mirror{
		dir: dir, url: strings.TrimSuffix(url, "/"), auth: auth, lock: lock,
		http: client, wire: wire.New(url, client, auth), objects: objects,
	}
}

// redirects keeps net/http from turning a redirected POST into a GET: the address of the repository is the caller's to
// renew. Credentials stay with the server that they are for.
func redirects(signed bool) func(req *http.Request, via []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		from := via[0].URL
		switch {
		case via[0].Method == http.MethodPost:
			return fmt.Errorf("the repository moved to %s", req.URL.Redacted())
		case signed && (req.URL.Scheme != from.Scheme || req.URL.Host != from.Host):
			return fmt.Errorf("the git server leads to %s://%s, where credentials are not sent", req.URL.Scheme, req.URL.Host)
		case len(via) > 5:
			return errors.New("too many redirects")
		}
		return nil
	}
}

// prepare makes dir a bare repository whatever state it was left in.
func prepare(dir string) error {
	if err := finishSwap(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, brokenMark)); err == nil {
		if err := setAside(dir); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err == nil {
		return cleanPacks(dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	storage := filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRU(0))
	if err := storage.Init(); err != nil {
		return err
	}
	config, err := storage.Config()
	if err != nil {
		return err
	}
	config.Core.IsBare = true
	if err := storage.SetConfig(config); err != nil {
		return err
	}
	// HEAD comes last: its presence says that the rest is there.
	return storage.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, plumbing.Main))
}

// cleanPacks removes what a process leaves that is killed while it writes: temporary files, and an index
// without its pack or a pack without its index.
func cleanPacks(dir string) error {
	folder := filepath.Join(dir, "objects", "pack")
	names, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	present := map[string]bool{}
	for _, name := range names {
		present[name.Name()] = true
	}
	for name := range present {
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".pack"), ".idx")
		whole := present[stem+".pack"] && present[stem+".idx"]
		if strings.HasPrefix(name, "tmp_") || (stem != name && !whole) {
			if err := os.Remove(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishSwap ends a renewal that was killed: the folder that was to be replaced counts until the new one has
// taken its place.
func finishSwap(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := os.Rename(dir+oldSuffix, dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return errors.Join(os.RemoveAll(dir+newSuffix), os.RemoveAll(dir+oldSuffix))
}

// Close releases the mirror.
func (m *Mirror) Close() error {
	m.objects.close()
	return m.lock.Close()
}

// Remember has the mirror list commits with what is known of others. It is called before the mirror is used.
func (m *Mirror) Remember(l *Listing) { m.objects.listing = l }

// Limit sets other limits than DefaultLimits. It is called before the mirror is used.
func (m *Mirror) Limit(l Limits) { m.objects.limits = l }

// Tree lists the files of a commit that was fetched or made here. The context also ends what the tree fetches later.
func (m *Mirror) Tree(ctx context.Context, sha string) (*Tree, error) {
	if known, found := m.complete.Load(sha); found {
		t := *known.(*Tree)
		t.ctx = ctx
		return &t, nil
	}
	t, err := newTree(ctx, m.objects, sha)
	if err != nil {
		return nil, err
	}
	t.fetch = m.lazily
	return t, nil
}

// Info describes a commit that is here.
func (m *Mirror) Info(sha string) (Info, error) { return m.objects.info(sha) }

// Diff lists the files that differ between two commits; see FileDiff.
func (m *Mirror) Diff(ctx context.Context, a, b string) ([]FileDiff, error) {
	return m.objects.diff(ctx, a, b)
}
