package pyfile

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// What replaces a name of a module, in every spelling.
func TestReplacements(t *testing.T) {
	const head = "import sys, app.models, app.models as m\nimport consumer\nfrom importlib import import_module\nfrom unittest import mock\nfrom unittest.mock import patch\nMODULE = 'app.models'\n"
	tests := []struct{ src, want string }{
		{"patch('app.models.fmt')\n", "app.models.fmt"},
		{"@mock.patch(target='a.b')\ndef f(): pass\n", "a.b"},
		{"patch(MODULE + '.fmt')\npatch(f'{MODULE}.fmt')\npatch('%s.fmt' % MODULE)\npatch('{}.fmt'.format(MODULE))\n", "app.models.fmt app.models.fmt app.models.fmt app.models.fmt"},
		{"def test(where):\n    patch(f'{where}.fmt')\n    patch(where + \".fmt\")\n    patch(where)\n", "?fmt ?fmt ?"},
		{"def replaced(name):\n    patch('app.models.' + name)\n    patch(f'app.models.{name}')\n    patch('app.models.%s' % name)\n", "app.models. app.models. app.models."},
		{"patch.dict(sys.modules, {'app.models': 1})\nsys.modules['app.other'] = x\n", "app.models. app.other."},
		{"def test():\n    target = MODULE + '.x'\n    with patch(target): pass\n", "app.models.x"},
		{"patch.object(m, 'fmt')\npatch.object(app.models, 'fmt')\nmock.patch.object(consumer.models, 'fmt')\npatch.object(consumer, 'models')\n",
			"app.models.fmt app.models.fmt consumer.models.fmt consumer.models"},
		{"patch.multiple('app.models', fmt=1)\npatch.multiple(m, x=1)\n", "app.models.fmt app.models.x"},
		{"patch.dict(m.__dict__, {'a': 1}, b=2)\npatch.dict(vars(m), c=1)\npatch.dict('app.models.__dict__', d=1)\npatch.dict(os.environ, {'x': 1})\n",
			"app.models.a app.models.b app.models.c app.models.d"},
		{"sys.modules['app.models'].fmt = 1\nimport_module('app.models').fmt = 1\nsetattr(sys.modules[MODULE], 'x', 1)\nm.__dict__['y'] = 1\nvars(m).update(z=1)\n",
			"app.models.fmt app.models.fmt app.models.x app.models.y app.models.z"},
		{"def test(monkeypatch, mocker):\n    monkeypatch.setattr('a.b', 1)\n    monkeypatch.setattr(m, 'c', 1)\n    mocker.patch('d.e')\n    mocker.patch.object(m, 'f')\n    monkeypatch.setitem(m.__dict__, 'g', 1)\n",
			"a.b app.models.c d.e app.models.f app.models.g"},
		{"self.client.patch('/url')\nrequests.patch(url)\nx.fmt = 1\nsetattr(self, 'x', 1)\n", ""},
		{"for n in names:\n    setattr(m, n, 1)\n", "app.models."},
	}
	p := NewParser()
	defer p.Close()
	for _, tt := range tests {
		src := []byte(head + tt.src)
		found, err := p.Replacements(context.Background(), src, Scan(src))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range found {
			if r.Target == "" {
				r.Target = "?" + r.Name
			}
			got = append(got, r.Target)
		}
		want := strings.Fields(tt.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%sreplaces %v, want %v", tt.src, got, want)
		}
	}
}
