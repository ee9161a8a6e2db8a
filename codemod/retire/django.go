package retire

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// django is how the registry of an app is imported by django.setup(): by
// AppConfig.import_models, which runs in the second phase of populating the
// registry, before any ready().
// https://docs.djangoproject.com/en/stable/ref/applications/#how-applications-are-loaded
type django struct {
	*registration
	app     string // the package that INSTALLED_APPS names
	class   string // name of the AppConfig
	configs []config
	listed  []listing
	pinned  bool // a requirement says that Django is at least 3.2
	notes   []string
	why     string // why there is no way
}

// config is an AppConfig of the app.
type config struct {
	path  string
	class pyfile.Class
}

// listing is an entry of INSTALLED_APPS.
type listing struct {
	path    string
	literal pyfile.Literal
}

// django finds the app; nil if the facade loads no model of Django's.
func (r *registration) django() *django {
	models := false
	for _, m := range slices.Concat(r.lost, r.listed()) {
		models = models || slices.ContainsFunc(r.finder.Of(m), func(e effects.Effect) bool { return e.Kind == effects.DjangoModel })
	}
	if !models {
		return nil
	}
	d := &django{registration: r}
	if d.app = r.appOf(); d.app == "" {
		d.why = fmt.Sprintf("%s loads models of Django, and is neither the `models` of an app nor imported by one: Django would not look for a registry there.", r.mod.Name)
		return d
	}
	d.settings()
	d.findConfigs()
	d.pinned = d.requires()
	d.decide()
	return d
}

// appOf is the package whose `models` is the facade, or imports it.
func (r *registration) appOf() string {
	if last(r.mod.Name) == "models" {
		return parent(r.mod.Name)
	}
	for pkg := parent(r.mod.Name); pkg != ""; pkg = parent(pkg) {
		if r.Index().Module(pkg+".models") == nil {
			continue
		}
		if _, ran := run(r.World, nil, pkg+".models"); ran[r.mod.Name] {
			return pkg
		}
	}
	return ""
}

// settings finds the entries of INSTALLED_APPS that name the app, in every
// settings module.
func (d *django) settings() {
	for _, path := range d.Paths() {
		src, ok := d.pythonText(path)
		if !ok || !bytes.Contains(src, []byte("INSTALLED_APPS")) {
			continue
		}
		body := d.Body(path)
		for i := 0; body != nil && i < len(body.Literals); i++ {
			l := body.Literals[i]
			if l.In == "INSTALLED_APPS" && below(l.Text, d.app) && (l.Text == d.app || d.isConfig(l.Text)) {
				d.listed = append(d.listed, listing{path, l})
			}
		}
	}
}

func (d *django) pythonText(path string) ([]byte, bool) {
	if !strings.HasSuffix(path, ".py") {
		return nil, false
	}
	return d.Text(path)
}

// isConfig reports whether a dotted name is an AppConfig of this app, and not
// that of another below it.
func (d *django) isConfig(dotted string) bool {
	m := d.Index().Module(parent(dotted))
	if d.Index().Module(dotted) != nil || m == nil || m.Path == "" {
		return false
	}
	body := d.Body(m.Path)
	return body != nil && slices.ContainsFunc(body.Classes, func(c pyfile.Class) bool {
		return c.Name == last(dotted) && c.Strings["name"].Text == d.app
	})
}

// findConfigs finds the AppConfigs that are in use: those that are listed, and
// that of apps.py where the app is listed by its package.
func (d *django) findConfigs() {
	add := func(module string, is func(pyfile.Class) bool) {
		m := d.Index().Module(module)
		if m == nil || m.Path == "" {
			return
		}
		body := d.Body(m.Path)
		for i := 0; body != nil && i < len(body.Classes); i++ {
			c := body.Classes[i]
			known := slices.ContainsFunc(d.configs, func(k config) bool { return k.path == m.Path && k.class.Name == c.Name })
			if is(c) && !known {
				d.configs = append(d.configs, config{m.Path, c})
			}
		}
	}
	byPackage := len(d.listed) == 0
	for _, l := range d.listed {
		if l.literal.Text == d.app {
			byPackage = true
			continue
		}
		add(parent(l.literal.Text), func(c pyfile.Class) bool { return c.Name == last(l.literal.Text) })
	}
	if byPackage {
		add(d.app+".apps", func(c pyfile.Class) bool { return c.Strings["name"].Text == d.app })
	}
}

// decide says whose method imports the registry, or why nobody's can.
func (d *django) decide() {
	switch {
	case len(d.listed) == 0 && d.anySettings():
		d.why = fmt.Sprintf("No settings module of this repository lists %s in INSTALLED_APPS, so django.setup() does not load it.", d.app)
		return
	case len(d.configs) == 0:
		d.create()
		return
	}
	d.class = d.configs[0].class.Name
	var lack []string
	for _, c := range d.configs {
		m, has := d.method(c)
		if has && !strings.Contains(m.Text, "super().import_models(") {
			d.why = fmt.Sprintf("%s.import_models does not call super().import_models(), so what it loads cannot be told: let it do so first.", c.class.Name)
			return
		}
		if !has || !strings.Contains(m.Text, d.registry) && !strings.Contains(m.Text, "import "+registryName) {
			lack = append(lack, c.class.Name+" in "+c.path)
		}
	}
	if len(d.configs) > 1 && len(lack) > 0 {
		d.why = fmt.Sprintf("Settings name more than one AppConfig of %s, and these do not import the registry: %s. Let them share a base class, or add the method to each by hand.", d.app, strings.Join(lack, ", "))
	}
}

func (d *django) method(c config) (pyfile.Method, bool) {
	i := slices.IndexFunc(c.class.Methods, func(m pyfile.Method) bool { return m.Name == "import_models" })
	if i < 0 {
		return pyfile.Method{}, false
	}
	return c.class.Methods[i], true
}

// anySettings reports whether the repository has settings at all: an app that
// others install has none.
func (d *django) anySettings() bool {
	return slices.ContainsFunc(d.Paths(), func(path string) bool {
		src, ok := d.pythonText(path)
		if !ok || !bytes.Contains(src, []byte("INSTALLED_APPS")) {
			return false
		}
		m := d.Module(path)
		return m != nil && slices.ContainsFunc(m.Bindings, func(b pyfile.Binding) bool { return b.Name == "INSTALLED_APPS" })
	})
}

// create plans an AppConfig where there is none.
func (d *django) create() {
	name := strings.ReplaceAll(strings.ReplaceAll(last(d.app), "_", " "), "-", " ")
	for _, word := range strings.Fields(name) {
		d.class += strings.ToUpper(word[:1]) + word[1:]
	}
	d.class += "Config"
	d.notes = append(d.notes, fmt.Sprintf("%s had no AppConfig: this adds %s.apps.%s.", d.app, d.app, d.class))
	if !d.pinned {
		d.notes = append(d.notes, "No requirement says that Django is at least 3.2, which finds an AppConfig by itself, so INSTALLED_APPS names it.")
	}
}

// files are the changes that have the registry imported.
func (d *django) files() (out []File) {
	if len(d.configs) == 0 {
		return d.created()
	}
	for _, c := range d.configs {
		src, _ := d.Text(c.path)
		if after := d.withMethod(src, c); !bytes.Equal(src, after) {
			out = append(out, File{Path: c.path, Before: src, After: after})
		}
	}
	return out
}

// importLine imports the registry in a method.
func (d *django) importLine() string {
	return fmt.Sprintf("from %s import %s  # noqa: F401\n", parent(d.registry), last(d.registry))
}

func (d *django) withMethod(src []byte, c config) []byte {
	indent := indentAt(src, c.class.Body)
	if m, has := d.method(c); has {
		if strings.Contains(m.Text, "import "+last(d.registry)) {
			return src
		}
		inner := indentAt(src, m.End)
		if inner == "" {
			inner = indent + "    "
		}
		return splice(src, m.End, "\n"+inner+strings.TrimSuffix(d.importLine(), "\n"))
	}
	text := indent + "def import_models(self):\n" + indent + "    super().import_models()\n" + indent + "    " + d.importLine()
	at := c.class.Attributes
	if at == 0 {
		at = c.class.End
	}
	if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
		at += n + 1
	} else {
		at, text = len(src), "\n"+text
	}
	return splice(src, at, "\n"+text)
}

// indentAt is the white space that the line of an offset begins with.
func indentAt(src []byte, at int) string {
	line := src[bytes.LastIndexByte(src[:at], '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

func (d *django) created() (out []File) {
	text := fmt.Sprintf("from django.apps import AppConfig\n\n\nclass %s(AppConfig):\n    name = %q\n\n    def import_models(self):\n        super().import_models()\n        %s",
		d.class, d.app, d.importLine())
	pkg := d.Index().Module(d.app)
	path := strings.TrimSuffix(pkg.Path, "__init__.py") + "apps.py"
	before, exists := d.Text(path)
	file := File{Path: path, After: []byte(text), New: !exists}
	if exists {
		file.Before = before
		rest := strings.TrimPrefix(text, "from django.apps import AppConfig\n\n\n")
		head := insertMissing(before, "from django.apps import AppConfig")
		file.After = []byte(strings.TrimRight(string(head), "\n") + "\n\n\n" + rest)
	}
	out = append(out, file)
	if d.pinned {
		return out
	}
	byPath := map[string][]byte{}
	for _, l := range slices.Backward(d.listed) { // from the end: offsets stay what they are
		src, ok := byPath[l.path]
		if !ok {
			src, _ = d.Text(l.path)
		}
		byPath[l.path] = slices.Concat(src[:l.literal.Start], []byte(d.app+".apps."+d.class), src[l.literal.End:])
	}
	for _, path := range sortedKeys(byPath) {
		before, _ := d.Text(path)
		out = append(out, File{Path: path, Before: before, After: byPath[path]})
	}
	return out
}

// insertMissing puts an import at the head of a text that lacks it.
func insertMissing(src []byte, statement string) []byte {
	if len(bytes.TrimSpace(src)) == 0 {
		return []byte(statement + "\n")
	}
	if bytes.Contains(src, []byte(statement)) {
		return src
	}
	return append([]byte(statement+"\n"), src...)
}

// atLeast reads a lower bound of Django in a requirement.
var atLeast = regexp.MustCompile(`(?i)\bdjango["']?\s*(?:\[[^\]]*\])?\s*[=:]?\s*["'{]*\s*(?:version\s*=\s*["'])?\s*(?:==|>=|~=|\^|>)\s*(\d+)(?:\.(\d+))?`)

// requirementFiles are the files that say which Django is used.
var requirementFiles = regexp.MustCompile(`(^|/)(requirements[^/]*\.(txt|in)|requirements/[^/]*\.(txt|in)|pyproject\.toml|setup\.(py|cfg)|Pipfile)$`)

// requires reports whether every requirement of Django is at least 3.2, and
// there is one.
func (d *django) requires() bool {
	found := false
	for _, path := range d.Paths() {
		if !requirementFiles.MatchString(path) {
			continue
		}
		src, _ := d.Text(path)
		for _, m := range atLeast.FindAllSubmatch(src, -1) {
			found = true
			major, minor := number(m[1]), number(m[2])
			if major < 3 || major == 3 && minor < 2 {
				return false
			}
		}
	}
	return found
}

func number(digits []byte) (n int) {
	for _, d := range digits[:min(len(digits), 6)] {
		n = 10*n + int(d-'0')
	}
	return n
}
