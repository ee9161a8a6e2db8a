package monolith

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// How the original reads its facade.
const (
	consumerFiles  = 1720
	consumerNames  = 4900
	localImports   = 213
	typeOnlyBlocks = 60
	attributeFiles = 6
	attributeUses  = 145
	patchStrings   = 48
	scriptFiles    = 5
	utilityModules = 180
)

// areas are the folders of the code base; consumers and other files are
// spread over them.
var areas = []string{
	"src/sentry/api/endpoints", "src/sentry/api/serializers/models", "src/sentry/tasks",
	"src/sentry/web/frontend", "src/sentry/integrations", "src/sentry/ingest",
	"src/sentry/rules/actions", "src/sentry/notifications", "src/sentry/receivers",
	"src/sentry/incidents", "src/sentry/event_manager", "src/sentry/search",
	"src/sentry/monitors", "src/sentry/runner/commands", "src/sentry/auth", "src/bitfield",
	"tests/sentry/api/endpoints", "tests/sentry/api/serializers", "tests/sentry/tasks",
	"tests/sentry/web/frontend", "tests/sentry/integrations", "tests/sentry/ingest",
	"tests/sentry/rules", "tests/sentry/notifications", "tests/sentry/receivers",
	"tests/sentry/incidents", "tests/snuba/search", "tests/sentry/monitors",
}

// consumer is a file that reads names through the facade.
type consumer struct {
	path    string
	top     []string   // from-import of the module
	typed   []string   // from-import under TYPE_CHECKING
	local   [][]string // from-imports in functions
	attrs   []string   // read as attributes of the module
	patches []string   // given to mock.patch, as they follow the facade's name
	script  bool
}

// consumers decides who reads what, and adds the files.
func (b *builder) consumers() {
	b.utilities()
	b.rng.Shuffle(len(b.exports), func(i, j int) {
		b.exports[i], b.exports[j] = b.exports[j], b.exports[i]
	})
	all := make([]consumer, b.scaled(consumerFiles))
	for i := range all {
		all[i].path = b.place(i, "consumer")
	}
	scripts, attrs := b.scaled(scriptFiles), b.scaled(attributeFiles)
	b.readings(all[:len(all)-attrs])
	b.scripts(all[:scripts])
	b.locals(all[scripts : len(all)-attrs])
	b.attributes(all[len(all)-attrs:])
	b.patches(all[scripts : len(all)-attrs])
	for i := range all {
		b.consumer(all[i])
	}
	b.stats.Consumers = len(all)
}

// place is the path of the i-th file of a kind.
func (b *builder) place(i int, kind string) string {
	area := areas[i%len(areas)]
	n := i / len(areas)
	if sub := n / 40; sub > 0 { // a folder holds about forty files
		area += "/" + nouns[(sub*17+i)%7] + fmt.Sprint(sub)
	}
	name := verbs[(n*7+i)%len(verbs)] + "_" + nouns[(n*3+i*5)%len(nouns)] + fmt.Sprintf("_%s%d", kind[:1], n)
	if area[:5] == "tests" {
		name = "test_" + name
	}
	return area + "/" + name + ".py"
}

// readings gives every file one name, and the rest by preferential draw.
func (b *builder) readings(files []consumer) {
	want := b.scaled(consumerNames)
	seen := make([]map[string]bool, len(files))
	give := func(i int) {
		name := b.drawName()
		if seen[i] == nil {
			seen[i] = map[string]bool{}
		}
		if !seen[i][name] {
			seen[i][name] = true
			files[i].top = append(files[i].top, name)
			b.stats.References++
		}
	}
	for i := range files {
		give(i)
	}
	for tries := 0; b.stats.References < want && tries < 20*want; tries++ {
		heavy := math.Pow(b.rng.Float64(), 2.5) // few files read many names
		give(int(heavy * float64(len(files))))
	}
}

// drawName draws a name of the facade: few names are read by many files.
func (b *builder) drawName() string {
	if b.rng.IntN(200) == 0 {
		return "Any"
	}
	return b.exports[int(math.Pow(b.rng.Float64(), 3)*float64(len(b.exports)))]
}

// scripts turns files into scripts without a suffix.
func (b *builder) scripts(files []consumer) {
	for i := range files {
		files[i].script = true
		files[i].path = fmt.Sprintf("bin/%s-%s-%d", verbs[i%len(verbs)], nouns[i%len(nouns)], i)
	}
	b.stats.Scripts = len(files)
}

// locals moves names of files into from-imports in functions and under
// TYPE_CHECKING.
func (b *builder) locals(files []consumer) {
	take := func(c *consumer) (string, bool) {
		if len(c.top) == 0 {
			return "", false
		}
		name := c.top[len(c.top)-1]
		c.top = c.top[:len(c.top)-1]
		return name, true
	}
	for i := 0; b.stats.Local < b.scaled(localImports) && i < 4*len(files); i++ {
		c := &files[i*7%len(files)]
		if name, ok := take(c); ok {
			c.local = append(c.local, []string{name})
			b.stats.Local++
		}
	}
	for i := 0; b.stats.TypeOnly < b.scaled(typeOnlyBlocks) && i < len(files); i++ {
		c := &files[(i*11+3)%len(files)]
		if len(c.typed) > 0 {
			continue
		}
		if name, ok := take(c); ok {
			c.typed = append(c.typed, name)
			b.stats.TypeOnly++
		}
	}
}

// attributes lets files read names as attributes of the module.
func (b *builder) attributes(files []consumer) {
	for n := 0; n < b.scaled(attributeUses); n++ {
		c := &files[n%len(files)]
		c.attrs = append(c.attrs, b.drawName())
		b.stats.Attributes++
	}
	b.stats.AttrFiles = len(files)
}

// patches lets tests patch names on the facade.
func (b *builder) patches(files []consumer) {
	for i := 0; b.stats.Patches < b.scaled(patchStrings) && i < 100*len(files); i++ {
		c := &files[i*31%len(files)]
		if c.path[:5] != "tests" {
			continue
		}
		rest := ""
		if i%3 == 0 {
			rest = ".objects"
		}
		c.patches = append(c.patches, b.drawName()+rest)
		b.stats.Patches++
	}
}

// utilities are modules that the others import names from, so that facade
// imports have neighbours in their blocks.
func (b *builder) utilities() {
	for i := range b.scaled(utilityModules) {
		module, names := utility(i)
		b.module("src/"+slashed(module)+".py", names, importSet{})
	}
}

// utility is the i-th utility module and what it declares.
func utility(i int) (string, []string) {
	noun := nouns[i%len(nouns)]
	module := fmt.Sprintf("sentry.utils.%s_%d", noun, i)
	return module, []string{
		verbs[i%len(verbs)] + "_" + noun,
		camel(noun) + "Helper",
		fmt.Sprintf("%s_%d", noun, i),
	}
}

// neighbours are imports that a file has beside those of the facade.
func (b *builder) neighbours(r *rand.Rand) importSet {
	set := importSet{}
	for range 1 + r.IntN(4) {
		common := commonImports[r.IntN(len(commonImports))]
		set.add(common.module, common.name)
	}
	for range r.IntN(6) {
		module, names := utility(r.IntN(b.scaled(utilityModules)))
		set.add(module, names[r.IntN(len(names))])
	}
	return set
}

// commonImports are what any file may import; an empty name imports the module.
var commonImports = []foreign{
	{"logging", ""}, {"datetime", "datetime"}, {"datetime", "timedelta"}, {"typing", "Any"},
	{"typing", "Optional"}, {"typing", "Sequence"}, {"collections", "defaultdict"},
	{"functools", "partial"}, {"uuid", "uuid4"}, {"re", ""}, {"os", ""}, {"json", ""},
	{"unittest", "mock"}, {"dataclasses", "dataclass"}, {"itertools", "chain"},
}

// fillers adds files that do not read the facade until the tree is as large
// as it is to be.
func (b *builder) fillers() {
	for i := 0; b.stats.Files < b.spec.Files; i++ {
		path := b.place(i, "module")
		for dir := dirOf(path); !b.dirs[dir] && b.stats.Files < b.spec.Files; {
			b.pkg(dir, "")
		}
		if b.stats.Files >= b.spec.Files {
			return
		}
		b.add(path, func(r *rand.Rand) []byte { return b.filler(r, path) })
		b.stats.Files++
	}
}

func (b *builder) filler(r *rand.Rand, path string) []byte {
	w := newWriter(r)
	w.docstring(path)
	if r.IntN(60) == 0 { // a trap for whoever searches text
		w.line("# Moved: `from sentry.models import User` still works, see sentry.models.user.\n")
	}
	set := b.neighbours(r)
	if r.IntN(30) == 0 {
		m := b.models[r.IntN(len(b.models))]
		set.add(Facade+"."+m.name, m.declare[0])
	}
	w.imports(set, r.IntN(10) < 4)
	w.fill(size(r))
	return w.bytes()
}
