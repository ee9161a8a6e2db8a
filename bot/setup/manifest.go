package setup

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Answers are what only the person who registers the App knows.
type Answers struct {
	Organization string // that will own the App; "": the person's own account
	Address      string // where GitHub reaches this server, as in https://canonicalize.example.com
	GitHub       string // where the App is made, as in https://github.com
}

// Problem is what is wrong with an answer.
type Problem struct{ Field, Text string }

func (p *Problem) Error() string { return p.Text }

var account = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$`)

// clean checks the answers and brings them to one spelling; the error is a *Problem.
func (a Answers) clean() (Answers, error) {
	a.Organization = strings.TrimPrefix(strings.TrimSpace(a.Organization), "@")
	if a.Organization != "" && !account.MatchString(a.Organization) {
		return a, &Problem{"organization", fmt.Sprintf("%q is no name of an organization: it is the last part of https://github.com/NAME.", a.Organization)}
	}
	for _, f := range []struct {
		name, what string
		value      *string
	}{{"address", "the address of this server", &a.Address}, {"github", "the address of GitHub", &a.GitHub}} {
		text := strings.TrimRight(strings.TrimSpace(*f.value), "/")
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
			return a, &Problem{f.name, fmt.Sprintf("%q is not %s: write it as in https://host.example.com, without a path.", text, f.what)}
		}
		*f.value = text
	}
	return a, nil
}

// newApp is the page of GitHub that takes a manifest.
func (a Answers) newApp(state string) string {
	path := "/settings/apps/new"
	if a.Organization != "" {
		path = "/organizations/" + a.Organization + path
	}
	return a.GitHub + path + "?state=" + url.QueryEscape(state)
}

// API is the address of the REST API: beside github.com, and below an Enterprise Server.
func (a Answers) API() string {
	if a.GitHub == "https://github.com" {
		return "https://api.github.com/"
	}
	return a.GitHub + "/api/v3/"
}

// manifest is app.yml, as GitHub's form takes it, for this server.
func (a Answers) manifest(base []byte, webhook string) (string, error) {
	var m map[string]any
	if err := yaml.Unmarshal(base, &m); err != nil {
		return "", fmt.Errorf("read the App's manifest: %w", err)
	}
	if a.Organization != "" {
		m["name"] = "Canonicalize " + a.Organization // names of Apps are unique on GitHub
	}
	m["hook_attributes"] = map[string]any{"url": a.Address + webhook, "active": true}
	m["redirect_url"] = a.Address + CallbackPath
	m["callback_urls"] = []string{a.Address + SignInPath}
	text, err := json.Marshal(m)
	return string(text), err
}
