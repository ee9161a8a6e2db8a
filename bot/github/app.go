package github

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"
)

// PublicAPI is the address of the API of github.com.
const PublicAPI = "https://api.github.com"

// How long GitHub may take to begin an answer, and to end it. A write that hangs holds up all others.
const (
	headerTimeout = 30 * time.Second
	answerTimeout = 2 * time.Minute
)

// Options say which App to be, where, and how.
type Options struct {
	BaseURL   string            // of the REST API; "": PublicAPI
	AppID     int64             // of the App
	Key       []byte            // its private key, PEM
	UserAgent string            // "": "canonicalize"
	HTTP      http.RoundTripper // nil: one with timeouts
	// Audit is told of every effect after it was tried; nil: nobody is.
	Audit func(context.Context, Effect)
	// Wrap sees every request and answer on the wire; nil: nobody does.
	Wrap  func(http.RoundTripper) http.RoundTripper
	Clock Clock // nil: SystemClock
	// Pacer makes the pacer of an installation; nil: NewPacer with GitHubPace.
	Pacer func(installation int64) Pacer
}

// App acts as the App itself. Its methods may run concurrently.
type App struct {
	lg      *slog.Logger
	opts    Options
	base    *url.URL
	graphQL string
	wire    http.RoundTripper
	api     *github.Client

	mu      sync.Mutex
	clients map[int64]*Client
}

// New checks the options; it asks GitHub nothing.
func New(lg *slog.Logger, opts Options) (*App, error) {
	if opts.BaseURL == "" {
		opts.BaseURL = PublicAPI
	}
	base, err := url.Parse(strings.TrimSuffix(opts.BaseURL, "/") + "/")
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the GitHub address %q is no URL such as %s or https://HOST/api/v3", opts.BaseURL, PublicAPI)
	}
	if opts.AppID <= 0 {
		return nil, errors.New("the GitHub App ID is missing: it stands on the App's settings page")
	}
	if opts.UserAgent == "" {
		opts.UserAgent = "canonicalize"
	}
	if opts.Clock == nil {
		opts.Clock = SystemClock{}
	}
	if opts.Pacer == nil {
		clock := opts.Clock
		opts.Pacer = func(int64) Pacer { return NewPacer(clock, GitHubPace) }
	}
	if opts.HTTP == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.ResponseHeaderTimeout = headerTimeout
		transport.MaxResponseHeaderBytes = 1 << 20
		opts.HTTP = transport
	}
	if opts.Wrap != nil {
		opts.HTTP = opts.Wrap(opts.HTTP)
	}
	a := &App{lg: lg, opts: opts, base: base, graphQL: graphQLOf(base), clients: map[int64]*Client{},
		wire: &retrier{next: &home{opts.HTTP, base}, clock: opts.Clock, timeout: answerTimeout}}
	signer, err := a.signer()
	if err != nil {
		return nil, err
	}
	a.api = a.client(newConditional(signer))
	return a, nil
}

// graphQLOf finds the address beside that of the REST API; on an Enterprise Server it is in another folder.
func graphQLOf(base *url.URL) string {
	address := *base
	address.Path = strings.TrimSuffix(base.Path, "v3/") + "graphql"
	return address.String()
}

// signer signs requests as the App. Each installation has its own: ghinstallation writes to it.
func (a *App) signer() (*ghinstallation.AppsTransport, error) {
	signer, err := ghinstallation.NewAppsTransport(a.wire, a.opts.AppID, a.opts.Key)
	if err != nil {
		return nil, fmt.Errorf("the private key of the GitHub App cannot be used (it is to be the PEM file that GitHub made): %w", err)
	}
	signer.BaseURL = strings.TrimSuffix(a.base.String(), "/")
	return signer, nil
}

func (a *App) client(transport http.RoundTripper) *github.Client {
	client := github.NewClient(&http.Client{Transport: transport})
	client.BaseURL = a.base
	client.UserAgent = a.opts.UserAgent
	return client
}

// Info describes the App, and what its registration lacks.
type Info struct {
	ID          int64
	Slug, Name  string
	Owner, URL  string
	Permissions Permissions
	Events      []string
	Missing     []string // what is to be added on the App's settings page, in words
}

// Login is the user name under which the App acts.
func (i Info) Login() string { return i.Slug + "[bot]" }

// Check asks GitHub who the App is: ErrAuth means that key and ID do not belong together.
func (a *App) Check(ctx context.Context) (Info, error) {
	req, err := a.api.NewRequest(http.MethodGet, "app", nil)
	if err != nil {
		return Info{}, err
	}
	var app struct {
		github.App
		Permissions Permissions `json:"permissions"`
	}
	if _, err := a.api.Do(ctx, req, &app); err != nil {
		return Info{}, explain("ask GitHub about the App", err)
	}
	info := Info{
		ID: app.GetID(), Slug: app.GetSlug(), Name: app.GetName(), Owner: app.GetOwner().GetLogin(),
		URL: app.GetHTMLURL(), Permissions: app.Permissions, Events: app.Events,
	}
	for _, lack := range app.Permissions.lacks(Needed()) {
		info.Missing = append(info.Missing, "permission "+lack)
	}
	for _, event := range NeededEvents() {
		if !slices.Contains(app.Events, event) {
			info.Missing = append(info.Missing, "event "+event)
		}
	}
	return info, nil
}

// Hook is where GitHub delivers the App's webhooks to; "" if it delivers nowhere.
func (a *App) Hook(ctx context.Context) (string, error) {
	hook, _, err := a.api.Apps.GetHookConfig(ctx)
	return hook.GetURL(), explain("ask GitHub where it delivers webhooks", err)
}

// Installation is an account on which the App is installed.
type Installation struct {
	ID          int64
	Account     string
	IsOrg       bool
	Suspended   bool
	AllRepos    bool // not only selected ones
	Permissions Permissions
}

// Installations lists where the App is installed.
func (a *App) Installations(ctx context.Context) ([]Installation, error) {
	list, err := pages(func(page github.ListOptions) ([]*installed, *github.Response, error) {
		req, err := a.api.NewRequest(http.MethodGet, fmt.Sprintf("app/installations?page=%d&per_page=%d", page.Page, page.PerPage), nil)
		if err != nil {
			return nil, nil, err
		}
		var found []*installed
		res, err := a.api.Do(ctx, req, &found)
		return found, res, err
	}, installation)
	return list, explain("list the installations of the App", err)
}

// InstallationFor finds the installation that sees a repository, ErrNotFound if there is none.
func (a *App) InstallationFor(ctx context.Context, owner, repo string) (Installation, error) {
	found, _, err := a.api.Apps.FindRepositoryInstallation(ctx, owner, repo)
	if err != nil {
		return Installation{}, explain("find the installation for "+owner+"/"+repo, err)
	}
	return installation(&installed{*found, permissionsOf(found.Permissions)}), nil
}

// installed is an installation with all of its permissions: go-github's struct knows only some.
type installed struct {
	github.Installation
	Permissions Permissions `json:"permissions"`
}

func installation(i *installed) Installation {
	return Installation{
		ID: i.GetID(), Account: i.GetAccount().GetLogin(), IsOrg: i.GetTargetType() == "Organization",
		Suspended: i.SuspendedAt != nil, AllRepos: i.GetRepositorySelection() == "all",
		Permissions: i.Permissions,
	}
}

// Client acts as an installation; there is one for each.
func (a *App) Client(installation int64) *Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	client := a.clients[installation]
	if client == nil {
		client = newClient(a, installation)
		a.clients[installation] = client
	}
	return client
}

// Installation is Client.
func (a *App) Installation(id int64) *Client { return a.Client(id) }

// Delivery is a webhook that GitHub sent, or tried to; it keeps them for three days.
type Delivery struct {
	ID            int64
	GUID          string // X-GitHub-Delivery; the same on redelivery
	Event, Action string
	DeliveredAt   time.Time
	Redelivery    bool
	StatusCode    int
	Installation  int64
	Repository    int64
}

// OK tells whether the receiver took it.
func (d Delivery) OK() bool { return d.StatusCode >= 200 && d.StatusCode < 300 }

// Deliveries lists recorded webhooks, the newest first, back to a time.
func (a *App) Deliveries(ctx context.Context, since time.Time) ([]Delivery, error) {
	var found []Delivery
	options := &github.ListCursorOptions{PerPage: 100}
	for {
		page, res, err := a.api.Apps.ListHookDeliveries(ctx, options)
		if err != nil {
			return found, explain("list the webhook deliveries of the App", err)
		}
		for _, d := range page {
			if d.GetDeliveredAt().Before(since) {
				return found, nil
			}
			found = append(found, Delivery{
				ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), Action: d.GetAction(),
				DeliveredAt: d.GetDeliveredAt().Time, Redelivery: d.GetRedelivery(), StatusCode: d.GetStatusCode(),
				Installation: d.GetInstallationID(), Repository: d.GetRepositoryID(),
			})
		}
		if res.Cursor == "" {
			return found, nil
		}
		options.Cursor = res.Cursor
	}
}

// Redeliver asks GitHub to send a webhook again.
func (a *App) Redeliver(ctx context.Context, delivery int64) error {
	_, _, err := a.api.Apps.RedeliverHookDelivery(ctx, delivery)
	var accepted *github.AcceptedError
	if errors.As(err, &accepted) {
		err = nil
	}
	a.lg.Info("github write", "operation", "redeliver webhook", "key", delivery, "error", errorText(err))
	return explain(fmt.Sprintf("redeliver webhook %d", delivery), err)
}

// pages gathers all pages of a list.
func pages[T, R any](get func(github.ListOptions) ([]T, *github.Response, error), convert func(T) R) ([]R, error) {
	var found []R
	for page := 1; page > 0; {
		list, res, err := get(github.ListOptions{Page: page, PerPage: 100})
		if err != nil {
			return nil, err
		}
		for _, item := range list {
			found = append(found, convert(item))
		}
		page = res.NextPage
	}
	return found, nil
}
