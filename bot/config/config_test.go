package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

var update = flag.Bool("update", false, "write schema.json")

func mustParse(t *testing.T, src string) *Config {
	t.Helper()
	c, err := Parse(Path, []byte(src))
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return c
}

func TestEmpty(t *testing.T) {
	for _, src := range []string{"", "\n", "# only a comment\n", "---\n", "facades:\n", "pull_requests:\n  # nothing\n"} {
		if c := mustParse(t, src); !reflect.DeepEqual(c, Default()) {
			t.Errorf("%q: %+v", src, c)
		}
	}
}

const full = `# everything
facades:
  - sentry.models
  - module: sentry.app
    group: app
    stop_at: [sentry.utils]
source_roots: [src, "", tests]
stop_at: [django]
homes:
  sentry.app.ratelimiter: sentry.ratelimits
  sentry.app.tsdb: sentry.tsdb:backend
exclude:
  - "**/migrations/**"
string_callables: [sentry.utils.load]
max_file_size: 2000000
owners:
  overrides: [{path: /src/a/, owners: ["@org/a"]}, {path: /src/a/free/, owners: []}]
  fallback: [{path: tests/, owners: ["@org/tests", me@x.example]}]
  default: ["@octocat"]
pull_requests:
  max_files: 20
  max_lines: 300
  min_files: 4
  max_open: 9
  max_open_per_team: 3
  max_per_pass: 7
  labels: [refactoring, "good first review"]
  draft: true
  branch_prefix: bot/imports-
  title: "{{join .Owners \", \"}}: {{.Directory}}{{if gt .Files 1}}, {{.Files}} files{{end}}"
  commit_message: |
    ref: {{.Directory}}

    {{with .Facades}}{{len .}} facades{{end}}
  reviewers: false
  assignees: [octocat]
  milestone: "2026"
  auto_merge: squash
  sign_off: true
  co_authors: ["A B <a@b.example>"]
  commits: verified
  mode: global
  approver: "@org/platform"
  schedule: {days: [mon, tue], hours: 22:00-06:00, time_zone: Europe/Vienna}
  stale_after: 3w
  pause_after_unanswered: 2
  pause_when_red: false
  wait_for_people: never
review: {enabled: false, conclusion: failure, drafts: true, bots: true}
boundaries:
  - {from: a.b, forbid: [c], except: [c.d, a.*.e -> c.**]}
commands: {permission: maintain}
retire:
  sentry.models:
    moves: {locks: sentry.locks}
    roots: [sentry.wsgi, bin/worker.py]
    effects: [sentry.plugin]
    no_effects: [sentry.utils.memoize]
    needs_registration: [sentry.lookup]
    deprecate: {category: FutureWarning, since: "1", remove: "2", days: 3}
    shell: true
    retired: true
    branches: ["release/*"]
    guard_test: tests/test_registered.py
    acknowledged: [{blocker: string, path: a.py, name: User, line: x, reason: a name, by: octocat}]
providers:
  - {repository: acme/core, pin: {file: requirements.txt, package: acme-core}, source_roots: [src]}
  - {repository: acme/base, ref: v1.2}
  - {repository: acme/sub, pin: {submodule: vendor/sub}}
  - acme/.github
`

func TestFull(t *testing.T) {
	c := mustParse(t, full)
	r := c.Rules()
	if !slices.Equal(r.Facades, []string{"sentry.models", "sentry.app"}) || !slices.Equal(r.StopAt, []string{"django", "sentry.utils"}) ||
		r.Homes["sentry.app.tsdb"] != "sentry.tsdb:backend" || r.MaxFileSize != 2_000_000 || !slices.Equal(r.SourceRoots, []string{"src", "", "tests"}) {
		t.Errorf("rules %+v", r)
	}
	if c.Group("sentry.app") != "app" || c.Group("sentry.models") != "" {
		t.Error("groups")
	}
	retiring := c.RetireRules("sentry.models")
	if retiring.Moves["locks"] != "sentry.locks" || retiring.Deprecation != (retire.Deprecation{Category: "FutureWarning", Since: "1", Remove: "2"}) ||
		!slices.Equal(c.Retired(), []string{"sentry.models"}) || c.DeprecatedDays("sentry.models") != 3 || c.DeprecatedDays("sentry.app") != 14 {
		t.Errorf("retire %+v", retiring)
	}
	if want := (retire.Acknowledgement{Blocker: retire.InString, Path: "a.py", Name: "User", Line: "x", Reason: "a name", By: "octocat"}); !slices.Equal(retiring.Acknowledged, []retire.Acknowledgement{want}) {
		t.Errorf("acknowledged %+v", retiring.Acknowledged)
	}
	p := c.PullRequests
	if p.StaleAfter != Duration(21*day) || p.WaitForPeople != 0 || p.Mode != Global || p.Schedule.Hours != "22:00-06:00" {
		t.Errorf("pull requests %+v", p)
	}
	title, err := p.RenderTitle(sample)
	if err != nil || title != "@org/billing: src/billing, 12 files" {
		t.Errorf("title %q, %v", title, err)
	}
	message, err := p.RenderMessage(sample)
	if err != nil || message != "ref: src/billing\n\n1 facades" {
		t.Errorf("message %q, %v", message, err)
	}
	if d := Default(); reflect.DeepEqual(c.Review, d.Review) || reflect.DeepEqual(c.Boundaries, d.Boundaries) {
		t.Error("defaults left")
	}
}

// TestTable: the table and the structs name the same fields. Every field of
// the full example differs from the zero value, so it reaches its struct.
func TestTable(t *testing.T) {
	top := root()
	compare(t, "", &top, reflect.TypeOf(Config{}))
}

func compare(t *testing.T, path string, s *shape, typ reflect.Type) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch s.kind {
	case table:
		var tags []string
		for i := range typ.NumField() {
			f := typ.Field(i)
			tag := f.Tag.Get("json")
			tags = append(tags, tag)
			if sub := s.field(tag); sub != nil {
				if sub.doc == "" {
					t.Errorf("%s has no description", join(path, tag))
				}
				compare(t, join(path, tag), &sub.shape, f.Type)
			}
		}
		names := s.names()
		slices.Sort(tags)
		slices.Sort(names)
		if !slices.Equal(tags, names) {
			t.Errorf("%s: the struct has %v, the table %v", path, tags, names)
		}
	case list, dict:
		compare(t, path+"[]", s.of, typ.Elem())
	}
}

func TestSchemaIsCurrent(t *testing.T) {
	want, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	isCurrent(t, "schema.json", want)

	var v map[string]any
	if err := json.Unmarshal(Schema(), &v); err != nil || v["additionalProperties"] != false {
		t.Errorf("schema %v, %v", v, err)
	}
}

// isCurrent holds a generated file against what generates it.
func isCurrent(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not what the table gives (%v); run go test ./bot/config -update", path, err)
	}
}

// TestPageIsCurrent: the page for people is made from the table, too.
func TestPageIsCurrent(t *testing.T) {
	want, err := page()
	if err != nil {
		t.Fatal(err)
	}
	isCurrent(t, "../../docs/configuration.md", []byte(want))
}

// TestExamples: every setting has an example, and each is accepted.
func TestExamples(t *testing.T) {
	top := root()
	left := maps.Clone(examples)
	eachLeaf(&top, "", func(path string) {
		if examples[path] == "" {
			t.Errorf("examples_test.go has none for %s", path)
		}
		delete(left, path)
	})
	for path := range left {
		t.Errorf("examples_test.go has one for %s, which is no setting", path)
	}
	for path, example := range examples {
		top := root()
		s := shapeAt(&top, path)
		if s == nil {
			continue
		}
		doc, err := document([]byte(example))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		r := &reader{places: map[string]*yaml.Node{}}
		if r.value(s, doc, path); len(r.faults) > 0 {
			t.Errorf("%s: %v", path, r.faults)
		}
	}
}

// eachLeaf names every setting but tables.
func eachLeaf(s *shape, path string, each func(path string)) {
	for _, f := range s.fields {
		at := join(path, f.name)
		if f.shape.kind != table {
			each(at)
		}
		if sub := nested(&f.shape); sub != nil {
			eachLeaf(sub, inside(at, &f.shape), each)
		}
	}
}

// shapeAt finds the shape of a setting.
func shapeAt(s *shape, path string) *shape {
	for _, name := range strings.Split(path, ".") {
		f := s.field(strings.TrimSuffix(name, "[]"))
		if f == nil {
			return nil
		}
		s = &f.shape
		if strings.HasSuffix(name, "[]") {
			s = s.of
		}
	}
	return s
}

// TestFaults: every fault of a file is reported, each at its own place.
func TestFaults(t *testing.T) {
	src := `facade: [a]
facades:
  - 1abc
  - {group: x}
  -
source_roots: src
max_file_size: big
homes:
  nodots: a.b
  a.B: "c d"
exclude: ["[a"]
pull_requests:
  max_file: 3
  max_files: 0
  draft: yes
  title: "{{.Nope}}"
  commit_message: "{{range 5}}x{{end}}"
  mode: everyone
  stale_after: 3 weeks
  branch_prefix: "a b/"
  max_files: 5
  schedule:
    time_zone: Mars/Base
    hours: 9-17
    days: [monday]
owners:
  default: [octocat]
  overrides:
    - path: "!x"
review: &anchor {}
`
	want := []string{
		"1:1: facade: there is no such field; did you mean facades?",
		`3:5: facades[0]: "1abc" is not a module; write it as in "package.module"`,
		"4:5: facades[1]: module is missing",
		"5:4: facades[2]: the entry is empty",
		`6:15: source_roots: "src" is no list; write each entry on a line that starts with "- "`,
		`7:16: max_file_size: "big" is no whole number from 1 to 67108864`,
		`9:3: homes: "nodots" is not a name; write it as in "package.facade.Name"`,
		`10:8: homes.a.B: "c d" is not a home; write it as in "package.module" or "package.module:attribute"`,
		`11:11: exclude[0]: "[a" is no glob; write it as in "src/**/generated_*.py"`,
		"13:3: pull_requests.max_file: there is no such field; did you mean max_files?",
		"14:14: pull_requests.max_files: 0 is no whole number from 1 to 250",
		`15:10: pull_requests.draft: "yes" is neither true nor false`,
		"16:10: pull_requests.title: ",
		"17:19: pull_requests.commit_message: {{range 5}}x{{end}} is not supported",
		`18:9: pull_requests.mode: "everyone" is not accepted; write per-owner or global`,
		`19:16: pull_requests.stale_after: "3 weeks" is no duration`,
		`20:18: pull_requests.branch_prefix: "a b/" cannot start a branch`,
		"21:3: pull_requests.max_files: the name stands here a second time",
		`23:16: pull_requests.schedule.time_zone: "Mars/Base" is no time zone`,
		`24:12: pull_requests.schedule.hours: "9-17" is no span of hours`,
		`25:12: pull_requests.schedule.days[0]: "monday" is not accepted; write sun, mon, tue, wed, thu, fri or sat`,
		`27:13: owners.default[0]: "octocat" is no owner`,
		"29:7: owners.overrides[0]: owners is missing",
		`29:13: owners.overrides[0].path: pattern "!x": negation with "!" is not supported`,
		"30:9: review: anchors, aliases and tags are not supported",
	}
	_, err := Parse(Path, []byte(src))
	var faults *Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v", err)
	}
	for i, f := range faults.List {
		if i >= len(want) || !strings.HasPrefix(f.Error(), want[i]) {
			t.Errorf("fault %d\n got %s\nwant %v", i, f, want[min(i, len(want)-1)])
		}
	}
	if len(faults.List) != len(want) {
		t.Errorf("%d faults, want %d", len(faults.List), len(want))
	}
	if first, _, _ := strings.Cut(err.Error(), "\n"); first != ".github/canonicalize.yml:"+want[0] {
		t.Errorf("text %q", first)
	}
}

func TestOtherFaults(t *testing.T) {
	for src, want := range map[string]string{
		"retire: {a.b: {acknowledged: [{blocker: read, reason: x, by: y}]}}":               `1:41: retire.a.b.acknowledged[0].blocker: "read" is not accepted; write at-rest, `,
		"retire: {a.b: {acknowledged: [{blocker: string, path: a.py, reason: x, by: y}]}}": `1:31: retire.a.b.acknowledged[0]: line is missing`,
		"retire: {a.b: {acknowledged: [{blocker: string, reason: x, by: y}]}}":             `1:31: retire.a.b.acknowledged[0]: path is missing`,
		"retire: {a.b: {roots: [../x.py]}}":                                                `1:24: retire.a.b.roots[0]: "../x.py" is neither a module nor a file`,
		"a: [":                                                                             `2:1: a "[" or "{" before this is never closed`,
		"- a":                                                                              "is no mapping",
		"text":                                                                             "is no mapping",
		"a: 1\n---\nb: 2":                                                                  "second document",
		"pull_requests: {mode: global}":                                                    "1:23: pull_requests.mode: mode global needs approver",
		"pull_requests: {min_files: 9, max_files: 3}":                                      "1:28: pull_requests.min_files: 9 is more than max_files",
		"facades: [a, b, a]":                                                               "1:17: facades[2]: a is named twice",
		"pull_requests: {title: '  '}":                                                     "title is empty",
		"pull_requests: {title: '{{printf \"%99999999d\" 1}}'}":                            "function printf is not supported",
		"pull_requests: {title: '{{(printf \"%9d\" 1).X}}'}":                               "function printf is not supported",
		"pull_requests: {title: '{{define \"x\"}}y{{end}}'}":                               "not supported",
		"pull_requests: {title: '{{template \"title\"}}'}":                                 "not supported",
		"pull_requests: {branch_prefix: refs/heads/x}":                                     "cannot start a branch",
		"source_roots: [/src]":                                                             "folder inside the repository",
		"source_roots: [../src]":                                                           "folder inside the repository",
		"pull_requests: {schedule: {hours: 09:00-09:00}}":                                  "is empty",
		"pull_requests: {schedule: {hours: 09:00-24:30}}":                                  "no span of hours",
		"max_file_size: 99999999999999999999":                                              "whole number",
		"facades: &a [x]":                                                                  "anchors",
		"1: 2":                                                                             "is no name",
		"pull_requests: {labels: [null]}":                                                  "entry is empty",
		"pull_requests: {co_authors: [nobody]}":                                            "Name <address>",
		"x: " + strings.Repeat("y", MaxSize):                                               "at most",
		"boundaries: [{from: a, forbid: [b], except: ['a -> ']}]":                          `"a -> " is not a module or an import of one in another`,
		"boundaries: [{from: a}]":                                                          "forbid is missing",
		"homes: {a.b: }":                                                                   "the value is empty",
		"owners:\n  default: [@acme/platform]":                                             `2:13: a value cannot start with @; put it in quotes: "@acme/platform"`,
		"pull_requests:\n  title: chore: x":                                                `2:15: a second ": " cannot stand here; put the value in quotes`,
		"exclude:\n  - *.py":                                                               `2:5: a value that starts with * means something else in YAML; put it in quotes: "*.py"`,
		"facades:\n\t- a":                                                                  "2:1: there is a tab",
		"facades: [a]\npull_requests: {title: '\xe9'}":                                     "2:25: the byte 0xe9 is no UTF-8",
		"facades: [\"a]\nreview: {}":                                                       "1:11: the quote that opens here is never closed",
		"review:\n  drafts: true\n bots: true":                                             "3:2: this line fits no level above it",
		"pull_requests: {auto_merge: true}":                                                "1:29: pull_requests.auto_merge: true is not accepted; write off, merge, squash or rebase",
		"pull_requests: {auto_merge: 'true'}":                                              `pull_requests.auto_merge: "true" is not accepted; write off`,
		"pull_requests: {title: '{{index .Owners 0}}'}":                                    "the template fails for files without owners",
		"pull_requests: {title: '{{if .Owners}}x{{end}}'}":                                 "the title is empty for files without owners",
		"owners: {overrides: [{path: '', owners: []}]}":                                    `owners.overrides[0].path: pattern "": the pattern is empty`,
		"exclude: ['^src/.*$']":                                                            "looks like a regular expression",
		"pull_requests: {approver: '@acme/platform'}":                                      "1:27: pull_requests.approver: an approver is asked in mode global only",
		"pull_requests: {max_files: 3}":                                                    "1:28: pull_requests.max_files: 3 is less than min_files, which is 5 if it is not set",
	} {
		_, err := Parse(Path, []byte(src))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", src, err, want)
		}
	}
}

func TestOwnersOf(t *testing.T) {
	c := mustParse(t, full)
	code := owners.Parse("CODEOWNERS", []byte("/src/ @org/src\n/src/nobody/"))
	of, err := c.OwnersOf(code)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"src/x.py":        "[@org/src]",
		"src/a/x.py":      "[@org/a]",
		"src/a/free/x.py": "[]",
		"src/nobody/x.py": "[@octocat]",
		"lib/tests/x.py":  "[@org/tests me@x.example]",
		"elsewhere/x.py":  "[@octocat]",
		"src/tests/x.py":  "[@org/src]",
	} {
		names := []string{}
		for _, o := range of(path) {
			names = append(names, o.Name)
		}
		if got := fmt.Sprint(names); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if of, err = Default().OwnersOf(nil); err != nil || of("a") != nil {
		t.Error("no owners at all")
	}
}

func TestDefaultTexts(t *testing.T) {
	p := Default().PullRequests
	title, err := p.RenderTitle(sample)
	if err != nil || title != "Import from declaring modules in src/billing (12 files)" {
		t.Errorf("title %q, %v", title, err)
	}
	one := sample
	one.Files, one.Names = 1, 1
	message, err := p.RenderMessage(one)
	if err != nil || !strings.Contains(message, "1 name in 1 file is imported") {
		t.Errorf("message %q, %v", message, err)
	}
	long := sample
	long.Place = strings.Repeat("directory/", 60)
	if title, err := p.RenderTitle(long); err != nil || len([]rune(title)) > 256 || !strings.HasSuffix(title, "…") {
		t.Errorf("title %q, %v", title, err)
	}
}

func TestSchedule(t *testing.T) {
	vienna := Schedule{Days: []string{"mon", "fri"}, Hours: "09:00-17:00", TimeZone: "Europe/Vienna"}
	night := Schedule{Days: []string{"fri"}, Hours: "22:00-06:00"}
	for _, c := range []struct {
		s    Schedule
		at   string
		want bool
	}{
		{Schedule{}, "2026-01-04T03:00:00Z", true},
		{vienna, "2026-01-05T08:00:00Z", true}, // Monday 9:00 in Vienna
		{vienna, "2026-01-05T07:59:00Z", false},
		{vienna, "2026-01-05T16:00:00Z", false}, // 17:00
		{vienna, "2026-07-06T07:00:00Z", true},  // summer time
		{vienna, "2026-01-06T10:00:00Z", false}, // Tuesday
		{night, "2026-01-09T22:00:00Z", true},   // Friday
		{night, "2026-01-10T05:59:00Z", true},   // the night of Friday
		{night, "2026-01-10T06:00:00Z", false},
		{night, "2026-01-10T23:00:00Z", false}, // Saturday
		{night, "2026-01-09T05:00:00Z", false}, // the night of Thursday
		{Schedule{Hours: "08:00-24:00"}, "2026-01-09T23:59:00Z", true},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.s.Open(at); got != c.want {
			t.Errorf("%+v at %s: %v", c.s, c.at, got)
		}
	}
}

// TestHostile: text that is made to be slow or deep ends in faults.
func TestHostile(t *testing.T) {
	for _, unit := range []string{"[", "- ", "{a: ", "? ", "a:", "&a ", "! ", "\"", "a: b\n"} {
		src := strings.Repeat(unit, MaxSize/len(unit))
		if _, err := Parse(Path, []byte(src)); err == nil {
			t.Errorf("%q repeated is accepted", unit)
		}
	}
	for _, unit := range []string{"{{if 1}}", "(", "{{len "} {
		src := "pull_requests: {title: '{{" + strings.Repeat(unit, 10_000) + "'}"
		if _, err := Parse(Path, []byte(src)); err == nil {
			t.Errorf("a title of %q repeated is accepted", unit)
		}
	}
}

// FuzzParse: whatever the text, there is a configuration or faults that name
// a place, and a configuration's texts can be rendered.
func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("facades: [a.b, {module: c}]\n")
	f.Add("a: &x [*x, *x]\n? b\n: - - - c\n")
	f.Add("pull_requests: {title: '{{.Directory | len}}'}")
	f.Fuzz(func(t *testing.T, src string) {
		c, err := Parse(Path, []byte(src))
		var faults *Faults
		switch {
		case err == nil:
			if _, err := c.PullRequests.RenderTitle(sample); err != nil {
				t.Errorf("title: %v", err)
			}
			c.Rules()
			if _, err := c.OwnersOf(nil); err != nil {
				t.Errorf("owners: %v", err)
			}
		case !errors.As(err, &faults) || len(faults.List) == 0:
			t.Errorf("error %v", err)
		default:
			for _, fault := range faults.List {
				if fault.Line < 1 || fault.Column < 1 || fault.Message == "" {
					t.Errorf("fault %+v", fault)
				}
			}
		}
	})
}
