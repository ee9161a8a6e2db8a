package evidence

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// lazyTree is a program for Python 3.15 and later, with a facade that registers a plugin, and a consumer that has it loaded lazily.
func lazyTree() memory {
	return memory{
		"pyproject.toml":         "[project]\nname = \"app\"\nrequires-python = \">=3.15\"\n",
		"app/__init__.py":        "",
		"app/hub.py":             hub,
		"app/main.py":            "from app.use import use\n",
		"app/models/__init__.py": "from .user import User\nfrom .order import *\nfrom .plugin import Mail\n",
		"app/models/user.py":     "class User:\n    pass\n",
		"app/models/order.py":    "class Order:\n    pass\n",
		"app/models/plugin.py":   "from app.hub import register\n\n\n@register\nclass Mail:\n    pass\n",
		"app/use.py":             "from app.models import Order, User\n\n\ndef use():\n    return Order, User\n",
		"app/late.py":            "__lazy_modules__ = [\"app.models\"]\n\nfrom app.models import User\n\n\ndef late():\n    return User\n",
		"app/keyword.py":         "lazy from app.models import Order\n\n\ndef late():\n    return Order\n",
	}
}

// lazyRun is what CPython 3.15 says of one piece of code.
type lazyRun struct {
	Modules, Log []string
	Error        string
}

// runLazily asks the CPython 3.15 of an npm package, on node.
func runLazily(t *testing.T, files memory, runs ...string) (answers []lazyRun) {
	t.Helper()
	script, err := filepath.Abs("testdata/lazy.py")
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(map[string]any{"files": files, "runs": runs})
	if err != nil {
		t.Fatal(err)
	}
	cmd := nodeProgram(t, "python.mjs", "cpython315", script)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(in)+"\n"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return answers
}

// A facade that is made lazy executes what is used of it; what registers itself does so as before, because of the registry.
func TestLazyFacade(t *testing.T) {
	e := &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, Rules: retire.Rules{Facade: "app.models", Roots: []string{"app.main"}}, files: lazyTree()}
	for _, step := range []retire.Step{retire.Register, retire.Explicit, retire.Lazy} {
		if !e.do(step) {
			t.Errorf("%s changes nothing", step)
		}
	}
	if e.do(retire.Lazy) {
		t.Error("it becomes lazy again")
	}
	runs := runLazily(t, e.files, "import app.main", "import app.models", "from app.models import User", "from app.models import User, Order, Mail\nMail", "import app.models\napp.models.Typo")
	if !slices.Equal(runs[0].Log, []string{"register Mail"}) {
		t.Errorf("registered %v %s", runs[0].Log, runs[0].Error)
	}
	for i, want := range [][]string{
		1: {"app", "app.models"},
		2: {"app", "app.models", "app.models.user"},
		3: {"app", "app.hub", "app.models", "app.models.order", "app.models.plugin", "app.models.user"},
	} {
		if want != nil && (runs[i].Error != "" || !slices.Equal(runs[i].Modules, want)) {
			t.Errorf("run %d executes %v %s, want %v\n%s", i, runs[i].Modules, runs[i].Error, want, e.files["app/models/__init__.py"])
		}
	}
	if !strings.HasPrefix(runs[4].Error, "AttributeError") {
		t.Errorf("a name that is not there: %s", runs[4].Error)
	}
}

// Without the registry, laziness loses what registers itself: that is what the step waits for.
func TestLazyFacadeNeedsRegistry(t *testing.T) {
	files := lazyTree()
	files["app/models/__init__.py"] = "lazy from .user import User as User\nlazy from .order import Order as Order\nlazy from .plugin import Mail as Mail\n"
	if runs := runLazily(t, files, "import app.main"); len(runs[0].Log) != 0 {
		t.Errorf("registered %v", runs[0].Log)
	}
	e := &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, Rules: retire.Rules{Facade: "app.models", Roots: []string{"app.main"}}, files: lazyTree()}
	for _, st := range e.look().Steps {
		if st.Step == retire.Lazy && st.Offered {
			t.Error("the lazy step is offered before the registry is there")
		}
	}
}

// What is loaded lazily, by the keyword or by __lazy_modules__, stays so when it is imported from its home.
func TestLazyReadersStayLazy(t *testing.T) {
	files := lazyTree()
	after := maps.Clone(files)
	for _, c := range (codeBase{facades: []string{"app.models"}}).plan(t, files).Changes {
		after[c.Path] = string(c.After)
	}
	runs := runLazily(t, after, "import app.late", "import app.late\napp.late.late()", "import app.keyword", "import app.keyword\napp.keyword.late()")
	for i, want := range [][2]string{{"app.late", "app.models.user"}, {"", "app.models.user"}, {"app.keyword", "app.models.order"}, {"", "app.models.order"}} {
		loaded := slices.Contains(runs[i].Modules, want[1])
		if lazily := want[0] != ""; runs[i].Error != "" || loaded == lazily {
			t.Errorf("run %d: %v %s\n%s\n%s", i, runs[i].Modules, runs[i].Error, after["app/late.py"], after["app/keyword.py"])
		}
	}
}
