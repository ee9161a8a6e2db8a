package codemod

import (
	"context"
	"strings"
	"testing"
)

// A downstream repository migrates first: the facade is in another one, which
// is read and not changed, and whose modules are a third party's to the
// sorter of the one that changes.
func TestFacadeOfAProvider(t *testing.T) {
	provider := texts{
		"src/app/__init__.py":        "",
		"src/app/models/__init__.py": "from .user import *\n",
		"src/app/models/user.py":     "class User: pass\n",
		"src/app/views.py":           "from app.models import User\n",
	}
	tree := texts{
		"pyproject.toml":      "[tool.isort]\nprofile = 'black'\n",
		"plugin/__init__.py":  "",
		"plugin/local.py":     "x = 1\n",
		"plugin/consumer.py":  "import os\n\nfrom app.models import User\n\nfrom plugin.local import x\n",
		"plugin/app_local.py": "import app.models\n\ndef f():\n    return app.models.User()\n",
	}
	rules := Rules{Facades: []string{"app.models"}, Providers: []Provider{{Name: "acme/upstream", Tree: provider}}}
	res, err := Plan(context.Background(), tree, rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range res.Changes {
		got[c.Path] = string(c.After)
	}
	want := map[string]string{
		"plugin/consumer.py":  "import os\n\nfrom app.models.user import User\n\nfrom plugin.local import x\n",
		"plugin/app_local.py": "from app.models.user import User\n\ndef f():\n    return User()\n",
	}
	for p, w := range want {
		if got[p] != w {
			t.Errorf("%s:\n%s\nwant:\n%s", p, got[p], w)
		}
	}
	for p := range got {
		if strings.Contains(p, "views.py") {
			t.Errorf("the provider's %s is changed", p)
		}
	}
	if f := res.Facades[0]; f.Path != "src/app/models/__init__.py" || f.Provider != "acme/upstream" || f.References != 2 {
		t.Errorf("facade: %+v", f)
	}
	if len(res.Left) != 0 {
		t.Errorf("left: %+v", res.Left)
	}
}
