package pin

import (
	"slices"
	"strings"
	"testing"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

func TestRead(t *testing.T) {
	tests := []struct {
		why, file, src string
		want           Revision
	}{
		{"an exact version", "requirements.txt", "other==1\nacme.core == 2.4.1 ; python_version > '3'\n", Revision{Version: "2.4.1"}},
		{"extras, hashes, a continuation line", "requirements/base.txt", "Acme_Core[fast]==2.4 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n", Revision{Version: "2.4"}},
		{"a PEP 508 address", "requirements.txt", "acme-core @ git+https://git.example/acme/core@" + commit + "\n", Revision{SHA: commit}},
		{"an address with user, fragment and marker", "requirements.txt", "acme-core@ git+ssh://git@git.example/acme/core.git@v2#subdirectory=x ; os_name=='a'\n", Revision{Ref: "v2"}},
		{"an editable one with an egg", "dev.in", "-e git+https://git.example/acme/core.git@main#egg=acme_core&x=y # why\n", Revision{Ref: "main"}},
		{"a plain address, named by its last part", "requirements.txt", "git+https://git.example/x/acme-core.git@" + strings.ToUpper(commit) + "\n", Revision{SHA: commit}},
		{"CRLF and a comment of the same name", "requirements.txt", "# acme-core==1\r\nacme-core==3 # acme-core==4\r\n", Revision{Version: "3"}},
		{"PEP 621", "pyproject.toml", "[project]\ndependencies = ['x', 'acme-core==1.2']\n", Revision{Version: "1.2"}},
		{"a dependency group", "pyproject.toml", "[dependency-groups]\ndev = [{include-group = 'x'}, 'acme-core==1.3']\n", Revision{Version: "1.3"}},
		{"uv says where it comes from", "pyproject.toml", "[project]\ndependencies = ['acme-core==1.2']\n[tool.uv.sources]\nacme-core = {git = 'https://git.example/a', rev = '" + commit + "'}\n", Revision{SHA: commit}},
		{"Poetry, git", "sub/pyproject.toml", "[tool.poetry.dependencies]\nacme_core = {git = 'https://git.example/a', tag = '1.0'}\n", Revision{Ref: "1.0"}},
		{"Poetry, a group, exact", "pyproject.toml", "[tool.poetry.group.x.dependencies]\nacme-core = '==1.0'\n", Revision{Version: "1.0"}},
		{"poetry.lock, git", "poetry.lock", "[[package]]\nname='acme-core'\nversion='1'\n[package.source]\ntype='git'\nreference='main'\nresolved_reference='" + commit + "'\n", Revision{SHA: commit}},
		{"poetry.lock, release", "poetry.lock", "[[package]]\nname='x'\nversion='9'\n[[package]]\nname='acme-core'\nversion='1.4'\n", Revision{Version: "1.4"}},
		{"uv.lock, git", "uv.lock", "[[package]]\nname='acme-core'\nversion='1'\nsource={git='https://git.example/a?rev=main#" + commit + "'}\n", Revision{SHA: commit}},
		{"Pipfile.lock, git", "Pipfile.lock", `{"default":{"acme-core":{"git":"https://git.example/a","ref":"` + commit + `"}}}`, Revision{SHA: commit}},
		{"Pipfile.lock, release", "Pipfile.lock", `{"develop":{"acme-core":{"version":"==2.0"}}}`, Revision{Version: "2.0"}},
	}
	for _, tt := range tests {
		got, err := Pin{File: tt.file, Package: "acme-core"}.Read([]byte(tt.src))
		if err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v; want %+v", tt.why, got, err, tt.want)
		}
	}
}

// What pins nothing is told with what to write instead.
func TestNoPin(t *testing.T) {
	for file, src := range map[string]string{
		"requirements.txt":   "acme-core>=2\nacme-core==2.*\nacme-core-extras==1\nacme-core @ https://x.example/a.whl\nacme-core @ git+https://git.example/acme/core\n",
		"a/pyproject.toml":   "[tool.poetry.dependencies]\nacme-core = '^1.0'\n",
		"b/pyproject.toml":   "[tool.poetry.dependencies]\nacme-core = {path = '../core'}\n",
		"c/requirements.txt": "-r base.txt\n--index-url https://x.example\n",
		"poetry.lock":        "",
	} {
		_, err := Pin{File: file, Package: "acme-core"}.Read([]byte(src))
		if err == nil || !strings.Contains(err.Error(), "pins no package acme-core") {
			t.Errorf("%s: %v", file, err)
		}
	}
	for file, src := range map[string]string{"poetry.lock": "[", "Pipfile.lock": "[", "pyproject.toml": "x", "setup.py": ""} {
		if _, err := (Pin{File: file, Package: "x"}).Read([]byte(src)); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestRefs(t *testing.T) {
	for _, tt := range []struct {
		r    Revision
		want []string
	}{
		{At(commit), []string{commit}},
		{At("main"), []string{"refs/tags/main", "refs/heads/main"}},
		{At("refs/tags/1"), []string{"refs/tags/1"}},
		{Revision{Version: "1.2"}, []string{"refs/tags/1.2", "refs/tags/v1.2"}},
		{Revision{}, nil},
	} {
		if got := tt.r.Refs(); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v", tt.r, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("requirements.txt", "-e git+https://h/a@b#egg=x\nx==1 \\\n --hash=a")
	f.Add("pyproject.toml", "[project]\ndependencies=['x==1']")
	f.Add("uv.lock", "[[package]]\nname='x'")
	f.Add("Pipfile.lock", `{"default":{"x":"==1"}}`)
	f.Fuzz(func(t *testing.T, file, src string) {
		got, err := Pin{File: file, Package: "x"}.Read([]byte(src))
		if err == nil && got == (Revision{}) {
			t.Error("neither a revision nor an error")
		}
	})
}
