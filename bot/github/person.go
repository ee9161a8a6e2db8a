package github

import (
	"context"
	"net/http"

	"github.com/google/go-github/v62/github"
)

// People asks with the tokens of people who signed in.
type People struct{ app *App }

// People is for pages that show each person what they may read.
func (a *App) People() People { return People{a} }

// bearer adds a person's token.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(req)
}

func (p People) client(token string) *github.Client {
	return p.app.client(bearer{token, p.app.wire})
}

// Login is whose token it is.
func (p People) Login(ctx context.Context, token string) (string, error) {
	user, _, err := p.client(token).Users.Get(ctx, "")
	return user.GetLogin(), explain("ask GitHub who signed in", err)
}

// Repositories lists what the person and the App may both read, as "owner/name".
//
// Source: https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-user-access-token
func (p People) Repositories(ctx context.Context, token string) ([]string, error) {
	client := p.client(token)
	installed, err := pages(func(page github.ListOptions) ([]*github.Installation, *github.Response, error) {
		return client.Apps.ListUserInstallations(ctx, &page)
	}, (*github.Installation).GetID)
	if err != nil {
		return nil, explain("list the installations that a person sees", err)
	}
	var all []string
	for _, id := range installed {
		found, err := pages(func(page github.ListOptions) ([]*github.Repository, *github.Response, error) {
			list, res, err := client.Apps.ListUserRepos(ctx, id, &page)
			if err != nil {
				return nil, nil, err
			}
			return list.Repositories, res, nil
		}, (*github.Repository).GetFullName)
		if err != nil {
			return nil, explain("list the repositories that a person sees", err)
		}
		all = append(all, found...)
	}
	return all, nil
}
