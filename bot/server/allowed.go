package server

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/canonicalize/canonicalize/webhooks"
)

// Pair allows names of a provider to stand where a repository is read.
type Pair struct{ Repository, Provider string } // "owner/name"; the repository's name may be "*"

// pairForm is REPOSITORY=PROVIDER.
var pairForm = regexp.MustCompile(`^([A-Za-z0-9-]+/(?:[A-Za-z0-9._-]+|\*))=([A-Za-z0-9-]+/[A-Za-z0-9._-]+)$`)

// Allows tells whether the settings allow a repository to show names of a provider. GitHub's names have no case.
func (c Config) Allows(repository, provider string) bool {
	owner, _, _ := strings.Cut(repository, "/")
	for _, p := range c.Providers {
		if strings.EqualFold(p.Provider, provider) && (strings.EqualFold(p.Repository, repository) || strings.EqualFold(p.Repository, owner+"/*")) {
			return true
		}
	}
	return false
}

func (r *reader) providers() (pairs []Pair) {
	const name = "CANONICALIZE_PROVIDERS"
	for _, text := range strings.FieldsFunc(r.get(name), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' }) {
		m := pairForm.FindStringSubmatch(text)
		if m == nil {
			r.fault(name, fmt.Sprintf("holds %q", text), "give REPOSITORY=PROVIDER, as in acme/shop=acme/core or acme/*=acme/core, several with commas between them")
			continue
		}
		pairs = append(pairs, Pair{m[1], m[2]})
	}
	return pairs
}

func (r *reader) oldSecret() []byte {
	const fix = "set it to the secret that the App had before, or leave it empty"
	text, from := r.optional("GITHUB_WEBHOOK_SECRET_OLD", fix)
	if text != "" && len(text) < webhooks.MinSecret {
		r.fault(from, fmt.Sprintf("is too short: %d characters, at least %d are needed", len(text), webhooks.MinSecret), fix)
	}
	return []byte(text)
}
