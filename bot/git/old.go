package git

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// What follows serves servers that speak version 0 only: every session begins with all references, and trees
// come with their contents.

func (m *Mirror) uploadPack(ctx context.Context) (transport.UploadPackSession, *packp.AdvRefs, error) {
	endpoint, err := transport.NewEndpoint(m.url)
	if err != nil {
		return nil, nil, err
	}
	var auth transport.AuthMethod
	if m.auth != nil {
		user, password, err := m.auth(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("credentials: %w", err)
		}
		auth = &githttp.BasicAuth{Username: user, Password: password}
	}
	session, err := githttp.NewClient(m.http).NewUploadPackSession(endpoint, auth)
	if err != nil {
		return nil, nil, err
	}
	refs, err := session.AdvertisedReferencesContext(ctx)
	if err != nil {
		session.Close()
		return nil, nil, translate(err)
	}
	return session, refs, nil
}

func (m *Mirror) advertised(ctx context.Context, prefix string) (map[string]string, error) {
	session, refs, err := m.uploadPack(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	found := map[string]string{}
	for name, id := range refs.References {
		if strings.HasPrefix(name, prefix) {
			found[name] = id.String()
			if commit, ok := refs.Peeled[name]; ok {
				found[name] = commit.String()
			}
		}
	}
	return found, nil
}

func (m *Mirror) fetchOld(ctx context.Context, shas []string) error {
	session, refs, err := m.uploadPack(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	request := packp.NewUploadPackRequestFromCapabilities(refs.Capabilities)
	if err := request.Capabilities.Set(capability.Shallow); err != nil {
		return err
	}
	request.Capabilities.Delete(capability.ThinPack)
	request.Depth = packp.DepthCommits(1)
	for _, sha := range shas {
		request.Wants = append(request.Wants, plumbing.NewHash(sha))
	}
	response, err := session.UploadPack(ctx, request)
	if err != nil {
		return fmt.Errorf("%s: %w", m.url, translate(err))
	}
	defer response.Close()
	var pack io.Reader = response
	if request.Capabilities.Supports(capability.Sideband64k) {
		pack = sideband.NewDemuxer(sideband.Sideband64k, response)
	}
	if err := m.objects.store(pack, false); err != nil {
		return err
	}
	return m.objects.changeShallow(shas, nil)
}
