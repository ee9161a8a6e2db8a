package evidence

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// ipython is what Debian's IPython is made of.
var ipython = []string{"python3-ipython", "python3-backcall", "python3-decorator", "python3-jedi", "python3-matplotlib-inline", "python3-pickleshare",
	"python3-pexpect", "python3-prompt-toolkit", "python3-pygments", "python3-stack-data", "python3-traitlets", "python3-parso", "python3-wcwidth",
	"python3-executing", "python3-asttokens", "python3-pure-eval", "python3-six", "python3-ptyprocess"}

// At a prompt the names of a retired facade can be had; code of a program that was imported there is told where to import from.
func TestShellFacade(t *testing.T) {
	django, console := djangoFolder(t), debian(t, ipython...)
	v := shopVariants[2]
	e := &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, Rules: retire.Rules{Facade: shopFacade, Shell: true}, files: v.tree()}
	e.acknowledge(retire.AtRest)
	e.do(retire.Register)
	e.do(retire.Explicit)
	e.files = canonicalized(t, e.files, shopFacade)
	for _, step := range []retire.Step{retire.Narrow, retire.Retire, retire.Shell} {
		e.do(step)
	}
	e.files["program.py"] = shellProgram
	for _, c := range []struct {
		name    string
		command []string
		models  bool // Django is set up, so models can be imported
	}{
		{"python", []string{"python3"}, false},
		{"ipython", []string{"python3", "-m", "IPython", "--simple-prompt", "--colors=NoColor"}, false},
		{"django's shell", []string{"python3", "manage.py", "shell", "-i", "python"}, true},
		{"django's shell with ipython", []string{"python3", "manage.py", "shell", "-i", "ipython"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := v.write(t, django, e.files)
			p.paths = append(p.paths, console)
			screen := p.terminal(t, c.command, c.models)
			for _, want := range shellWants(c.models) {
				if !strings.Contains(screen, want) {
					t.Errorf("the screen does not show %q:\n%s", want, screen)
				}
			}
		})
	}
}

// shellProgram is code of a program, which asks a facade that is for prompts only.
const shellProgram = `def by_import():
    try:
        from shop.models import EventError
    except ImportError as e:
        print("told:", e)


def by_star():
    try:
        exec("from shop.models import *", {"__name__": "elsewhere"})
    except ImportError as e:
        print("told too:", e)


def by_attribute():
    import shop.models

    try:
        shop.models.EventError
    except AttributeError as e:
        print("told as well:", e)
    print("has it:", hasattr(shop.models, "EventError"))
`

// terminal types what a person would.
func (p shopProject) terminal(t *testing.T, command []string, models bool) string {
	t.Helper()
	script, err := filepath.Abs("testdata/prompt.py")
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"from shop.models import EventError", "print('got', EventError.__name__)",
		"import shop.models as m", "print('has', m.EventError.__name__)", "print('lists', 'Order' in dir(m), 'Typo' in dir(m))",
		"print('misses', hasattr(m, 'Typo'))",
		"import program", "program.by_import()", "program.by_star()", "program.by_attribute()",
	}
	if models {
		lines = append(lines, "from shop.models import *", "print('starred', Thing07.__module__)")
	}
	cmd := exec.Command("python3", append([]string{script}, command...)...)
	cmd.Dir = p.folder
	cmd.Env = append(os.Environ(), "PYTHONPATH="+strings.Join(append(p.paths, p.folder), ":"), "PYTHONPYCACHEPREFIX="+pycache(t),
		"IPYTHONDIR="+t.TempDir(), "PYTHONWARNINGS=ignore", "PYTHON_BASIC_REPL=1", "HOME="+t.TempDir())
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", command, err)
	}
	return string(out)
}

func shellWants(models bool) []string {
	wants := []string{
		"got EventError", "has EventError", "lists True False", "misses False",
		"told: shop.models re-exports nothing: from shop.models.errors import EventError",
		"told too: shop.models re-exports nothing: from ",
		"told as well: shop.models re-exports nothing: from shop.models.errors import EventError", "has it: False",
	}
	if models {
		wants = append(wants, "starred shop.models.thing07")
	}
	return wants
}
