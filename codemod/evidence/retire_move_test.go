package evidence

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// appTree is the shape of a module that declares the singletons of an application and re-exports others: one that is made from
// settings, one with its own class, one that a function makes, and readers of every kind, of which one imports the module in a function
// and reads it by attribute.
func appTree() memory {
	return memory{
		"sentry/__init__.py": "",
		"sentry/app.py": `from threading import local

from sentry.conf import settings
from sentry.utils.locking import LockManager
from sentry.utils.imports import load
from sentry.tsdb import tsdb  # NOQA
from sentry.ratelimits import backend as ratelimiter


class State(local):
    request = None
    data = {}


def make_buffer(path, **options):
    return load(path, options)


env = State()

# The buffer of everything that is counted.
buffer = make_buffer(settings["buffer"], size=3)
locks = LockManager(load(settings["locks"], {}))
`,
		"sentry/conf.py":           "settings = {\"buffer\": \"a\", \"locks\": \"b\"}\n",
		"sentry/utils/__init__.py": "",
		"sentry/utils/locking.py":  "class LockManager:\n    def __init__(self, backend):\n        self.backend = backend\n\n    def get(self, name):\n        return (self, name)\n",
		"sentry/utils/imports.py":  "class Backend:\n    def __init__(self, path, options):\n        self.path = path\n\n\ndef load(path, options):\n    return Backend(path, options)\n",
		"sentry/tsdb.py":           "class TSDB:\n    pass\n\n\ntsdb = TSDB()\n",
		"sentry/ratelimits.py":     "class Limiter:\n    pass\n\n\nbackend = Limiter()\n",
		"sentry/tasks.py":          "from sentry.app import buffer, locks\n\n\ndef read():\n    return [buffer, locks]\n",
		"sentry/middleware.py":     "from sentry import app\n\n\ndef read():\n    app.env.request = 1\n    return [app.env, app.tsdb, app.locks]\n",
		"sentry/late.py":           "def read():\n    from sentry import app\n\n    return [app.locks, app.locks.get(\"x\")[0], app.buffer]\n",
		"sentry/whole.py":          "import sentry.app\n\n\ndef read():\n    return [sentry.app.ratelimiter, sentry.app.env, sentry.app.State, sentry.app.locks]\n",
		"sentry/renamed.py":        "from sentry.app import env as state, locks as l\n\n\ndef read():\n    return [state, l]\n",
		"tests/__init__.py":        "",
		"tests/test_app.py":        "from unittest.mock import patch\n\n\ndef read():\n    from sentry.late import read\n\n    with patch(\"sentry.app.buffer\", \"replaced\"):\n        return [str(read()[2])]\n",
	}
}

// What a module of singletons declares moves out; every reader is bound to the same object before and after, also one that reads it off the
// module in a function.
func TestMoveKeepsEveryReader(t *testing.T) {
	files := appTree()
	delete(files, "tests/test_app.py")
	readers := []string{"sentry.tasks", "sentry.middleware", "sentry.late", "sentry.whole", "sentry.renamed"}
	before := readings(t, files, readers)
	after, left := moved(t, files, before, readers)
	for _, l := range left {
		t.Errorf("left: %s:%d %s: %s", l.Path, l.Line, l.Name, l.Reason)
	}
	for path, text := range after {
		if path != "sentry/app.py" && strings.Contains(text, "app") {
			t.Errorf("%s still reads the facade:\n%s", path, text)
		}
	}
}

// What a test replaces on the module stays, with its readers: elsewhere the test would replace nothing.
func TestMoveLeavesWhatIsReplaced(t *testing.T) {
	files := appTree()
	readers := []string{"tests.test_app", "sentry.tasks", "sentry.late", "sentry.whole"}
	before := readings(t, files, readers)
	_, left := moved(t, files, before, readers)
	if len(left) == 0 || slices.ContainsFunc(left, func(l codemod.Left) bool { return l.Name != "buffer" }) {
		t.Errorf("left: %+v", left)
	}
}

// moved lets declarations move, and their readers follow, with the same readings after each.
func moved(t *testing.T, files memory, before map[string]string, readers []string) (memory, []codemod.Left) {
	t.Helper()
	e := &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, files: files, Rules: retire.Rules{Facade: "sentry.app", Moves: map[string]string{
		"locks": "sentry.locks", "buffer": "sentry.buffer", "env": "sentry.state",
	}}}
	if !e.do(retire.Move) {
		t.Fatal("nothing moves")
	}
	sameReadings(t, "the move", before, readings(t, e.files, readers))
	if e.do(retire.Move) {
		t.Error("it moves again")
	}
	result := codeBase{facades: []string{"sentry.app"}}.plan(t, e.files)
	for _, c := range result.Changes {
		e.files[c.Path] = string(c.After)
	}
	sameReadings(t, "the readers went to the new homes", before, readings(t, e.files, readers))
	return e.files, result.Left
}

// readings are what the readers find, each object by its identity: the process that imports all of them says which are one.
func readings(t *testing.T, files memory, modules []string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	writeFiles(t, folder, files)
	script := `import importlib, json, sys
sys.path.insert(0, sys.argv[1])
seen, said = {}, {}
for m in sys.argv[2:]:
    for i, o in enumerate(importlib.import_module(m).read()):
        said[f"{m}[{i}]"] = type(o).__name__ + " " + (o if isinstance(o, str) else str(seen.setdefault(id(o), len(seen))))
print(json.dumps(said))
`
	var said map[string]string
	askPython(t, &said, append([]string{"-I", "-B", "-c", script, folder}, modules...)...)
	return said
}

func sameReadings(t *testing.T, when string, was, is map[string]string) {
	t.Helper()
	for _, reader := range slices.Sorted(maps.Keys(was)) {
		if is[reader] != was[reader] {
			t.Errorf("after %s, %s is %q and was %q", when, reader, is[reader], was[reader])
		}
	}
	if len(is) != len(was) {
		t.Errorf("after %s there are %d readings, not %d", when, len(is), len(was))
	}
}
