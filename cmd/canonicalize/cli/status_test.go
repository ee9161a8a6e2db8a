package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
)

// Over the installations of the App: who reads the facade, configured or not, without one write.
func TestStatusOfInstallations(t *testing.T) {
	sim := githubsim.ForTest(t, githubsim.Options{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sim.AddOrg("acme", "ada")
	for name, files := range map[string]map[string]string{
		"core": {"core/__init__.py": "", "core/models.py": "from core.user import User\n", "core/user.py": "class User: pass\n",
			".github/canonicalize.yml": "facades: [core.models]\n"},
		"shop": {"shop.py": "from core.models import User\n", ".github/canonicalize.yml": "facades: [core.models]\nproviders: [acme/core]\n"},
		"web":  {"web.py": "import core.models\nf(core.models.User, core.models)\n"},
		"docs": {"README": "no code\n"},
	} {
		must(sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: name, Files: files}))
	}
	app, err := sim.AddApp(githubsim.AppSpec{Slug: "canonicalize"})
	must(err)
	_, err = sim.Install(app, "acme")
	must(err)
	dir := t.TempDir()
	must(os.WriteFile(filepath.Join(dir, "key.pem"), app.PEM, 0o600))
	variables := map[string]string{"GITHUB_APP_ID": strconv.Itoa(app.ID), "GITHUB_PRIVATE_KEY_FILE": filepath.Join(dir, "key.pem"),
		"GITHUB_BASE_URL": sim.URL, "CANONICALIZE_DATA": dir}
	out, log := &buffer{}, &buffer{}
	env := environment(t, out, log)
	env.Getenv = func(name string) string { return variables[name] }
	if code := Run(t.Context(), env, []string{"status", "--json"}); code != exitDone {
		t.Fatalf("exit code %d\n%s%s", code, out, log)
	}
	var got report.Status
	must(json.Unmarshal([]byte(out.String()), &got))
	if len(got.Facades) != 1 || len(got.Problems) != 0 {
		t.Fatalf("%s", out)
	}
	f := got.Facades[0]
	if f.Provider != "acme/core" || f.Unread || len(f.Repositories) != 3 || f.Total.References != 3 {
		t.Errorf("%s", out)
	}
	if r := f.Repositories[0]; r.Repository != "acme/web" || r.References != 2 || len(r.Revision) != 40 || r.From != "the default branch" {
		t.Errorf("first %+v", r)
	}
	if r := f.Repositories[1]; r.Repository != "acme/shop" || r.Pulls["waiting"] != 1 {
		t.Errorf("second %+v", r)
	}
	for _, call := range sim.Calls() {
		if call.Write() && call.Path != "/graphql" && filepath.Base(call.Path) != "access_tokens" {
			t.Errorf("status writes: %s %s", call.Method, call.Path)
		}
	}
}
