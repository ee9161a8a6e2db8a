package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/canonicalize/canonicalize/bot/git/wire"
)

// maxHaves bounds how many commits a fetch names as present: the newest are the nearest to what is asked for.
const maxHaves = 16

type counter struct{ atomic.Int64 }

// Received is the number of bytes of packs that came from the server since Open.
func (m *Mirror) Received() int64 { return m.received.Load() }

// Refs lists the server's references that begin with prefix, as full names to SHAs, of an annotated tag that of its
// commit. Only those are transferred.
func (m *Mirror) Refs(ctx context.Context, prefix string) (map[string]string, error) {
	if _, err := m.wire.Capabilities(ctx); errors.Is(err, wire.ErrVersion) {
		return m.advertised(ctx, prefix)
	} else if err != nil {
		return nil, translate(err)
	}
	refs, err := m.wire.Refs(ctx, prefix)
	if err != nil {
		return nil, translate(err)
	}
	found := make(map[string]string, len(refs))
	for _, ref := range refs {
		if strings.HasPrefix(ref.Name, prefix) { // a server may send more than was asked for
			found[ref.Name] = cmp.Or(ref.Peeled, ref.SHA)
		}
	}
	return found, nil
}

// Fetch brings a commit here, given by the full name of a reference or by its SHA: the commit, its trees, and
// the contents that Wanted names; other contents come when they are read. A server without partial clones
// sends everything. What is here already is not sent again, and a complete commit costs no request beyond the
// look-up of a name. A reference that does not exist is ErrNotFound.
func (m *Mirror) Fetch(ctx context.Context, ref string) (string, error) {
	sha := ref
	if !wire.IsSHA(ref) {
		refs, err := m.Refs(ctx, ref)
		if err != nil {
			return "", fmt.Errorf("fetch %s: %w", ref, err)
		}
		if sha = refs[ref]; sha == "" {
			return "", fmt.Errorf("fetch %s from %s: %w", ref, m.url, ErrNotFound)
		}
	}
	m.fetching.Lock()
	defer m.fetching.Unlock()
	if err := m.bringAnew(ctx, sha); err != nil {
		return "", fmt.Errorf("fetch %s: %w", ref, err)
	}
	return sha, nil
}

// bring makes one commit complete. Whether it is, is judged by what can be read, never by a note of it.
func (m *Mirror) bring(ctx context.Context, sha string) error {
	if _, known := m.complete.Load(sha); known {
		return nil
	}
	tree, err := m.Tree(ctx, sha)
	if errors.Is(err, ErrNotFound) {
		if err := m.fetchCommits(ctx, sha); err != nil {
			return err
		}
		tree, err = m.Tree(ctx, sha)
	}
	if err != nil {
		return err
	}
	wanted := tree.wanted()
	if err := tree.tooMany(wanted); err != nil {
		return err
	}
	ids := tree.idsAt(wanted)
	absent, err := m.objects.missing(ids)
	if err == nil && len(absent) > 0 {
		err = m.fetchBlobs(ctx, absent)
	}
	if err == nil {
		err = tree.measure(wanted, ids)
	}
	if err == nil {
		m.complete.Store(sha, tree)
	}
	return err
}

// FetchCommits brings several commits here with their trees, but without contents, in one request.
func (m *Mirror) FetchCommits(ctx context.Context, shas ...string) error {
	m.fetching.Lock()
	defer m.fetching.Unlock()
	var absent []string
	for _, sha := range shas {
		if _, err := m.Tree(ctx, sha); errors.Is(err, ErrNotFound) {
			absent = append(absent, sha)
		} else if err != nil {
			return err
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return m.fetchCommits(ctx, absent...)
}

func (m *Mirror) fetchCommits(ctx context.Context, shas ...string) error {
	caps, err := m.wire.Capabilities(ctx)
	if errors.Is(err, wire.ErrVersion) {
		return m.fetchOld(ctx, shas)
	}
	if err != nil {
		return translate(err)
	}
	known, err := m.known(shas)
	if err != nil {
		return err
	}
	request := wire.FetchRequest{Wants: shas, Haves: last(known, maxHaves), Shallows: known, Depth: 1}
	request.Thin = len(known) > 0
	if caps.Filter {
		request.Filter = "blob:none"
		if err := m.markPartial(); err != nil {
			return err
		}
	} else if m.partial() {
		request.Thin = false // the server would use contents as bases that are not here
	}
	return m.transfer(ctx, request)
}

// known lists the commits that were fetched whole, save those that are wanted.
func (m *Mirror) known(wanted []string) ([]string, error) {
	ids, err := m.objects.shallow()
	if err != nil {
		return nil, fmt.Errorf("read the shallow commits of %s: %w", m.dir, err)
	}
	var known []string
	for _, id := range ids {
		if sha := id.String(); !contains(wanted, sha) {
			known = append(known, sha)
		}
	}
	return known, nil
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

func last(list []string, n int) []string { return list[max(0, len(list)-n):] }

// A mirror that ever fetched without contents is partial for good.
func (m *Mirror) partialMark() string { return filepath.Join(m.dir, "partial") }

func (m *Mirror) markPartial() error { return os.WriteFile(m.partialMark(), nil, 0o644) }

func (m *Mirror) partial() bool {
	_, err := os.Stat(m.partialMark())
	return err == nil
}

// transfer stores what the server sends for a request. The list of shallow commits follows the objects: a
// commit in it is one that the server may build on.
func (m *Mirror) transfer(ctx context.Context, request wire.FetchRequest) error {
	response, err := m.wire.Fetch(ctx, request)
	if err != nil {
		return translate(err)
	}
	defer response.Close()
	err = m.objects.store(response, request.Thin)
	m.received.Add(response.Bytes())
	if err != nil {
		return translate(err)
	}
	if len(response.Shallow)+len(response.Unshallow) == 0 {
		return nil
	}
	if err := m.objects.changeShallow(response.Shallow, response.Unshallow); err != nil {
		return fmt.Errorf("note the shallow commits of %s: %w", m.dir, err)
	}
	return nil
}

// fetchBlobs asks for single contents by their SHA.
func (m *Mirror) fetchBlobs(ctx context.Context, ids []plumbing.Hash) error {
	wants := make([]string, len(ids))
	for i, id := range ids {
		wants[i] = id.String()
	}
	return m.transfer(ctx, wire.FetchRequest{Wants: wants})
}

// lazyQueue gathers the contents that readers wait for while a transfer is under way into one next request.
type lazyQueue struct {
	mu   sync.Mutex
	next *lazyBatch
}

type lazyBatch struct {
	ids  []plumbing.Hash
	done chan struct{}
	err  error
}

// lazily fetches contents together with those that others ask for meanwhile.
func (m *Mirror) lazily(ctx context.Context, ids []plumbing.Hash) error {
	m.lazy.mu.Lock()
	batch, leads := m.lazy.next, false
	if batch == nil {
		batch, leads = &lazyBatch{done: make(chan struct{})}, true
		m.lazy.next = batch
	}
	batch.ids = append(batch.ids, ids...)
	m.lazy.mu.Unlock()
	if leads {
		m.serve(ctx, batch)
	}
	<-batch.done
	return batch.err
}

func (m *Mirror) serve(ctx context.Context, batch *lazyBatch) {
	m.fetching.Lock()
	defer m.fetching.Unlock()
	defer close(batch.done)
	m.lazy.mu.Lock()
	m.lazy.next = nil
	m.lazy.mu.Unlock()
	absent, err := m.objects.missing(batch.ids)
	if err == nil && len(absent) > 0 {
		err = m.fetchBlobs(ctx, absent)
	}
	batch.err = err
}
