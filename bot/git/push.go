package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/canonicalize/canonicalize/bot/git/wire"
)

// Errors of a push or a fetch that a caller tells apart.
var (
	ErrLease              = errors.New("the branch is not where it was expected to be")
	ErrProtected          = errors.New("the branch is protected")
	ErrDenied             = errors.New("the server declined the update")
	ErrAuth               = wire.ErrAuth
	ErrRepositoryNotFound = wire.ErrNotFound
	ErrFormat             = wire.ErrFormat
)

// RefUpdate moves one reference of the server. Old is the lease: the update is refused unless the reference is
// there now; "" means that it must not exist. New "" deletes. Names are full ("refs/heads/x").
type RefUpdate struct{ Name, Old, New string }

// RefResult is what became of an update. Err is nil, or wraps ErrLease, ErrProtected or ErrDenied with all that
// the server and its hooks said about the reference.
type RefResult struct {
	Name string
	Err  error
}

// deltaWindow is how many objects the encoder tries as the base of each: trees of sibling branches are alike.
const deltaWindow = 10

// Push moves references in one session, with one pack of exactly the objects that were made here for them. The
// results are in the order of the updates; the error is of the session as a whole, and then nothing is known to
// have moved. Each update stands for itself: one may be refused and another taken. Auth is whose writing it is: what a
// mirror was opened with may be for reading only; nil is that.
func (m *Mirror) Push(ctx context.Context, auth Auth, updates []RefUpdate) ([]RefResult, error) {
	if len(updates) == 0 {
		return nil, nil
	}
	request, pack, err := m.pushRequest(updates)
	if err != nil {
		return nil, fmt.Errorf("push to %s: %w", m.url, err)
	}
	var progress bytes.Buffer
	request.Progress = &progress
	report, err := m.receivePack(ctx, auth, request)
	if err != nil {
		return nil, fmt.Errorf("push to %s: %w", m.url, translate(err))
	}
	results := readReport(updates, report, progress.String())
	return results, m.settle(updates, results, pack)
}

func (m *Mirror) pushRequest(updates []RefUpdate) (*packp.ReferenceUpdateRequest, []byte, error) {
	request := packp.NewReferenceUpdateRequest()
	for _, name := range []capability.Capability{capability.ReportStatus, capability.Sideband64k, capability.DeleteRefs} {
		if err := request.Capabilities.Set(name); err != nil {
			return nil, nil, err
		}
	}
	onlyDeletes := true
	for _, u := range updates {
		if u.New == "" && u.Old == "" {
			return nil, nil, fmt.Errorf("delete %s: where it is expected to be is needed", u.Name)
		}
		onlyDeletes = onlyDeletes && u.New == ""
		request.Commands = append(request.Commands, &packp.Command{
			Name: plumbing.ReferenceName(u.Name), Old: plumbing.NewHash(u.Old), New: plumbing.NewHash(u.New),
		})
	}
	if onlyDeletes {
		return request, nil, nil
	}
	pack, err := m.objects.pack(m.objects.unpushed(updates))
	if err != nil {
		return nil, nil, err
	}
	request.Packfile = io.NopCloser(bytes.NewReader(pack))
	return request, pack, nil
}

func (m *Mirror) receivePack(ctx context.Context, with Auth, request *packp.ReferenceUpdateRequest) (*packp.ReportStatus, error) {
	endpoint, err := transport.NewEndpoint(m.url)
	if err != nil {
		return nil, err
	}
	if with == nil {
		with = m.auth
	}
	var auth transport.AuthMethod
	if with != nil {
		user, password, err := with(ctx)
		if err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		auth = &githttp.BasicAuth{Username: user, Password: password}
	}
	session, err := githttp.NewClient(m.http).NewReceivePackSession(endpoint, auth)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	report, err := session.ReceivePack(ctx, request)
	if report != nil {
		return report, nil // the error repeats the first line of the report
	}
	if err == nil {
		err = errors.New("the server answered nothing")
	}
	return nil, err
}

// unpushed lists the objects that were made here and are reached from what the updates point to.
func (o *objects) unpushed(updates []RefUpdate) []plumbing.EncodedObject {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []plumbing.EncodedObject
	seen := map[plumbing.Hash]bool{}
	var visit func(id plumbing.Hash)
	visit = func(id plumbing.Hash) {
		object := o.pending[id]
		if object == nil || seen[id] {
			return
		}
		seen[id] = true
		found = append(found, object)
		for _, next := range links(object) {
			visit(next)
		}
	}
	for _, u := range updates {
		if u.New != "" {
			visit(plumbing.NewHash(u.New))
		}
	}
	return found
}

// links lists what a commit or a tree points to.
func links(object plumbing.EncodedObject) []plumbing.Hash {
	data, err := content(object)
	if err != nil {
		return nil
	}
	var ids []plumbing.Hash
	switch object.Type() {
	case plumbing.CommitObject:
		for _, line := range strings.Split(string(data), "\n") {
			word, sha, _ := strings.Cut(line, " ")
			if word != "tree" && word != "parent" {
				break
			}
			ids = append(ids, plumbing.NewHash(sha))
		}
	case plumbing.TreeObject:
		entries, _ := parseTree(data) // it was encoded here
		for _, e := range entries {
			ids = append(ids, e.id)
		}
	}
	return ids
}

func (o *objects) pack(list []plumbing.EncodedObject) ([]byte, error) {
	storage := memory.NewStorage()
	ids := make([]plumbing.Hash, 0, len(list))
	for _, object := range list {
		id, err := storage.SetEncodedObject(object)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	var out bytes.Buffer
	if _, err := packfile.NewEncoder(&out, storage, false).Encode(ids, deltaWindow); err != nil {
		return nil, fmt.Errorf("encode a pack of %d objects: %w", len(ids), err)
	}
	return out.Bytes(), nil
}

// settle keeps what the server took, on disk, and forgets it in memory, save what a refused update still needs.
func (m *Mirror) settle(updates []RefUpdate, results []RefResult, pack []byte) error {
	var taken, refused []RefUpdate
	for i, u := range updates {
		if results[i].Err == nil {
			taken = append(taken, u)
		} else {
			refused = append(refused, u)
		}
	}
	gone := m.objects.unpushed(taken)
	if len(gone) == 0 {
		return nil
	}
	if err := m.objects.store(bytes.NewReader(pack), false); err != nil {
		return fmt.Errorf("keep what was pushed to %s: %w", m.url, err)
	}
	needed := map[plumbing.Hash]bool{}
	for _, object := range m.objects.unpushed(refused) {
		needed[object.Hash()] = true
	}
	m.objects.forget(gone, needed)
	return nil
}

func (o *objects) forget(list []plumbing.EncodedObject, keep map[plumbing.Hash]bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, object := range list {
		if id := object.Hash(); !keep[id] {
			delete(o.pending, id)
		}
	}
}
