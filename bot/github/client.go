package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"
)

// Client acts as one installation. Its methods may run concurrently.
type Client struct {
	app   *App
	id    int64
	pacer Pacer
	api   *github.Client // sees all repositories of the installation

	mu     sync.Mutex
	tokens map[string]*source
	apis   map[string]*github.Client
}

func newClient(a *App, id int64) *Client {
	c := &Client{app: a, id: id, pacer: a.opts.Pacer(id), tokens: map[string]*source{}, apis: map[string]*github.Client{}}
	c.api = c.scoped("", nil)
	return c
}

// ID is the installation's.
func (c *Client) ID() int64 { return c.id }

// scoped returns the API by a token for one repository name ("": all) with some permissions (nil: all).
func (c *Client) scoped(fullName string, permissions Permissions) *github.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := fullName + permissions.key()
	api := c.apis[key]
	if api == nil {
		api = c.app.client(newConditional(c.source(fullName, permissions)))
		c.apis[key] = api
	}
	return api
}

func (c *Client) source(fullName string, permissions Permissions) *source {
	key := fullName + permissions.key()
	s := c.tokens[key]
	if s == nil {
		s = &source{client: c, fullName: fullName, permissions: permissions}
		c.tokens[key] = s
	}
	return s
}

// Token returns a token for one repository ("owner/name") with some permissions (nil: all that the installation
// has), good for git and for the API for at least a minute. It is kept until then, and was seen to work: GitHub
// answers 404 to a fresh one for some seconds.
func (c *Client) Token(ctx context.Context, fullName string, permissions Permissions) (string, error) {
	c.mu.Lock()
	s := c.source(fullName, permissions)
	c.mu.Unlock()
	token, err := s.token(ctx, true)
	return token, explain("get a token for "+fullName, err)
}

// Auth returns the credentials of git for one repository, as package git wants them.
func (c *Client) Auth(fullName string, permissions Permissions) func(context.Context) (string, string, error) {
	return func(ctx context.Context) (string, string, error) {
		token, err := c.Token(ctx, fullName, permissions)
		return "x-access-token", token, err
	}
}

// Repositories lists what the installation sees.
func (c *Client) Repositories(ctx context.Context) ([]Repository, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.Repository, *github.Response, error) {
		found, res, err := c.api.Apps.ListRepos(ctx, &page)
		if err != nil {
			return nil, res, err
		}
		return found.Repositories, res, nil
	}, repository)
	return list, explain(fmt.Sprintf("list the repositories of installation %d", c.id), err)
}

// write paces, does and logs one effect.
func (c *Client) write(ctx context.Context, lg *slog.Logger, w Write, do func() error) error {
	w.Campaign = campaign(ctx)
	done, err := c.pacer.Wait(ctx, w)
	if err != nil {
		return fmt.Errorf("%s: %w", w.Operation, err)
	}
	start := c.app.opts.Clock.Now()
	err = explain(w.Operation, do())
	done(err)
	c.Audited(ctx, w.Operation, w.Key, err)
	lg = lg.With("operation", w.Operation, "key", w.Key, "took", c.app.opts.Clock.Now().Sub(start).Round(time.Millisecond))
	if err != nil {
		lg.Warn("github write", "error", err)
	} else {
		lg.Info("github write")
	}
	return err
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

const (
	probes     = 5
	firstProbe = 500 * time.Millisecond
)

// source mints and renews the token of one scope, and is the transport that signs with it.
type source struct {
	client      *Client
	fullName    string
	permissions Permissions

	mu      sync.Mutex
	minter  *ghinstallation.Transport // nil: not yet, or dropped
	settled string                    // the token that was seen to work
}

// token returns a token, one that was seen to work if that is asked for. One caller at a time: the others wait for the
// same.
func (s *source) token(ctx context.Context, proven bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.minter == nil {
		minter, err := s.newMinter()
		if err != nil {
			return "", err
		}
		s.minter = minter
	}
	token, err := s.minter.Token(ctx)
	if s.refusedPermissions(err) {
		token, err = s.tokenForLess(ctx)
	}
	if err != nil {
		return "", err
	}
	if proven && token != s.settled {
		if err := s.settle(ctx, token); err != nil {
			return "", err
		}
		s.settled = token
	}
	return token, nil
}

func (s *source) newMinter() (*ghinstallation.Transport, error) {
	signer, err := s.client.app.signer()
	if err != nil {
		return nil, err
	}
	minter := ghinstallation.NewFromAppsTransport(signer, s.client.id)
	options := &github.InstallationTokenOptions{Permissions: s.permissions.options()}
	if _, name, found := strings.Cut(s.fullName, "/"); found {
		options.Repositories = []string{name}
	}
	minter.InstallationTokenOptions = options
	return minter, nil
}

// refusedPermissions tells that the installation does not hold all that is asked for: a permission that the App came to
// need later has to be accepted by each account first.
func (s *source) refusedPermissions(err error) bool {
	var answer *ghinstallation.HTTPError
	return s.permissions != nil && errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode == http.StatusUnprocessableEntity
}

// tokenForLess asks for what the installation holds of it; what is missing is told by the call that needs it.
func (s *source) tokenForLess(ctx context.Context) (string, error) {
	held, _, err := s.client.app.api.Apps.GetInstallation(ctx, s.client.id)
	if err != nil {
		return "", err
	}
	s.permissions = s.permissions.within(permissionsOf(held.Permissions))
	if s.minter, err = s.newMinter(); err != nil {
		return "", err
	}
	return s.minter.Token(ctx)
}

// settle waits until a fresh token is known everywhere at GitHub.
func (s *source) settle(ctx context.Context, token string) error {
	path := "installation/repositories?per_page=1"
	if s.fullName != "" {
		path = "repos/" + s.fullName
	}
	pause := firstProbe
	for try := 1; ; try++ {
		status, text, err := s.probe(ctx, path, token)
		if err != nil {
			return err
		}
		if status < 400 {
			return nil
		}
		if try == probes || status != http.StatusNotFound && status != http.StatusUnauthorized {
			return nameStatus(status, text)
		}
		if err := s.client.app.opts.Clock.Sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

func (s *source) probe(ctx context.Context, path, token string) (status int, text string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.client.app.base.String()+path, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", s.client.app.opts.UserAgent)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("Authorization", "token "+token)
	res, err := s.client.app.wire.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, _ := io.ReadAll(io.LimitReader(res.Body, 500))
	return res.StatusCode, string(data), nil
}

// RoundTrip signs a request, unless a limit of GitHub's lasts: asking then would prolong it.
func (s *source) RoundTrip(req *http.Request) (*http.Response, error) {
	wait, err := s.client.pacer.Blocked(req.Context())
	if err == nil && wait > patience {
		err = &ErrSecondaryLimit{RetryAfter: wait}
	}
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	res, err := s.sign(req)
	s.client.pacer.Refused(req.Context(), err)
	return res, err
}

// sign does the request with a token. One that was revoked before its time (the installation was suspended and is
// back, the permissions changed) is replaced once: nothing happens on GitHub by a request that it answers with 401.
func (s *source) sign(req *http.Request) (*http.Response, error) {
	token, err := s.token(req.Context(), false)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	res, err := s.sendFresh(req, token)
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		return res, err
	}
	again, err := rewound(req)
	if err != nil || req.Body != nil && req.GetBody == nil {
		return res, nil
	}
	res.Body.Close()
	s.drop(token)
	if token, err = s.token(req.Context(), false); err != nil {
		return nil, err
	}
	return s.send(again, token)
}

// sendFresh repeats what GitHub answers as if it did not know the token, until that was seen to work once: nothing happens
// by such a request, and asking apart whether it works would cost one more.
func (s *source) sendFresh(req *http.Request, token string) (*http.Response, error) {
	pause := firstProbe
	for try := 1; ; try++ {
		res, err := s.send(req, token)
		if err != nil || s.works(token, res.StatusCode < 400) || try == probes ||
			res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusUnauthorized || req.Body != nil && req.GetBody == nil {
			return res, err
		}
		res.Body.Close()
		if req, err = rewound(req); err != nil {
			return nil, err
		}
		if err := s.client.app.opts.Clock.Sleep(req.Context(), pause); err != nil {
			return nil, err
		}
		pause *= 2
	}
}

// works tells whether a token was seen to work, now or before.
func (s *source) works(token string, now bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now {
		s.settled = token
	}
	return s.settled == token
}

func (s *source) send(req *http.Request, token string) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "token "+token)
	return s.client.app.wire.RoundTrip(req)
}

// drop forgets a token unless another one has taken its place.
func (s *source) drop(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled == token || s.settled == "" {
		s.minter, s.settled = nil, ""
	}
}
