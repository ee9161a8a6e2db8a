package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
)

// folder is a folder on disk as the codemod reads it.
type folder struct{ *git.WorkTree }

// Files implements codemod.Tree.
func (f folder) Files() []codemod.File {
	listed := f.WorkTree.Files()
	files := make([]codemod.File, len(listed))
	for i, l := range listed {
		files[i] = codemod.File{Path: l.Path, ID: l.ID, Size: l.Size, Mode: codemod.Mode(l.Mode)}
	}
	return files
}

// Read implements codemod.Tree.
func (f folder) Read(file codemod.File) ([]byte, error) {
	return f.WorkTree.Read(git.File{Path: file.Path, ID: file.ID, Size: file.Size, Mode: git.Mode(file.Mode)})
}

// Project is a folder with its configuration, ready to be planned.
type Project struct {
	Dir    string // absolute
	Config *config.Config
	tree   source
	only   []string // paths that may change; none: all

	providers []Provided
	memory    *memory // nil: nothing is kept from one command to the next
}

// InputError says that what was named cannot be worked on; its text says what to do.
type InputError struct{ err error }

func (e *InputError) Error() string { return e.err.Error() }
func (e *InputError) Unwrap() error { return e.err }

func inputf(format string, args ...any) error { return &InputError{fmt.Errorf(format, args...)} }

// Progress tells how far something has come; total 0 means that nobody knows.
type Progress = func(stage string, done, total int)

// Open reads a folder. Facades, where some are given, take the place of the configured ones. Faults of the arguments
// are an *InputError.
func Open(at Place, facades []string) (*Project, error) {
	dir := at.Root
	conf, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	tree, err := git.Checkout(dir)
	if err != nil {
		return nil, inputf("%w", err)
	}
	p := &Project{Dir: dir, tree: folder{tree}, Config: conf, only: at.Only}
	p.override(facades)
	return p, nil
}

// readConfig reads the configuration of a folder; without one it is the default.
func readConfig(dir string) (*config.Config, error) {
	src, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(config.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		return config.Default(), nil
	}
	if err != nil {
		return nil, inputf("%w: give the right to read it, or remove it", err)
	}
	return ParseConfig(config.Path, src)
}

// ParseConfig reads a configuration; every fault is told, each on a line of its own.
func ParseConfig(path string, src []byte) (*config.Config, error) {
	conf, err := config.Parse(path, src)
	if err != nil {
		return nil, inputf("the configuration is not valid, mend it and run again:\n%w", err)
	}
	return conf, nil
}

// override puts facades from the command line in place of the configured ones; what the configuration says about
// such a facade stays.
func (p *Project) override(modules []string) {
	if len(modules) == 0 {
		return
	}
	known := map[string]config.Facade{}
	for _, f := range p.Config.Facades {
		known[f.Module] = f
	}
	var chosen []config.Facade
	for _, m := range modules {
		f, ok := known[m]
		if !ok {
			f = config.Facade{Module: m}
		}
		chosen = append(chosen, f)
	}
	p.Config.Facades = chosen
}

// Has tells whether a file is in the folder now.
func (p *Project) Has(path string) bool {
	_, err := os.Lstat(filepath.Join(p.Dir, filepath.FromSlash(path)))
	return err == nil
}

// ReadPath returns the bytes of a file, and whether there is one.
func (p *Project) ReadPath(path string) ([]byte, bool, error) { return p.tree.ReadPath(path) }

// Shown returns how a path of the project is called in a folder, cwd: as one would type it there.
func (p *Project) Shown(cwd string) func(path string) string {
	return func(path string) string {
		rel, err := filepath.Rel(cwd, filepath.Join(p.Dir, filepath.FromSlash(path)))
		if err != nil {
			return path
		}
		return filepath.ToSlash(rel)
	}
}

// Plan runs the codemod over the folder.
func (p *Project) Plan(ctx context.Context, tell Progress) (*codemod.Result, error) {
	return p.planTree(ctx, p.tree, tell)
}

func (p *Project) planTree(ctx context.Context, tree codemod.Tree, tell Progress) (*codemod.Result, error) {
	rules := p.Rules()
	if len(rules.Facades) == 0 {
		return nil, errNoFacade()
	}
	result, err := p.planned(ctx, tree, rules, tell)
	if err != nil {
		return nil, asInput(p.withAbsent(err))
	}
	// What was not asked about is no finding.
	result.Left = slices.DeleteFunc(result.Left, func(l codemod.Left) bool { return !p.Asked(l.Path) })
	return result, nil
}

// planned plans, or takes the plan that an earlier command kept.
func (p *Project) planned(ctx context.Context, tree codemod.Tree, rules codemod.Rules, tell Progress) (*codemod.Result, error) {
	name, keeps := p.planName(tree, rules)
	if keeps {
		if result, ok := p.keptPlan(name); ok {
			return result, ctx.Err()
		}
	}
	result, err := codemod.Plan(ctx, p.watched(tree), rules, codemod.Options{Only: p.only, Progress: tell, Cache: p.facts()})
	if err == nil && keeps {
		p.keepPlan(name, result)
		p.keepFacts()
	}
	return result, err
}

func errNoFacade() error {
	return inputf("no facade is named: give one with --facade MODULE, or list them under `facades` in %s; `canonicalize discover` finds candidates", config.Path)
}

// Asked tells whether a path is among those that were named.
func (p *Project) Asked(path string) bool {
	return len(p.only) == 0 || slices.ContainsFunc(p.only, func(only string) bool {
		return path == only || strings.HasPrefix(path, only+"/")
	})
}

// Discover finds candidates for facades, the best first.
func (p *Project) Discover(ctx context.Context, tell Progress) ([]codemod.Candidate, error) {
	candidates, err := codemod.Discover(ctx, p.watched(p.tree), p.Config.Rules(), codemod.Options{Progress: tell, Cache: p.facts()})
	p.keepFacts()
	return candidates, asInput(err)
}

// Explain follows a dotted name, or a name of a facade, to its home.
func (p *Project) Explain(ctx context.Context, name string, tell Progress) (*codemod.Explanation, error) {
	e, err := codemod.Explain(ctx, p.watched(p.tree), p.Rules(), codemod.Options{Progress: tell, Cache: p.facts()}, name)
	p.keepFacts()
	return e, asInput(err)
}

// asInput makes wrong rules an error of the one who called.
func asInput(err error) error {
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		return &InputError{err}
	}
	return err
}
