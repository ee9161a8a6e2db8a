package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// Made is an App that GitHub made of a manifest.
type Made struct {
	ID                     int64
	Slug, Page             string // its name in addresses, and its page
	Key, WebhookSecret     string // the key is PEM
	ClientID, ClientSecret string
}

// exchangeTimeout bounds one exchange: a person waits for it.
const exchangeTimeout = 30 * time.Second

// Exchange gives GitHub the code with which it sent somebody back who created an App from a manifest, and gets the
// App with its key and secrets. A code is good for one exchange within an hour. BaseURL is that of the REST API.
//
// Source: https://docs.github.com/rest/apps/apps#create-a-github-app-from-a-manifest
func Exchange(ctx context.Context, baseURL, code string) (Made, error) {
	base, err := url.Parse(strings.TrimSuffix(baseURL, "/") + "/")
	if err != nil || base.Host == "" {
		return Made{}, fmt.Errorf("the GitHub address %q is no URL such as %s or https://HOST/api/v3", baseURL, PublicAPI)
	}
	client := github.NewClient(&http.Client{Timeout: exchangeTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the answer holds a private key: it comes from the host that was named, or not at all
	}})
	client.BaseURL, client.UserAgent = base, "canonicalize"
	app, _, err := client.Apps.CompleteAppManifest(ctx, url.PathEscape(code))
	if err != nil {
		return Made{}, explain("exchange the code of a new App", err)
	}
	return Made{ID: app.GetID(), Slug: app.GetSlug(), Page: app.GetHTMLURL(), Key: app.GetPEM(), WebhookSecret: app.GetWebhookSecret(),
		ClientID: app.GetClientID(), ClientSecret: app.GetClientSecret()}, nil
}
