package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// registering is a random program whose modules register something when they are imported, some of them only because a facade imports
// them, and of which several modules are the roots at which it starts.
type registering struct {
	*rand.Rand
	files memory
	roots []string
}

const hub = `LOG = []


def register(thing):
    LOG.append("register " + thing.__name__)
    return thing


class Signal:
    def connect(self, handler):
        LOG.append("connect " + handler.__name__)


signal = Signal()
TABLE = type("Table", (dict,), {"__setitem__": lambda self, key, value: LOG.append("set " + key)})()


class Plugin:
    def __init_subclass__(cls):
        LOG.append("subclass " + cls.__name__)
`

func newRegistering(seed uint64) *registering {
	p := &registering{Rand: rand.New(rand.NewPCG(seed, 7)), files: memory{"app/__init__.py": "", "app/hub.py": hub}}
	n := 3 + p.IntN(6)
	facade := ""
	for _, i := range p.Perm(n) {
		switch p.IntN(3) {
		case 0:
			facade += fmt.Sprintf("from .m%d import *\n", i)
		case 1:
			facade += fmt.Sprintf("from .m%d import X%[1]d\n", i)
		default:
			facade += fmt.Sprintf("from app.models.m%d import X%[1]d, f%[1]d as g%[1]d\n", i)
		}
	}
	p.files["app/models/__init__.py"] = facade
	for i := range n {
		p.files[fmt.Sprintf("app/models/m%d.py", i)] = p.module(i)
	}
	for i := range 2 + p.IntN(3) {
		p.files[fmt.Sprintf("app/c%d.py", i)] = p.consumer(n)
	}
	for i := range 1 + p.IntN(3) {
		name := fmt.Sprintf("app.root%d", i)
		p.roots = append(p.roots, name)
		p.files[strings.ReplaceAll(name, ".", "/")+".py"] = fmt.Sprintf("from app import c%d\nfrom app.models import X%d\n", p.IntN(2), p.IntN(n))
	}
	return p
}

// module declares something, imports modules of lower numbers, and registers what it declares, or not.
func (p *registering) module(i int) string {
	var b strings.Builder
	for k := range i {
		if p.IntN(4) == 0 {
			fmt.Fprintf(&b, "from app.models.m%d import X%[1]d\n", k)
		}
	}
	effects := []string{
		"class X%d:\n    pass\n",
		"from app.hub import register\n\n\n@register\nclass X%d:\n    pass\n",
		"from app.hub import Plugin\n\n\nclass X%d(Plugin):\n    pass\n",
		"from app import hub\n\n\nclass X%d:\n    pass\n\n\nhub.TABLE[\"%[1]d\"] = X%[1]d\n",
		"from app.hub import signal\n\n\nclass X%d:\n    pass\n\n\nsignal.connect(X%[1]d)\n",
	}
	fmt.Fprintf(&b, effects[p.IntN(len(effects))], i)
	fmt.Fprintf(&b, "\n\ndef f%d():\n    return X%[1]d\n", i)
	return b.String()
}

// consumer reads some names through the facade.
func (p *registering) consumer(n int) string {
	i, k := p.IntN(n), p.IntN(n)
	return []string{
		fmt.Sprintf("from app.models import X%d\n\nvalue = X%[1]d\n", i),
		fmt.Sprintf("import app.models\n\n\ndef late():\n    return app.models.X%d\n", i),
		fmt.Sprintf("from app import models as m\n\nboth = (m.X%d, m.X%d)\n", i, k),
		fmt.Sprintf("def late():\n    from app.models import X%d, X%d as other\n    return X%[1]d, other\n", i, k),
	}[p.IntN(4)]
}

// Whatever root a program starts at, what registers itself is registered as before once its facade has ended, and the registry keeps the order
// of the facade.
func TestRandomRegistriesSurvive(t *testing.T) {
	count := uint64(60)
	if *long {
		count = 2000
	}
	var asked []startedAt
	var want [][2]int // that are to be the same, and where the order counts as well
	ended := 0
	for seed := range count {
		p := newRegistering(seed)
		after, err := p.end(t)
		var wait *retire.NotYetError
		if errors.As(err, &wait) {
			t.Logf("seed %d: %v", seed, err)
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		ended++
		was, is := p.write(t, p.files), p.write(t, after)
		for _, root := range p.roots {
			want = append(want, [2]int{len(asked), 0})
			asked = append(asked, startedAt{was, root}, startedAt{is, root})
		}
		if _, ok := after["app/models/_registry.py"]; ok {
			want = append(want, [2]int{len(asked), 1})
			asked = append(asked, startedAt{was, "app.models"}, startedAt{is, "app.models._registry"})
		}
	}
	if ended < int(count)*9/10 {
		t.Errorf("of %d facades %d ended", count, ended)
	}
	logs := registeredBy(t, asked)
	for _, w := range want {
		was, is := logs[w[0]], logs[w[0]+1]
		if w[1] == 0 {
			slices.Sort(was)
			slices.Sort(is)
		}
		if !slices.Equal(was, is) {
			t.Errorf("%s of %s: was %v, is %v", asked[w[0]+1].Module, asked[w[0]+1].Folder, was, is)
		}
	}
	t.Logf("%d of %d facades ended; %d imports compared", ended, count, len(asked)/2)
}

// end carries the facade through its steps.
func (p *registering) end(t *testing.T) (memory, error) {
	rules := codemod.RetireOptions{Facade: retire.Rules{Facade: "app.models", Roots: p.roots,
		Acknowledged: []retire.Acknowledgement{{Blocker: retire.AtRest, Reason: "nothing is"}}}}
	files := p.files
	for _, step := range []retire.Step{retire.Register, retire.Explicit, "", retire.Narrow, retire.Retire} {
		if step == "" {
			result := codeBase{facades: []string{"app.models"}}.plan(t, files)
			files = maps.Clone(files)
			for _, c := range result.Changes {
				files[c.Path] = string(c.After)
			}
			continue
		}
		rules.Step = step
		r, err := codemod.Retire(context.Background(), files, codemod.Rules{SourceRoots: []string{""}}, rules)
		if err != nil {
			return nil, err
		}
		files = maps.Clone(files)
		for _, f := range r.Result.Files {
			files[f.Path] = string(f.After)
		}
	}
	return files, nil
}

func (p *registering) write(t *testing.T, files memory) string {
	t.Helper()
	folder := t.TempDir()
	writeFiles(t, folder, files)
	return folder
}

// startedAt is the import of a module of a program.
type startedAt struct{ Folder, Module string }

// registeredBy says what each import registers, in order, each in a process of its own.
func registeredBy(t *testing.T, asked []startedAt) (logs [][]string) {
	t.Helper()
	const script = `import json, os, sys
for one in json.load(sys.stdin):
    sys.stdout.flush()
    if not os.fork():
        sys.path.insert(0, one["Folder"])
        __import__(one["Module"])
        print(json.dumps(sys.modules["app.hub"].LOG if "app.hub" in sys.modules else []), flush=True)
        os._exit(0)
    if os.wait()[1]:
        sys.exit("import " + one["Module"] + " of " + one["Folder"] + " fails")
`
	in, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "-I", "-B", "-c", script)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v, with %s", err, filepath.Base(cmd.Path))
	}
	for line := range strings.Lines(string(out)) {
		var log []string
		if err := json.Unmarshal([]byte(line), &log); err != nil {
			t.Fatal(err)
		}
		logs = append(logs, log)
	}
	if len(logs) != len(asked) {
		t.Fatalf("%d answers to %d questions", len(logs), len(asked))
	}
	return logs
}
