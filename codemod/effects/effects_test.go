package effects

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// tree is the facts of files in memory.
type tree map[string][]byte

func (t tree) Outline(path string) *pyfile.Outline { return pyfile.Scan(t[path]) }

func (t tree) Module(path string) *pyfile.Module {
	p := pyfile.NewParser()
	defer p.Close()
	m, _ := p.Module(context.Background(), t[path], t.Outline(path))
	return m
}

func (t tree) Acts(path string) *pyfile.Acts {
	p := pyfile.NewParser()
	defer p.Close()
	a, _ := p.Acts(context.Background(), t[path])
	return a
}

type facts struct {
	tree
	*resolve.Resolver
}

func finder(text string, rules Rules) *Finder {
	files := tree{}
	var paths []string
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = f.Data
		paths = append(paths, f.Name)
	}
	index := resolve.NewIndex(paths, []string{""})
	return New(index, facts{files, resolve.New(index, files, nil, nil)}, rules)
}

func spell(all []Effect) string {
	var out []string
	for _, e := range all {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Kind, e.What, e.Name)))
	}
	return strings.Join(out, "; ")
}

const library = `
-- lib/__init__.py --
-- lib/base.py --
from django.db import models
from sqlalchemy.orm import declarative_base
from flask_sqlalchemy import SQLAlchemy
Base = declarative_base()
db = SQLAlchemy()
plugins = []
class Timed(models.Model):
    class Meta:
        abstract = True
class Plugin:
    def __init_subclass__(cls):
        plugins.append(cls)
class Quiet:
    def __init_subclass__(cls):
        cls.slug = cls.__name__
class Meta(type):
    def __new__(mcs, name, bases, attrs):
        new = super().__new__(mcs, name, bases, attrs)
        registry[name] = new
        return new
class Tracked(metaclass=Meta):
    pass
Alias = Tracked
class Plain:
    def method(self): pass
def add(cls):
    plugins.append(cls)
    return cls
def mark(cls):
    cls.marked = True
    return cls
-- lib/hub.py --
from .base import Timed as Row, Plugin, Quiet, Alias
`

// TestOf is what counts as an effect of an import.
func TestOf(t *testing.T) {
	for _, tt := range []struct{ why, src, want string }{
		{"a model, over two hops and an alias", "from lib.hub import Row\nclass User(Row): pass\n", "django-model lib.base.Timed User"},
		{"a model as most spell it", "from django.db import models\nclass User(models.Model): pass\n", "django-model django.db.models.Model User"},
		{"mapped classes", "from lib.base import Base, db\nclass A(Base): pass\nclass B(db.Model): pass\n", "sqlalchemy lib.base.Base A; sqlalchemy lib.base.db.Model B"},
		{"a subclass hook that keeps the class, and one that does not", "from lib.hub import Plugin, Quiet\nclass A(Plugin): pass\nclass B(Quiet): pass\n", "subclass lib.base.Plugin A"},
		{"a metaclass that keeps the class, below another name", "from lib.hub import Alias\nclass A(Alias): pass\n", "subclass lib.base.Alias A"},
		{"plain classes and functions", "from lib.base import Plain\nimport enum\nclass A(Plain): pass\nclass B(enum.Enum): x = 1\ndef f(): g()\nX = f()\n", ""},
		{"receivers", "from django.dispatch import receiver\nfrom lib.s import sig\n@receiver(sig)\ndef f(): pass\nsig.connect(f)\n", "receiver django.dispatch.receiver f; receiver lib.s.sig.connect"},
		{"admin classes", "from django.contrib import admin\nadmin.site.register(A)\n@admin.register(B)\nclass BAdmin(admin.ModelAdmin): pass\n", "admin django.contrib.admin.site.register; admin django.contrib.admin.register BAdmin"},
		{"tasks", "from celery import shared_task\nfrom app import app\n@shared_task\ndef f(): pass\n@app.task(bind=True)\ndef g(self): pass\n", "task celery.shared_task f; task app.app.task g"},
		{"decorators of the tree, by what they do", "from lib.base import add, mark\n@add\nclass A: pass\n@mark\nclass B: pass\n", "decorated lib.base.add A"},
		{"decorators of libraries, in doubt", "from functools import lru_cache\nfrom other import thing\n@lru_cache\ndef f(): pass\n@thing\ndef g(): pass\nclass C:\n    @property\n    def x(self): pass\n    @x.setter\n    def x(self, v): pass\n", "decorated other.thing g"},
		{"calls whose result nobody takes, but for lists of its own", "import other\nall = []\nall.append(1)\nother.setup()\nx = other.make()\nother.signal.connect(x)\n", "called other.setup; receiver other.signal.connect"},
		{"attributes and items of others", "import os\nfrom lib import base\nos.environ['A'] = 'b'\nbase.plugins = []\nmine = {}\nmine['a'] = 1\n", "assigned os.environ; assigned lib.base.plugins"},
		{"what the module made itself, and what it looked up", "import other\nregister = other.Library()\nfound = other.library()\n@register.tag\ndef f(): pass\n@found.tag\ndef g(): pass\n", "decorated m.found.tag g"},
		{"tables", "import sqlalchemy as sa\nt = sa.Table('t', meta)\n", "sqlalchemy sqlalchemy.Table"},
	} {
		if got := spell(finder(library+"-- m.py --\n"+tt.src, Rules{}).Of("m")); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.why, got, tt.want)
		}
	}
}

// TestRules is what the configuration adds and takes away.
func TestRules(t *testing.T) {
	src := library + "-- m.py --\nfrom other import thing, Base\n@thing\ndef f(): pass\nclass A(Base): pass\nx = thing.make()\n"
	hub := library + "-- m.py --\nfrom lib.hub import Row\nclass User(Row): pass\n"
	if got := spell(finder(hub, Rules{NoEffects: []string{"lib.hub.Row"}}).Of("m")); got != "" {
		t.Errorf("named as the hub has it: %s", got)
	}
	got := spell(finder(src, Rules{Effects: []string{"other.Base", "thing.make"}, NoEffects: []string{"other:thing"}}).Of("m"))
	if want := "configured other.Base A; configured other.thing.make"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestOn asks what a module does to one object.
func TestOn(t *testing.T) {
	src := library + "-- m.py --\nfrom lib.hub import Plugin as P\nimport lib.base\nclass A(P): pass\n@P.mark\ndef f(): pass\nP.x = 1\nv = P().run()\nlib.base.Plugin.go()\nlib.base.db.go()\n"
	got := spell(finder(src, Rules{}).On("m", resolve.Home{Module: "lib.base", Attr: "Plugin"}))
	if want := "subclass lib.base.Plugin A; decorated lib.base.Plugin.mark f; assigned lib.base.Plugin.x; called lib.base.Plugin; called lib.base.Plugin.run; called lib.base.Plugin.go"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
