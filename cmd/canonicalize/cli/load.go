package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

// selection is what the flags of a command choose.
type selection struct {
	facades []string
	only    []string
	json    bool
}

func (s *selection) facadeFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.facades, "facade", nil, "take this `MODULE` for a facade, instead of those in the configuration; repeatable")
}

func (s *selection) onlyFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.only, "only", nil, "change only what is at or below this `PATH`; repeatable")
}

func (s *selection) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.json, "json", false, "print the result as JSON")
}

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

// project is a folder with its configuration, ready to be planned.
type project struct {
	dir     string
	tree    folder
	config  *config.Config
	options codemod.Options
}

// open reads the folder that a command works on; with no argument that is the current one.
func open(env Env, args []string, sel *selection) (*project, error) {
	dir := env.Dir
	if len(args) > 0 {
		dir = env.path(args[0])
	}
	if err := mustBeFolder(dir); err != nil {
		return nil, err
	}
	conf, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	tree, err := git.Checkout(dir)
	if err != nil {
		return nil, err
	}
	p := &project{dir: dir, tree: folder{tree}, config: conf}
	p.override(sel.facades)
	if p.options.Only, err = p.paths(sel.only); err != nil {
		return nil, err
	}
	return p, nil
}

func mustBeFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("%s does not exist: name the folder that holds the code", dir)
	case err != nil:
		return usagef("%w: name a folder that can be read", err)
	case !info.IsDir():
		return usagef("%s is not a directory: name the folder that holds the code, and choose files in it with --only", dir)
	}
	return nil
}

// readConfig reads the configuration of a folder; without one it is the default.
func readConfig(dir string) (*config.Config, error) {
	src, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(config.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		return config.Default(), nil
	}
	if err != nil {
		return nil, usagef("%w: give the right to read it, or remove it", err)
	}
	return parseConfig(config.Path, src)
}

// parseConfig reads a configuration; every fault is told, each on a line of its own.
func parseConfig(path string, src []byte) (*config.Config, error) {
	conf, err := config.Parse(path, src)
	if err != nil {
		return nil, usagef("the configuration is not valid, mend it and run again:\n%w", err)
	}
	return conf, nil
}

// override puts facades from the command line in place of the configured ones; what the configuration says about
// such a facade stays.
func (p *project) override(modules []string) {
	if len(modules) == 0 {
		return
	}
	known := map[string]config.Facade{}
	for _, f := range p.config.Facades {
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
	p.config.Facades = chosen
}

// paths makes paths from the command line relative to the folder.
func (p *project) paths(names []string) ([]string, error) {
	var paths []string
	for _, name := range names {
		full := name
		if !filepath.IsAbs(name) {
			full = filepath.Join(p.dir, name)
		}
		rel, err := filepath.Rel(p.dir, full)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return nil, usagef("--only %s is outside of %s", name, p.dir)
		}
		if _, err := os.Stat(full); err != nil {
			return nil, usagef("--only %s: there is no such file or folder in %s", name, p.dir)
		}
		if rel != "." {
			paths = append(paths, filepath.ToSlash(rel))
		}
	}
	return paths, nil
}

// has tells whether a file is in the folder now.
func (p *project) has(path string) bool {
	_, err := os.Lstat(filepath.Join(p.dir, filepath.FromSlash(path)))
	return err == nil
}

// plan runs the codemod over the folder, with progress for the person.
func (p *project) plan(cmd *cobra.Command, env Env) (*codemod.Result, error) {
	return p.planTree(cmd, env, p.tree)
}

func (p *project) planTree(cmd *cobra.Command, env Env, tree codemod.Tree) (*codemod.Result, error) {
	rules := p.config.Rules()
	if len(rules.Facades) == 0 {
		return nil, usagef("no facade is named: give one with --facade MODULE, or list them under `facades` in %s; `canonicalize discover` finds candidates", config.Path)
	}
	screen := terminal.New(env.Err, env.Getenv)
	options := p.options
	options.Progress = screen.Progress
	result, err := codemod.Plan(cmd.Context(), tree, rules, options)
	screen.Clear()
	return result, asUsage(err)
}

// asUsage makes wrong rules an error of the one who called.
func asUsage(err error) error {
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		return usagef("%w", err)
	}
	return err
}

// owners returns who owns a path, by the configuration and CODEOWNERS.
func (p *project) owners() (func(path string) []owners.Owner, error) {
	file, err := owners.Find(p.tree.ReadPath)
	if err != nil {
		return nil, err
	}
	of, err := p.config.OwnersOf(file)
	if err != nil {
		return nil, usagef("%w", err)
	}
	return of, nil
}

// handled is exit code 3 when the codemod could not handle a file that it would have had to change.
func handled(result *codemod.Result) int {
	for _, left := range result.Left {
		switch left.Reason {
		case codemod.SyntaxError, codemod.TooLarge, codemod.ProofFailed:
			return exitLeft
		}
	}
	return exitDone
}

// counted writes a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
