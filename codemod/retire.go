package codemod

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/retire"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// RetireOptions say which facade, which step, and who else is asked.
type RetireOptions struct {
	Options
	Facade retire.Rules // what the configuration says of the facade
	// Step is the one to carry out; "" to say where the facade stands.
	Step retire.Step
	// Names are those of a narrow step; none: the first group.
	Names []string
	// Consumers are the other repositories that may read the facade. One that
	// pins a revision of the facade's repository is given twice: as it pins it,
	// and as it would read the current one.
	Consumers []Consumer
	// Blockers are what only the caller knows: open pull requests, readings that
	// were added and removed again lately.
	Blockers []retire.Blocker
	Owner    func(path string) string // of a path of the tree; may be nil
}

// Consumer is another repository that may read the facade.
type Consumer struct {
	Name     string
	Revision string // of the facade's repository at which it reads; "" for the current one
	Tree     Tree
	Rules    Rules // of its own configuration; the facade's repository is no provider among them
	// Facade is the repository of the facade at that revision; nil for the
	// current one.
	Facade *Provider
	// Unknown says why it could not be read; "" if it could.
	Unknown string
}

// Retirement is where a facade stands, and what a step does.
type Retirement struct {
	State  *retire.State
	Result *retire.Result // nil without a step
	// Figures of a step that changes something.
	Figures []Figure
}

// Figure is how many modules importing one executes before a step and after it.
type Figure struct {
	Module        string
	Before, After int
}

// NotProvenError says that a step would change more than it says. Nothing of
// it is to be used.
type NotProvenError struct {
	Facade   string
	Step     retire.Step
	Problems []string
}

func (e *NotProvenError) Error() string {
	return fmt.Sprintf("the step %s of %s could not be proven:\n%s", e.Step, e.Facade, strings.Join(e.Problems, "\n"))
}

// Retire says where a facade of the tree stands on its way out, and carries out
// one step: package retire says what the steps are. The step is proven: what a
// reader can see of the facade is as before but for the names that the step
// names, no import fails that did not, no name of the tree is another object,
// every module with an effect that the facade executed is still registered,
// and the step applied again changes nothing.
//
// Errors are those of Plan, a *retire.NotYetError for a step that cannot be
// done yet, and a *NotProvenError.
func Retire(ctx context.Context, t Tree, r Rules, o RetireOptions) (*Retirement, error) {
	r.Facades = []string{o.Facade.Facade}
	o.Only, o.Closures = nil, false
	g, err := newGround(ctx, t, r, o.Options)
	if err != nil {
		return nil, err
	}
	defer g.close()
	asked, err := g.asked(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	emptied, err := retire.Emptied(g, o.Facade)
	if err == nil && len(emptied.Files) > 0 {
		after, err := g.after(ctx, t, r, o.Options, emptied.Files)
		if err != nil {
			return nil, err
		}
		asked.Blockers = append(asked.Blockers, g.compareOrder(after, o.Facade.Facade, nil)...)
		after.close()
	}
	out := &Retirement{}
	if out.State, err = retire.Look(g, o.Facade, asked); err != nil || o.Step == "" {
		return out, err
	}
	if out.Result, err = retire.Do(g, o.Facade, asked, o.Step, o.Names); err != nil || len(out.Result.Files) == 0 {
		return out, err
	}
	return out, g.proven(ctx, t, r, o, asked, out)
}

// after is the tree as files leave it.
func (g *ground) after(ctx context.Context, t Tree, r Rules, o Options, files []retire.File) (*ground, error) {
	texts := map[string][]byte{}
	for _, f := range files {
		texts[f.Path] = f.After
	}
	o.Progress = nil
	return newGround(ctx, drafted{Tree: t, texts: texts}, r, o)
}

// asked collects what is known of readers in all repositories.
func (g *ground) asked(ctx context.Context, t Tree, r Rules, o RetireOptions) (retire.Asked, error) {
	asked := retire.Asked{Owner: o.Owner, Blockers: o.Blockers, LazySyntax: retire.RequiresLazy(g)}
	files, err := refs.Find(ctx, g.world, refs.All)
	if err != nil {
		return asked, err
	}
	if asked.Readers, err = g.readersOf(files); err != nil {
		return asked, err
	}
	binds := g.Bound(o.Facade.Facade)
	for _, c := range o.Consumers {
		if c.Unknown != "" {
			asked.Blockers = append(asked.Blockers, retire.Blocker{Kind: retire.ConsumerUnknown, Repository: c.Name, Revision: c.Revision, Detail: c.Unknown})
			continue
		}
		if err := g.consumer(ctx, t, r, o, c, binds, &asked); err != nil {
			return asked, err
		}
	}
	return asked, nil
}

// consumer adds what one other repository reads.
func (g *ground) consumer(ctx context.Context, t Tree, r Rules, o RetireOptions, c Consumer, binds map[string]bool, asked *retire.Asked) error {
	unknown := func(why string) {
		asked.Blockers = append(asked.Blockers, retire.Blocker{Kind: retire.ConsumerUnknown, Repository: c.Name, Revision: c.Revision, Detail: why})
	}
	rules := c.Rules
	rules.Facades = []string{o.Facade.Facade}
	provider := Provider{Name: "facade", Tree: t, SourceRoots: r.SourceRoots}
	if c.Facade != nil {
		provider = *c.Facade
	}
	rules.Providers = append(append([]Provider(nil), rules.Providers...), provider)
	options := o.Options
	options.Progress = nil
	other, err := newGround(ctx, c.Tree, rules, options)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		unknown(err.Error())
		return nil
	}
	defer other.close()
	files, err := refs.Find(ctx, other.world, refs.All)
	if err != nil {
		return err
	}
	readers, err := other.readersOf(files)
	if err != nil {
		return err
	}
	for i := range readers {
		readers[i].Repository, readers[i].Revision = c.Name, c.Revision
	}
	asked.Readers = append(asked.Readers, readers...)
	found := retire.Search(other, c.Name, o.Facade.Facade, func(n string) bool { return binds[n] }, readers)
	for i := range found {
		found[i].Revision = c.Revision
	}
	asked.Blockers = append(asked.Blockers, found...)
	return nil
}

// readersOf are the references of files as package retire has them.
func (g *ground) readersOf(files []*refs.File) (out []retire.Reader, err error) {
	for _, c := range files {
		src, err := g.world.Text(c.Source)
		if err != nil {
			return nil, err
		}
		lines := world.LinesOf(src)
		for _, r := range c.Refs {
			line := lines.Line(r.At)
			reader := retire.Reader{Path: c.Path, Line: line, Text: lineText(src, line), Name: r.Name, Form: g.formOf(c, r), Detail: r.Why.Detail}
			if reader.Form == retire.ForEffect {
				reader.Name = ""
			}
			out = append(out, reader)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Path < out[j].Path || out[i].Path == out[j].Path && out[i].Line < out[j].Line
	})
	return out, nil
}

// formOf says how a reference reads the facade.
func (g *ground) formOf(c *refs.File, r *refs.Reference) retire.Form {
	switch {
	case r.Reason == Excluded, r.Reason == TooLarge, r.Reason == SyntaxError:
		return retire.ByExcluded
	case r.Form == FormString && r.Patches, r.Stores != "":
		return retire.ByPatch
	case r.Form == FormString && r.Known:
		return retire.ByCode
	case r.Form == FormString:
		return retire.ByString
	case r.Form == FormModule:
		return retire.ForEffect
	case r.Name == "":
		return retire.ByValue
	case r.Form == FormFrom && strings.HasPrefix(r.Name, "_") && g.unused(c, r):
		return retire.ForEffect
	}
	return retire.ByCode
}

// unused reports whether a file reads nothing of a name that it imports.
func (g *ground) unused(c *refs.File, r *refs.Reference) bool {
	names := g.Names(c.Path)
	if names == nil {
		return false
	}
	bound := c.Bound(r)
	for i := range names.Uses {
		if u := &names.Uses[i]; u.Name == bound && !u.Import && u.Access == pyfile.Load {
			return false
		}
	}
	return true
}
