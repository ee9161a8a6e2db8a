package config

import (
	"fmt"
	"maps"
	slashed "path"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Retirement is what a repository says of the end of one facade.
type Retirement struct {
	Moves             map[string]string `json:"moves"`
	Roots             []string          `json:"roots"`
	Effects           []string          `json:"effects"`
	NoEffects         []string          `json:"no_effects"`
	NeedsRegistration []string          `json:"needs_registration"`
	Deprecate         *Deprecation      `json:"deprecate"`
	Shell             bool              `json:"shell"`
	Retired           bool              `json:"retired"`
	Consumers         []string          `json:"consumers"`
	Branches          []string          `json:"branches"`
	GuardTest         string            `json:"guard_test"`
	Acknowledged      []Acknowledgement `json:"acknowledged"`
}

// Deprecation says how the names of a deprecated facade warn.
type Deprecation struct {
	Category string `json:"category"`
	Since    string `json:"since"`
	Remove   string `json:"remove"`
	Days     int    `json:"days"`
}

// Acknowledgement is what a person said of one blocker.
type Acknowledgement struct {
	Blocker string `json:"blocker"`
	Path    string `json:"path"`
	Name    string `json:"name"`
	Line    string `json:"line"`
	Reason  string `json:"reason"`
	By      string `json:"by"`
}

// defaultDays is how long a deprecated facade warns before it is retired.
const defaultDays = 14

// RetireRules are what package retire is told of a facade.
func (c *Config) RetireRules(facade string) retire.Rules {
	r := c.Retire[facade]
	out := retire.Rules{
		Facade: facade, Moves: r.Moves, Roots: r.Roots, Effects: r.Effects, NoEffects: r.NoEffects, Registering: r.NeedsRegistration, Shell: r.Shell,
	}
	if d := r.Deprecate; d != nil {
		out.Deprecation = retire.Deprecation{Category: d.Category, Since: d.Since, Remove: d.Remove}
		if out.Deprecation.Category == "" {
			out.Deprecation.Category = "DeprecationWarning"
		}
	}
	for _, a := range r.Acknowledged {
		out.Acknowledged = append(out.Acknowledged, retire.Acknowledgement{
			Blocker: retire.Kind(a.Blocker), Path: a.Path, Name: a.Name, Line: a.Line, Reason: a.Reason, By: a.By,
		})
	}
	return out
}

// DeprecatedDays is for how many days a facade warns before it is retired.
func (c *Config) DeprecatedDays(facade string) int {
	if d := c.Retire[facade].Deprecate; d != nil && d.Days > 0 {
		return d.Days
	}
	return defaultDays
}

// Retired are the facades that are said to be retired, sorted.
func (c *Config) Retired() (out []string) {
	for module, r := range c.Retire {
		if r.Retired {
			out = append(out, module)
		}
	}
	slices.Sort(out)
	return out
}

var (
	identifier   = matching(`^[A-Za-z_]\w*$`, "a name")
	anyName      = matching(`^`+dotted+`(:[A-Za-z_]\w*)?$`, `a dotted name; write it as in "package.module.name", or its last parts`)
	localFile    = checked(checkFile)
	moves        = shape{kind: dict, key: &identifier, of: &module}
	retirements  = shape{kind: dict, key: &module, of: &retirement}
	warningClass = matching(`^[A-Z]\w*Warning$`, "a warning class that Python has built in, such as DeprecationWarning")
	retirement   = shape{kind: table, fields: []field{
		{"moves", "Modules that take what the facade declares itself, by name.", moves},
		{"roots", "Modules or files at which programs start that need what the facade registers, where Django does not start them.", listOf(checked(checkRoot))},
		{"effects", "Further decorators, calls and base classes that register something when a module is imported.", listOf(anyName)},
		{"no_effects", "Decorators, calls and base classes that do not.", listOf(anyName)},
		{"needs_registration", "Further callables that need what is registered, as get_user_model does.", listOf(anyName)},
		{"deprecate", "Have what is left warn for a while before it goes.", deprecation},
		{"shell", "Whether names can be had from the retired facade at an interactive prompt.", toggle()},
		{"retired", "The facade is retired: new readings, re-exports and star imports of it are findings.", toggle()},
		{"consumers", "Other repositories that may read the facade; the App asks each, as it is and as it pins this one.", listOf(repository)},
		{"branches", "Branches that are still deployed, and so are consumers: globs.", listOf(checked(checkGlob))},
		{"guard_test", "File of a test that the pull requests add, which holds what is registered against a list.", localFile},
		{"acknowledged", "What people said of blockers; each holds while its line reads as it did.", listOf(acknowledgement)},
	}}
	deprecation = shape{kind: table, fields: []field{
		{"category", "The warning.", warningClass},
		{"since", "Version in which it began to warn, for the text.", matching(`^.{1,50}$`, "a version")},
		{"remove", "Version in which the names go, for the text.", matching(`^.{1,50}$`, "a version")},
		{"days", "Days that it warns before the facade is retired.", number(0, 3650)},
	}}
	acknowledgement = shape{kind: table, needs: []string{"blocker", "reason", "by"}, fields: []field{
		{"blocker", "The kind of blocker.", words(acknowledgeable()...)},
		{"path", "The file.", localFile},
		{"name", "The name of the facade, or the module.", anyName},
		{"line", "The line as it reads, without blanks around.", matching(`^.{1,300}$`, "the text of a line")},
		{"reason", "Why it does not matter.", matching(`^.{1,500}$`, "a reason of one line")},
		{"by", "Who says so.", matching(`^@?[\w.-]{1,100}$`, "a person")},
	}}
)

// acknowledgeable are the kinds of blockers that a person can say do not matter.
func acknowledgeable() (out []string) {
	for _, k := range retire.Kinds() {
		if k.Acknowledgeable() {
			out = append(out, string(k))
		}
	}
	return out
}

func checkFile(p string) error {
	if p == "" || slashed.IsAbs(p) || slashed.Clean(p) != p || p == ".." || strings.HasPrefix(p, "../") {
		return fmt.Errorf("%q is no file inside the repository; write it as in \"src/package/module.py\"", p)
	}
	return nil
}

func checkRoot(s string) error {
	if module.check(s) == nil {
		return nil
	}
	if err := checkFile(s); err != nil || !strings.HasSuffix(s, ".py") {
		return fmt.Errorf("%q is neither a module nor a file; write it as in \"app.wsgi\" or \"migrations/env.py\"", s)
	}
	return nil
}

// checkRetirements looks at what concerns more than one field.
func (r *reader) checkRetirements(all map[string]Retirement) {
	for facade, x := range all {
		for i, a := range x.Acknowledged {
			at := fmt.Sprintf("retire.%s.acknowledged[%d]", facade, i)
			switch {
			case a.Path != "" && a.Line == "":
				r.faultAt(at, "line is missing: what was said holds while the line reads as it did, so it has to stand here")
			case a.Path == "" && retire.Kind(a.Blocker) != retire.AtRest:
				r.faultAt(at, "path is missing: say which place is meant")
			}
		}
	}
}

// Endings are the facades whose end is guarded, sorted.
func (c *Config) Endings() (out []codemod.Ending) {
	for _, module := range slices.Sorted(maps.Keys(c.Retire)) {
		out = append(out, codemod.Ending{Rules: c.RetireRules(module), Retired: c.Retire[module].Retired})
	}
	return out
}
