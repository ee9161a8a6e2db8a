package bot

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/codemod"
)

const provider = "acme/core"

// core is a repository with a facade that others read.
func core() map[string]string {
	return map[string]string{
		"src/core/__init__.py":        "",
		"src/core/models/__init__.py": "from .user import User\n",
		"src/core/models/user.py":     "class User: pass\n",
	}
}

func downstream(providers string) map[string]string {
	return map[string]string{
		config.Path:        "facades: [core.models]\nproviders:\n" + providers,
		"requirements.txt": "acme-core==1.0\n",
		"app/__init__.py":  "",
		"app/views.py":     "from core.models import User\n",
	}
}

// newCampaign is a world with a provider and a repository that reads its facade, with the real codemod.
func newCampaign(t *testing.T, providers string) *world {
	w := newWorld(t, downstream(providers))
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "core", Files: core()}))
	w.letIn(provider)
	w.opts.Codemod = codemod.Plan
	w.restart()
	return w
}

func (w *world) after() string {
	w.t.Helper()
	list := w.pulls()
	if len(list) != 1 || len(list[0].Files) != 1 {
		w.t.Fatalf("pull requests %q", w.summary())
	}
	return list[0].Files[0].Patch
}

// The downstream repository is rewritten at the provider's default branch, and its own mirror can be passed over at once.
func TestProvider(t *testing.T) {
	w := newCampaign(t, "  - acme/core\n")
	out := w.pass()
	if out.Refused != "" || !strings.Contains(w.after(), "+from core.models.user import User") {
		t.Fatalf("refused %q, %s", out.Refused, w.after())
	}
	if len(out.Providers) != 1 || out.Providers[0].From != "the default branch" || out.Result.Facades[0].Provider != provider {
		t.Errorf("providers %+v", out.Providers)
	}
	w.quiet()
}

// A pinned revision decides where the names are: the provider has moved on since.
func TestPinnedProvider(t *testing.T) {
	w := newCampaign(t, "  - {repository: acme/core, pin: {file: requirements.txt, package: acme-core}}\n")
	heads, err := w.sim.Branches(provider)
	w.must(err)
	_, err = w.sim.As("boss").Push(provider, "main", "Move the class", map[string][]byte{
		"src/core/models/__init__.py": []byte("from ..people import User\n"),
		"src/core/models/user.py":     nil, "src/core/people.py": []byte("class User: pass\n"),
	})
	w.must(err)
	if out := w.pass(); !strings.Contains(out.Refused, "acme/core: it has no refs/tags/1.0 nor refs/tags/v1.0, which is what acme-core in requirements.txt says") {
		t.Errorf("refused %q", out.Refused)
	}
	w.push("dev", "main", map[string]string{"requirements.txt": "acme-core @ git+https://github.example/acme/core@" + heads["main"] + "\n"})
	out := w.pass()
	if out.Refused != "" || !strings.Contains(w.after(), "+from core.models.user import User") || out.Providers[0].SHA != heads["main"] {
		t.Errorf("refused %q, %s, %+v", out.Refused, w.after(), out.Providers)
	}
	w.push("dev", "main", map[string]string{config.Path: "facades: [core.models]\nproviders: [acme/core]\n"})
	w.pass()
	if !strings.Contains(w.after(), "+from core.people import User") {
		t.Errorf("the pull request does not follow the provider:\n%s", w.after())
	}
}

// What cannot be read is told in the issue about the configuration, and mended by mending that.
func TestProviderCannotBeRead(t *testing.T) {
	for _, tt := range []struct{ why, providers, want string }{
		{"no such repository", "  - acme/nowhere\n", "acme/nowhere: it is not read for this repository: it does not exist, "},
		{"private, of another account", "  - other/secret\n", "other/secret: it is not read for this repository: it does not exist, "},
		{"no such branch", "  - {repository: acme/core, ref: release}\n", "it has no refs/tags/release nor refs/heads/release"},
		{"no such file", "  - {repository: acme/core, pin: {file: deps.txt, package: core}}\n", "there is no file deps.txt here"},
		{"no such submodule", "  - {repository: acme/core, pin: {submodule: vendor/core}}\n", "there is no submodule vendor/core here"},
		{"no pin", "  - {repository: acme/core, pin: {file: requirements.txt, package: core}}\n", "requirements.txt pins no package core"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			w := newCampaign(t, tt.providers)
			w.sim.AddOrg("other", "stranger")
			w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "other", Name: "secret", Files: core()}))
			out := w.pass()
			if !strings.Contains(out.Refused, tt.want) || len(w.pulls()) != 0 {
				t.Errorf("refused %q", out.Refused)
			}
			w.push("dev", "main", map[string]string{config.Path: "facades: [core.models]\nproviders: [acme/core]\n"})
			if out := w.pass(); out.Refused != "" || len(w.pulls()) != 1 {
				t.Errorf("after mending: %q", out.Refused)
			}
		})
	}
}

// A public repository of another account is read without credentials.
func TestPublicProvider(t *testing.T) {
	w := newCampaign(t, "  - {repository: other/core, ref: main}\n")
	w.sim.AddOrg("other", "stranger")
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "other", Name: "core", Public: true, Files: core()}))
	if out := w.pass(); out.Refused != "" || !strings.Contains(w.after(), "core.models.user") {
		t.Errorf("refused %q", out.Refused)
	}
}

// A review knows the facades of providers, too.
func TestReviewWithProvider(t *testing.T) {
	w := newCampaign(t, "  - acme/core\n")
	w.push("dev", "feature", map[string]string{"app/new.py": "from core.models import User\n"})
	number, err := w.sim.As("dev").OpenPull(full, githubsim.NewPull{Title: "New", Head: "feature", Base: "main"})
	w.must(err)
	out := w.review(number)
	if out.Skipped != "" || len(out.Review.Findings) != 1 || out.Review.Findings[0].Facade != "core.models" {
		t.Errorf("skipped %q, %+v", out.Skipped, out.Review)
	}
}
