package githubsim

import (
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func pathEscape(s string) string { return url.PathEscape(s) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func appRoutes() []route {
	return []route{
		{op: "GET /app", needs: "jwt", handle: func(c *call) (*reply, error) {
			app := c.appJSON(c.actor.app)
			app["installations_count"] = len(c.installationsOf(c.actor.app))
			return ok(app)
		}},
		{op: "POST /app-manifests/{code}/conversions", needs: "any", handle: convertManifest},
		{op: "GET /app/hook/config", needs: "jwt", handle: func(c *call) (*reply, error) {
			return ok(obj{"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": c.actor.app.hooks.url})
		}},
		{op: "GET /app/hook/deliveries", needs: "jwt", handle: listDeliveries},
		{op: "GET /app/hook/deliveries/{delivery_id}", needs: "jwt", handle: getDelivery},
		{op: "POST /app/hook/deliveries/{delivery_id}/attempts", needs: "jwt", handle: redeliver},
		{op: "GET /app/installations", needs: "jwt", handle: func(c *call) (*reply, error) {
			return paginate(c, c.installationsOf(c.actor.app), "", c.installationJSON)
		}},
		{op: "GET /app/installations/{installation_id}", needs: "jwt", handle: getInstallation},
		{op: "POST /app/installations/{installation_id}/access_tokens", needs: "jwt", handle: mintToken},
		{op: "GET /installation/repositories", needs: "installation", handle: listInstallationRepos},
		{op: "DELETE /installation/token", needs: "installation", handle: func(c *call) (*reply, error) {
			delete(c.tokens, c.actor.token.text)
			return noContent()
		}},
		{op: "GET /users/{username}/installation", needs: "jwt", handle: func(c *call) (*reply, error) { return accountInstallation(c, c.path("username")) }},
		{op: "GET /orgs/{org}/installation", needs: "jwt", handle: func(c *call) (*reply, error) { return accountInstallation(c, c.path("org")) }},
		{op: "GET /repos/{owner}/{repo}/installation", needs: "jwt", handle: repoInstallation},
	}
}

func (s *Server) installationsOf(a *App) []*Installation {
	var list []*Installation
	for _, i := range s.installations {
		if i.App == a && !i.deleted {
			list = append(list, i)
		}
	}
	sort.Slice(list, func(x, y int) bool { return list[x].ID < list[y].ID })
	return list
}

func (c *call) installation() (*Installation, error) {
	i := c.installations[c.number("installation_id")]
	if i == nil || i.deleted || i.App != c.actor.app {
		return nil, notFound()
	}
	return i, nil
}

func getInstallation(c *call) (*reply, error) {
	i, err := c.installation()
	if err != nil {
		return nil, err
	}
	return ok(c.installationJSON(i))
}

func accountInstallation(c *call, login string) (*reply, error) {
	for _, i := range c.installationsOf(c.actor.app) {
		if strings.EqualFold(i.account.login, login) {
			return ok(c.installationJSON(i))
		}
	}
	return nil, notFound()
}

func repoInstallation(c *call) (*reply, error) {
	for _, i := range c.installationsOf(c.actor.app) {
		if i.covers(c.repo) {
			return ok(c.installationJSON(i))
		}
	}
	return nil, notFound()
}

// mintToken makes an installation token, on request for fewer repositories
// and permissions than the installation has.
// https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
func mintToken(c *call) (*reply, error) {
	i, err := c.installation()
	if err != nil {
		return nil, err
	}
	if !i.suspended.IsZero() {
		return nil, refuse(403, "This installation has been suspended")
	}
	t := &token{text: randomText("ghs_"), installation: i, expires: c.opts.Now().Add(time.Hour)}
	if t.repos, err = c.tokenRepos(i); err != nil {
		return nil, err
	}
	if t.permissions, err = c.tokenPermissions(i.App); err != nil {
		return nil, err
	}
	c.tokens[t.text] = t
	answer := obj{"token": t.text, "expires_at": stamp(t.expires), "permissions": permissionsJSON(t.permissions), "repository_selection": "all"}
	if i.selected != nil || t.repos != nil {
		answer["repository_selection"] = "selected"
	}
	if t.repos != nil {
		list := []any{}
		for _, r := range c.sortedRepos() {
			if t.repos[r] {
				list = append(list, c.repoJSON(r))
			}
		}
		answer["repositories"] = list
	}
	return created(answer)
}

func (c *call) tokenRepos(i *Installation) (map[*repo]bool, error) {
	if !c.has("repositories") && !c.has("repository_ids") {
		return nil, nil
	}
	chosen := map[*repo]bool{}
	for _, name := range c.strs("repositories") {
		r, _ := c.Server.repo(i.account.login, name)
		if r == nil || !i.covers(r) {
			return nil, refuse(422, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		chosen[r] = true
	}
	for _, id := range c.list("repository_ids") {
		n, _ := id.(float64)
		at := slices.IndexFunc(c.sortedRepos(), func(r *repo) bool { return r.id == int(n) && i.covers(r) })
		if at < 0 {
			return nil, refuse(422, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		chosen[c.sortedRepos()[at]] = true
	}
	return chosen, nil
}

func (c *call) tokenPermissions(app *App) (map[string]string, error) {
	asked, _ := c.body["permissions"].(obj)
	if asked == nil {
		return app.permissions, nil
	}
	granted := map[string]string{}
	for name, level := range asked {
		if l, _ := level.(string); !grants(app.permissions[name], l) {
			return nil, refuse(422, "The permissions requested are not granted to this installation.")
		}
		granted[name], _ = level.(string)
	}
	if granted["metadata"] == "" {
		granted["metadata"] = "read"
	}
	return granted, nil
}

func listInstallationRepos(c *call) (*reply, error) {
	var covered []*repo
	for _, r := range c.sortedRepos() {
		if c.actor.covers(r) {
			covered = append(covered, r)
		}
	}
	rep, err := paginate(c, covered, "repositories", c.repoJSON)
	if err == nil {
		selection := "all"
		if c.actor.installation().selected != nil {
			selection = "selected"
		}
		rep.body.(obj)["repository_selection"] = selection
	}
	return rep, err
}

// manifest is an App that waits for its registration to be finished.
// https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
type manifest struct {
	app     *App
	expires time.Time
}

func convertManifest(c *call) (*reply, error) {
	m := c.manifests[c.path("code")]
	if m == nil || !c.opts.Now().Before(m.expires) {
		return nil, notFound()
	}
	delete(c.manifests, c.path("code"))
	answer := c.appJSON(m.app)
	merge(answer, obj{"client_id": m.app.ClientID, "client_secret": randomText(""), "webhook_secret": m.app.Secret, "pem": string(m.app.PEM)})
	return created(answer)
}
