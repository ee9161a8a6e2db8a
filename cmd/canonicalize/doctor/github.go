package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
)

// mostSkew is how far the clock may be off: GitHub refuses a token that was made in its future, and one that is older
// than ten minutes. https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
const mostSkew = 30 * time.Second

// get asks without credentials.
func get(ctx context.Context, address string) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	return res, body, err
}

// reach asks GitHub for its time, and compares clocks; false if it does not answer.
func (e *exam) reach(ctx context.Context) bool {
	res, _, err := get(ctx, e.conf.BaseURL+"meta")
	if err != nil {
		e.add(Fault, "GitHub", "it cannot be reached: "+err.Error(), "check GITHUB_BASE_URL, the proxy (HTTPS_PROXY) and the firewall")
		return false
	}
	e.add(OK, "GitHub", e.conf.BaseURL+" answers", "")
	there, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return true
	}
	skew := time.Since(there).Round(time.Second)
	if skew.Abs() > mostSkew {
		e.add(Fault, "clock", fmt.Sprintf("this machine is %s off GitHub's clock", skew.Abs()), "set the clock (NTP): GitHub refuses tokens that are made in its future or past")
	} else {
		e.add(OK, "clock", "it agrees with GitHub's", "")
	}
	return true
}

// registration compares the App with what the code needs; false if GitHub does not know it.
func (e *exam) registration(ctx context.Context) bool {
	info, err := e.app.Check(ctx)
	switch {
	case errors.Is(err, github.ErrAuth), errors.Is(err, github.ErrNotFound):
		e.add(Fault, "App", "GitHub refuses the App ID with this key: "+err.Error(), "take both from one App's settings page; a deleted key has to be generated anew")
		return false
	case err != nil:
		e.add(Fault, "App", err.Error(), "try again; https://www.githubstatus.com tells of trouble")
		return false
	}
	e.add(OK, "App", fmt.Sprintf("%s, owned by %s", info.Slug, info.Owner), "")
	for _, lack := range info.Missing {
		e.add(Fault, "App", "its registration lacks the "+lack, "add it under \"Permissions & events\" of "+info.URL+", and accept it where the App is installed")
	}
	return true
}

func (e *exam) installations(ctx context.Context) {
	list, err := e.app.Installations(ctx)
	switch {
	case err != nil:
		e.add(Warning, "installations", err.Error(), "")
	case len(list) == 0:
		e.add(Warning, "installations", "the App is installed nowhere", "install it from its page on GitHub")
	}
	for _, in := range list {
		switch lacks := in.Permissions.Missing(); {
		case in.Suspended:
			e.add(Warning, "installations", in.Account+" has suspended it", "an owner of "+in.Account+" can lift that")
		case len(lacks) > 0:
			e.add(Fault, "installations", fmt.Sprintf("%s has not accepted %s", in.Account, strings.Join(lacks, ", ")), "an owner of "+in.Account+" accepts it under the installation's settings")
		default:
			e.add(OK, "installations", in.Account, "")
		}
	}
}

// webhook follows the way of a delivery: where GitHub sends it, whether we answer there, and how the last ones ended.
func (e *exam) webhook(ctx context.Context) {
	hook, err := e.app.Hook(ctx)
	if err != nil {
		e.add(Warning, "webhook", err.Error(), "")
		return
	}
	u, err := url.Parse(hook)
	switch {
	case hook == "" || err != nil || u.Host == "":
		e.add(Fault, "webhook", "GitHub delivers nowhere", "set the webhook's URL on the App's settings page to https://YOUR-HOST"+server.WebhookPath)
		return
	case u.Path != server.WebhookPath:
		e.add(Fault, "webhook", "GitHub delivers to "+hook, "its path has to be "+server.WebhookPath)
		return
	}
	e.answers(ctx, u)
	e.deliveries(ctx)
}

// answers asks for our own health where GitHub delivers to.
func (e *exam) answers(ctx context.Context, hook *url.URL) {
	origin := hook.Scheme + "://" + hook.Host
	res, body, err := get(ctx, origin+"/healthz")
	var health struct{ Status string }
	switch {
	case err != nil:
		e.add(Fault, "webhook", origin+" cannot be reached from here: "+err.Error(), "start `canonicalize serve`, and check the proxy, its certificate and the name")
	case res.StatusCode != http.StatusOK || json.Unmarshal(body, &health) != nil || health.Status != "ok":
		e.add(Fault, "webhook", fmt.Sprintf("something else than this service answers at %s (status %d)", origin, res.StatusCode), "let the proxy pass everything to `canonicalize serve`")
	default:
		e.add(OK, "webhook", origin+" answers", "")
	}
}

// looked is how far back deliveries are looked at.
const looked = 24 * time.Hour

func (e *exam) deliveries(ctx context.Context) {
	list, err := e.app.Deliveries(ctx, time.Now().Add(-looked))
	if err != nil {
		e.add(Warning, "deliveries", err.Error(), "")
		return
	}
	failed := map[int]int{}
	for _, d := range list {
		if !d.OK() {
			failed[d.StatusCode]++
		}
	}
	switch {
	case len(list) == 0:
		e.add(OK, "deliveries", "none in the last day", "")
	case len(failed) == 0:
		e.add(OK, "deliveries", fmt.Sprintf("all %d of the last day arrived", len(list)), "")
	}
	for status, n := range failed {
		e.add(Fault, "deliveries", fmt.Sprintf("%d of the last day's %d ended with status %d", n, len(list), status), fixOf(status))
	}
}

func fixOf(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "the secret on the App's settings page is another one than GITHUB_WEBHOOK_SECRET: make them the same"
	case status == 0:
		return "GitHub could not connect or got no answer within 10 s: check the proxy and the certificate"
	case status >= 500:
		return "the server or the proxy failed: look at their logs; failed deliveries are asked for again by themselves"
	}
	return "the proxy answers in the place of the server: let it pass POST " + server.WebhookPath
}
