package bot

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/codemod"
)

var teams = []string{"acme/billing", "acme/search", "acme/platform"}

// letIn gives the teams access to a repository.
func (w *world) letIn(repository string) {
	w.t.Helper()
	for _, team := range teams {
		w.must(w.sim.SetTeamAccess(team, repository, "pull"))
	}
}

// Names of a private provider are content: they stand in pull requests and answers. It is read for a repository only if
// everyone who can read the repository can read it, or the server's operator says so.
func TestPrivateProvider(t *testing.T) {
	const reader = "acme/reader"
	for name, tt := range map[string]struct {
		prepare func(w *world)
		public  bool   // the repository that names it
		allowed string // the repository that the settings allow
		want    bool
	}{
		"the same people read it":      {prepare: func(w *world) { w.letIn(provider) }, want: true},
		"a team does not read it":      {prepare: func(w *world) { w.letIn(provider); w.must(w.sim.SetTeamAccess(teams[1], provider, "")) }},
		"a guest does not read it":     {prepare: func(w *world) { w.letIn(provider); w.must(w.sim.SetCollaborator("guest", reader, "pull")) }},
		"everybody reads the reader":   {prepare: func(w *world) { w.letIn(provider) }, public: true},
		"it is allowed to a public":    {public: true, allowed: reader, want: true},
		"it is allowed to a private":   {allowed: reader, want: true},
		"it is allowed to another one": {allowed: full},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "core", Files: core()}))
			w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "reader", Public: tt.public, Files: downstream("  - acme/core\n")}))
			w.letIn(reader)
			if tt.prepare != nil {
				tt.prepare(w)
			}
			w.opts.Codemod, w.opts.Allow = codemod.Plan, func(repository, p string) bool { return repository == tt.allowed && p == provider }
			w.restart()
			out, err := w.bot.Pass(t.Context(), w.repo("reader"))
			w.must(err)
			list, err := w.sim.PullRequests("acme", "reader")
			w.must(err)
			if got := out.Refused == "" && len(list) == 1; got != tt.want {
				t.Errorf("refused %q, %d pull requests", out.Refused, len(list))
			}
		})
	}
}

// The refusal is the same for a repository that does not exist: whoever writes a configuration learns nothing.
func TestRefusalTellsNothing(t *testing.T) {
	w := newWorld(t, downstream("  - {repository: acme/core, ref: nowhere}\n"))
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "core", Files: core()}))
	there := w.pass().Refused
	w.push("dev", "main", map[string]string{config.Path: "facades: [core.models]\nproviders: [{repository: acme/cors, ref: nowhere}]\n"})
	notThere := w.pass().Refused
	if there == "" || strings.ReplaceAll(there, "acme/core", "acme/cors") != notThere {
		t.Errorf("%q tells that it exists, %q that it does not", there, notThere)
	}
}

// A pull request may come from anybody's fork: what it says in its configuration or in a file with pins decides
// nothing about what is read of other repositories.
func TestForkDoesNotPin(t *testing.T) {
	w := newCampaign(t, "  - {repository: acme/core, pin: {file: requirements.txt, package: acme-core}}\n")
	heads, err := w.sim.Branches(provider)
	w.must(err)
	w.push("dev", "main", map[string]string{"requirements.txt": "acme-core @ git+https://github.example/acme/core@" + heads["main"] + "\n"})
	_, err = w.sim.As("boss").Push(provider, "secret", "Not to be seen", map[string][]byte{
		"src/core/models/__init__.py": []byte("from ..takeover import User\n"), "src/core/models/user.py": nil, "src/core/takeover.py": []byte("class User: pass\n"),
	})
	w.must(err)
	heads, err = w.sim.Branches(provider)
	w.must(err)

	w.must(w.sim.SetCollaborator("eve", full, "pull"))
	w.must(w.sim.SetCollaborator("eve", provider, "pull"))
	eve := w.sim.As("eve")
	w.must(eve.Fork(full))
	_, err = eve.Push("eve/shop", "feature", "Pin", map[string][]byte{
		"requirements.txt": []byte("acme-core @ git+https://github.example/acme/core@" + heads["secret"] + "\n"),
		config.Path:        []byte("facades: [core.models]\nproviders: [{repository: acme/core, ref: secret}]\n"),
		"app/new.py":       []byte("from core.models import User\n"),
	})
	w.must(err)
	n, err := eve.OpenPull(full, githubsim.NewPull{Title: "Mine", Head: "eve:feature"})
	w.must(err)
	for _, command := range []string{"/canonicalize explain core.models.User", "/canonicalize dry-run all"} {
		for _, answer := range w.command("boss", n, command) {
			if strings.Contains(answer, "takeover") || !strings.Contains(answer, "core.models.user") {
				t.Errorf("%s shows what the fork pins:\n%s", command, answer)
			}
		}
	}
	w.review(n)
	for _, c := range w.get(n).Checks {
		if strings.Contains(c.Summary, "takeover") {
			t.Errorf("the review shows what the fork pins:\n%s", c.Summary)
		}
	}
}
