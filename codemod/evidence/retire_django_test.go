package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// shopVariant is a Django project whose models are all imported by one facade, shop.models.
type shopVariant struct {
	name       string
	customUser bool // shop.User is the user model, and another app needs it when it is ready
	stringKeys bool // models refer to each other by string
	// naive is what happens when the facade is emptied without more: the test fails where nothing does.
	naive string
}

var shopVariants = []shopVariant{
	{"custom user", true, true, "set-up: ImproperlyConfigured: AUTH_USER_MODEL refers to model 'shop.User' that has not been installed"},
	{"no custom user", false, true, "check: fields.E300"},
	{"no custom user and no keys by string", false, false, "makemigrations: 25 models would be deleted"},
}

const shopFacade = "shop.models"

// things are the models that are all alike.
const things = 24

// tree writes the project: 28 models in as many modules, a receiver, a plugin registry, an admin, tests.
func (v shopVariant) tree() memory {
	m := memory{
		"manage.py":                 "import os, sys\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
		"settings.py":               v.settings(),
		"urls.py":                   "urlpatterns = []\n",
		"desk/__init__.py":          "",
		"desk/apps.py":              "from django.apps import AppConfig\n\n\nclass DeskConfig(AppConfig):\n    name = \"desk\"\n\n    def ready(self):\n        from django.contrib.auth import get_user_model\n\n        self.user = get_user_model()\n",
		"shop/__init__.py":          "",
		"shop/apps.py":              "from django.apps import AppConfig\n\n\nclass ShopConfig(AppConfig):\n    name = \"shop\"\n    default_auto_field = \"django.db.models.AutoField\"\n",
		"shop/hooks.py":             "PLUGINS = []\n\n\ndef register(plugin):\n    PLUGINS.append(plugin.name)\n    return plugin\n",
		"shop/ids.py":               "def new_id():\n    return \"id\"\n",
		"shop/admin.py":             "from django.contrib import admin\n\nfrom shop.models import Order, Product\n\nadmin.site.register(Order)\nadmin.site.register(Product)\n",
		"shop/views.py":             "from shop.models import ONE_DAY, EventError, Order, Product\n\n\ndef total(order):\n    if not isinstance(order, Order):\n        raise EventError(ONE_DAY)\n    return Product\n",
		"shop/report.py":            "import shop.models as models\n\n\ndef rows():\n    return [models.Thing00, models.Thing01, models.AuditLog]\n",
		"shop/models/base.py":       "from django.db import models\n\nfrom shop.hooks import PLUGINS\nfrom shop.ids import new_id\nfrom shop.models.fields import NameField\nfrom shop.models.managers import ShopManager\n\n\nclass Base(models.Model):\n    name = NameField(default=new_id)\n    objects = ShopManager()\n\n    class Meta:\n        abstract = True\n\n    def plugins(self):\n        return PLUGINS\n",
		"shop/models/errors.py":     "ONE_SECOND = 1\n\n\nclass EventError(Exception):\n    pass\n",
		"shop/models/fields.py":     "from django.db import models\n\n\nclass NameField(models.CharField):\n    def __init__(self, **options):\n        options.setdefault(\"max_length\", 40)\n        super().__init__(**options)\n",
		"shop/models/managers.py":   "from django.db import models\n\n\nclass ShopManager(models.Manager):\n    def named(self, name):\n        return self.filter(name=name)\n",
		"shop/models/plugin.py":     "from shop.hooks import register\n\n\n@register\nclass Mail:\n    name = \"mail\"\n",
		"shop/models/user.py":       v.user(),
		"shop/models/product.py":    v.product(),
		"shop/models/order.py":      "from django.db import models\n\nfrom shop.models.base import Base\nfrom shop.models.product import Product\nfrom shop.models.user import User\n\n\nclass Order(Base):\n    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name=\"orders\")\n    product = models.ForeignKey(Product, on_delete=models.CASCADE)\n",
		"shop/models/audit.py":      "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n\nfrom shop.models.base import Base\n\n\nclass AuditLog(Base):\n    pass\n\n\n@receiver(post_save, sender=\"shop.Product\")\ndef log(instance, **options):\n    AuditLog.objects.create(name=\"saved \" + instance.name)\n",
		"shop/tests/__init__.py":    "",
		"shop/tests/test_models.py": shopTests,
	}
	facade := "\"\"\"Models of the shop.\"\"\"\n\nfrom .errors import *\nfrom .user import *\nfrom .product import *\nfrom .order import *\nfrom .audit import *\nfrom .plugin import *\n"
	for i := range things {
		m[fmt.Sprintf("shop/models/thing%02d.py", i)] = v.thing(i)
		facade += fmt.Sprintf("from .thing%02d import *\n", i)
	}
	m["shop/models/__init__.py"] = facade
	return m
}

func (v shopVariant) settings() string {
	user := ""
	if v.customUser {
		user = "AUTH_USER_MODEL = \"shop.User\"\n"
	}
	return user + `SECRET_KEY = "x"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "shop",
    "desk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "urls"
`
}

func (v shopVariant) user() string {
	if v.customUser {
		return "from django.contrib.auth.models import AbstractUser\n\nfrom shop.models.base import Base\n\n\nclass User(Base, AbstractUser):\n    pass\n"
	}
	return "from shop.models.base import Base\n\n\nclass User(Base):\n    pass\n"
}

func (v shopVariant) product() string {
	if v.stringKeys {
		return "from django.db import models\n\nfrom shop.models.base import Base\n\nONE_DAY = 86400\n\n\nclass Product(Base):\n    thing = models.ForeignKey(\"shop.Thing00\", on_delete=models.SET_NULL, null=True)\n"
	}
	return "from shop.models.base import Base\n\nONE_DAY = 86400\n\n\nclass Product(Base):\n    pass\n"
}

// thing refers to the next thing, the last to the first, where models do so by string.
func (v shopVariant) thing(i int) string {
	body := "    pass\n"
	imports := ""
	if v.stringKeys {
		imports = "from django.db import models\n\n"
		body = fmt.Sprintf("    other = models.ForeignKey(\"shop.Thing%02d\", on_delete=models.CASCADE, null=True)\n", (i+1)%things)
	}
	return fmt.Sprintf("%sfrom shop.models.base import Base\n\n\nclass Thing%02d(Base):\n%s", imports, i, body)
}

const shopTests = `from django.apps import apps
from django.contrib import admin
from django.test import TestCase

from shop import views
from shop.hooks import PLUGINS
from shop.models import AuditLog, Order, Product, Thing00, Thing01, User


class ModelTest(TestCase):
    def test_all_models(self):
        self.assertEqual(len(list(apps.get_app_config("shop").get_models())), 28)

    def test_plugin(self):
        self.assertEqual(PLUGINS, ["mail"])

    def test_receiver(self):
        Product.objects.create(name="pen")
        self.assertEqual(AuditLog.objects.named("saved pen").count(), 1)

    def test_order(self):
        user, product = User.objects.create(name="ann"), Product.objects.create(name="pen")
        order = Order.objects.create(user=user, product=product)
        self.assertEqual(list(user.orders.all()), [order])

    def test_total(self):
        self.assertIs(views.total(Order()), Product)

    def test_error(self):
        from shop.models import EventError

        with self.assertRaises(EventError):
            views.total(None)

    def test_rows(self):
        from shop import report

        self.assertEqual(report.rows(), [Thing00, Thing01, AuditLog])

    def test_admin(self):
        self.assertTrue(admin.site.is_registered(Product))

    def test_manager(self):
        Thing00.objects.create(name="a")
        self.assertEqual(Thing00.objects.named("a").count(), 1)

    def test_table_of_the_last(self):
        self.assertEqual(apps.get_model("shop", "Thing23").objects.count(), 0)
`

// shopState is what Django says of the project.
type shopState struct {
	SetUp      string              // the error with which it ends, or ""
	Models     map[string][]string // fields by label
	Receivers  []string
	Plugins    []string
	Admin      []string
	Loaded     int    // modules of the project after set-up
	Check      string // what it complains about, or ""
	Migrations string // what makemigrations would do, or ""
	Tests      string // "10 passed", or what failed
}

// shopProject is one state of the project on disk.
type shopProject struct {
	folder string
	paths  []string // of Django
}

func (v shopVariant) write(t *testing.T, django string, files memory) shopProject {
	t.Helper()
	p := shopProject{t.TempDir(), []string{django}}
	writeFiles(t, p.folder, files)
	return p
}

// run asks the script about the project.
func (p shopProject) run(t *testing.T, answer any, args ...string) {
	t.Helper()
	script, err := filepath.Abs("testdata/retiredjango.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", append([]string{"-W", "ignore", script}, args...)...)
	cmd.Dir = p.folder
	cmd.Env = append(os.Environ(), "PYTHONPATH="+strings.Join(append(p.paths, p.folder), ":"), "DJANGO_SETTINGS_MODULE=settings", "PYTHONPYCACHEPREFIX="+pycache(t))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", script, args, err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), answer); err != nil {
		t.Fatalf("%v said %s", args, out)
	}
}

// pycache keeps what CPython compiles from one process to the next.
func pycache(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "canonicalize-evidence", "pycache")
}

// migrated adds the migrations that Django makes for the project as it is.
func (v shopVariant) migrated(t *testing.T, django string) memory {
	t.Helper()
	files := v.tree()
	p := v.write(t, django, files)
	var made map[string]string
	p.run(t, &made, "makemigrations")
	for path, text := range made {
		files[path] = text
	}
	return files
}

func (v shopVariant) state(t *testing.T, django string, files memory) (s shopState) {
	t.Helper()
	v.write(t, django, files).run(t, &s, "state")
	return s
}

// executed returns how many modules of the project the import of one executes in a process whose apps are ready and whose models are not
// loaded.
func (v shopVariant) executed(t *testing.T, django string, files memory, modules ...string) (counts []int) {
	t.Helper()
	p := v.write(t, django, files)
	for _, m := range modules {
		var n int
		p.run(t, &n, "executes", m)
		counts = append(counts, n)
	}
	return counts
}

func djangoFolder(t *testing.T) string {
	return debian(t, "python3-django", "python3-asgiref", "python3-sqlparse", "python3-tz")
}

// The project is what the test says it is, and emptying its facade does the harm that it is said to do.
func TestEmptiedFacadeLosesModels(t *testing.T) {
	django := djangoFolder(t)
	for _, v := range shopVariants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			files := v.migrated(t, django)
			before := v.state(t, django, files)
			if before.SetUp != "" || len(before.Models) != 28 || before.Loaded != 39 || before.Check+before.Migrations != "" || before.Tests != "10 passed" {
				t.Fatalf("the project is not in order: %+v", before)
			}
			emptied := canonicalized(t, files, shopFacade)
			emptied["shop/models/__init__.py"] = "\"\"\"Models of the shop.\"\"\"\n"
			after := v.state(t, django, emptied)
			if harm := after.harm(); !strings.Contains(harm, v.naive) {
				t.Errorf("emptied, the project does not suffer as expected: %s", harm)
			}
		})
	}
}

// harm says what is wrong, in the order in which a person would meet it.
func (s shopState) harm() string {
	var all []string
	for _, one := range [][2]string{{"set-up", s.SetUp}, {"check", s.Check}, {"makemigrations", s.Migrations}} {
		if one[1] != "" {
			all = append(all, one[0]+": "+one[1])
		}
	}
	return strings.Join(all, "; ")
}

// canonicalized is a tree after the plan for a facade.
func canonicalized(t *testing.T, files memory, facades ...string) memory {
	t.Helper()
	result := codeBase{facades: facades}.plan(t, files)
	out := maps.Clone(files)
	for _, c := range result.Changes {
		out[c.Path] = string(c.After)
	}
	if len(result.Left) > 0 {
		t.Fatalf("%s:%d is left: %s", result.Left[0].Path, result.Left[0].Line, result.Left[0].Detail)
	}
	return out
}

// same demands that two states of the project are one.
func (s shopState) same(t *testing.T, step string, was shopState) {
	t.Helper()
	s.Loaded, was.Loaded = 0, 0
	if !reflect.DeepEqual(s, was) {
		t.Errorf("after %s: %+v\nbefore: %+v", step, s, was)
	}
}

// The facade of a Django project ends: after each step the project is to Django what it was, and in the end the import of one model
// executes what that needs.
func TestDjangoFacadeEnds(t *testing.T) {
	django := djangoFolder(t)
	for i, v := range shopVariants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			files := v.migrated(t, django)
			before := v.state(t, django, files)
			e := &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, Rules: retire.Rules{Facade: shopFacade, Shell: true}, files: files}
			v.figures(t, django, e.files, [4]int{38, 38, 38, 38})
			e.acknowledge(retire.AtRest)
			for _, step := range []retire.Step{retire.Register, retire.Explicit, "", retire.Narrow, retire.Retire, retire.Shell} {
				if step == "" { // in between, the readers go to the homes
					e.files = canonicalized(t, e.files, shopFacade)
				} else if !e.do(step) {
					t.Errorf("%s changes nothing", step)
				}
				if i == 0 || *long || step == retire.Shell {
					v.state(t, django, e.files).same(t, string(step), before)
				}
			}
			v.figures(t, django, e.files, [4]int{4, 9, 9, 11})
		})
	}
}

// figures demands how many modules the import of four modules executes.
func (v shopVariant) figures(t *testing.T, django string, files memory, want [4]int) {
	t.Helper()
	got := v.executed(t, django, files, "shop.models.errors", "shop.models.thing00", "shop.models.user", "shop.models.order")
	if !reflect.DeepEqual(got, want[:]) {
		t.Errorf("importing errors, a thing, the user, an order executes %v modules, want %v", got, want)
	}
}
