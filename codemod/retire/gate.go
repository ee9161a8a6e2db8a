package retire

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kind is what stands in the way of a step.
type Kind string

// Kinds of blockers.
const (
	Read              Kind = "read"               // something reads a name of the facade
	Excluded          Kind = "excluded"           // so does a file that is never changed
	InString          Kind = "string"             // a string or text file names it
	CodeInString      Kind = "code-in-string"     // code in a string, a template or a document reads it
	ModuleValue       Kind = "module-value"       // the module object is passed on
	EffectImport      Kind = "effect-import"      // it is imported for what it does
	DeclaredThere     Kind = "declared"           // it declares a name that is read
	Evaluated         Kind = "evaluated"          // a declaration that stays depends on what goes
	Unregistered      Kind = "unregistered"       // what only it imports has an effect
	Cycle             Kind = "cycle"              // an import would fail that works now
	OrderDependent    Kind = "order-dependent"    // a name would be another object than now
	NeedsRegistration Kind = "needs-registration" // a module asks for what it used to register
	Patch             Kind = "patch"              // a test replaces a name on it
	Public            Kind = "public"             // others install it
	UnclearName       Kind = "unclear"            // what a name of it is cannot be told
	ConsumerUnknown   Kind = "consumer-unknown"   // a repository could not be read
	OpenPR            Kind = "open-pr"            // an open pull request reads it
	AtRest            Kind = "at-rest"            // data may name it
	Fresh             Kind = "fresh"              // a reading was added and removed again lately
)

// column says which steps a kind blocks, and whether a person may say that it
// does not matter.
type column struct {
	steps       []Step
	acknowledge bool
	advice      string
}

var (
	always  = []Step{Explicit, Narrow, Deprecate, Retire}
	removal = []Step{Narrow, Retire}
	end     = []Step{Retire}
)

// gate is the table of the gate.
var gate = map[Kind]column{
	Read:              {always, false, "Canonicalize it, or change it by hand."},
	Excluded:          {always, true, "The file is never changed by the codemod: change it by hand or at its source, or say why it does not matter."},
	InString:          {removal, true, "Change the string to the name's home if it is looked up; acknowledge it if it is only a name, as of a task or a logger."},
	CodeInString:      {always, true, "Change the code to import from the name's home."},
	ModuleValue:       {always, true, "Read the names that are needed from their homes, or say why it does not matter that some are gone."},
	EffectImport:      {end, false, "The register step makes it an import of the registry."},
	DeclaredThere:     {end, false, "Do the move step for it."},
	Evaluated:         {end, true, "Move it to a module of its own, or say why its value does not depend on what the facade imports."},
	Unregistered:      {removal, false, "Do the register step."},
	Cycle:             {always, false, "Break the circle, or import inside of the function that needs it."},
	OrderDependent:    {always, false, "Make what the name is independent of what was imported first."},
	NeedsRegistration: {end, true, "Ask inside of a function, or make sure that the registry has been imported before, and say so."},
	Patch:             {removal, false, "Replace the name where its readers look it up now."},
	Public:            {always, true, "Others may import it: deprecate it first, and acknowledge with the version in which it goes."},
	UnclearName:       {always, false, "Write it as one import at the top of the facade, or name its home under `homes`."},
	ConsumerUnknown:   {always, false, "Make the repository readable, or take it off the list of consumers."},
	OpenPR:            {end, true, "Wait for the pull request, or have it changed."},
	AtRest:            {end, true, "Are objects pickled, or names stored, that begin with the facade's name? Which programs outside of these repositories import it? Which processes import it without django.setup()? Say what you found."},
	Fresh:             {end, true, "Somebody needed it lately: find out who, and say why it does not matter."},
}

// Kinds are all kinds of blockers, sorted.
func Kinds() []Kind { return sortedKeys(gate) }

// Acknowledgeable reports whether a person can say that a kind does not matter.
func (k Kind) Acknowledgeable() bool { return gate[k].acknowledge }

// Steps are the steps that a kind blocks.
func (k Kind) Steps() []Step { return gate[k].steps }

// Blocker is one thing that stands in the way.
type Blocker struct {
	Kind       Kind
	Repository string // "" for the one that holds the facade
	Revision   string // of the facade's repository at which it was found; "" for the current one
	Path       string // "" for what has no place
	Line       int
	Name       string // of the facade; a module where that is unregistered; "" for all of it
	Text       string // of the line, without blanks around
	Detail     string // what to do
	Fixed      bool   // it cannot be acknowledged, though others of its kind can
	// By is the acknowledgement that holds for it, nil while it is open.
	By *Acknowledgement
}

// Acknowledgeable reports whether a person can say that it does not matter.
func (b *Blocker) Acknowledgeable() bool { return !b.Fixed && b.Kind.Acknowledgeable() }

// Blocks reports whether it stands in the way of a step as of now.
func (b *Blocker) Blocks(s Step) bool { return b.By == nil && slices.Contains(gate[b.Kind].steps, s) }

// Comment is what a person writes in a comment to acknowledge it.
func (b *Blocker) Comment(facade string) string {
	if !b.Acknowledgeable() {
		return ""
	}
	words := []string{"/canonicalize acknowledge", facade, string(b.Kind)}
	for _, w := range []string{b.Path, b.Name} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(append(words, "REASON"), " ")
}

// Entry is the item of `acknowledged` in the configuration that acknowledges
// it, once the reason and the person are filled in.
func (b *Blocker) Entry() string {
	if !b.Acknowledgeable() {
		return ""
	}
	text := fmt.Sprintf("{blocker: %s", b.Kind)
	for _, f := range []struct{ key, value string }{{"path", b.Path}, {"name", b.Name}, {"line", b.Text}} {
		if f.value != "" {
			text += fmt.Sprintf(", %s: %s", f.key, quoted(f.value))
		}
	}
	return text + ", reason: WHY, by: YOU}"
}

// plain are texts that YAML reads as they are.
var plain = regexp.MustCompile(`^[A-Za-z_./][\w./-]*$`)

// quoted is a text as YAML in flow style takes it.
func quoted(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// acknowledge marks the blockers that a person has spoken about. What was said
// of a line holds while the line reads the same.
func acknowledge(blockers []Blocker, said []Acknowledgement) {
	for i := range blockers {
		b := &blockers[i]
		for k := range said {
			a := &said[k]
			same := a.Blocker == b.Kind && a.Path == b.Path && a.Name == b.Name && strings.TrimSpace(a.Line) == b.Text
			if same && a.Reason != "" && b.Acknowledgeable() {
				b.By = a
			}
		}
	}
}

// Void are the acknowledgements that hold for nothing any more: their place is
// gone, or its line has changed.
func Void(said []Acknowledgement, blockers []Blocker) (out []Acknowledgement) {
	for _, a := range said {
		if !slices.ContainsFunc(blockers, func(b Blocker) bool { return b.By != nil && *b.By == a }) {
			out = append(out, a)
		}
	}
	return out
}
