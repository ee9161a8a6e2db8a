package preview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/web"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/sample"
	"github.com/canonicalize/canonicalize/codemod"
)

// input is what is served: the files to look at beforehand, and what the simulator makes its copy from.
type input struct {
	tree    codemod.Tree
	close   func() error
	spec    githubsim.RepoSpec
	people  people
	config  []byte   // the configuration that the copy gets; nil: none yet
	pace    web.Pace // that the repository's own configuration, or none, would have
	tour    bool
	remarks []string // for the person who started the preview
}

// progress tells how far something has come; total 0 means that nobody knows.
type progress = func(stage string, done, total int)

// read prepares what o names, which the caller closes; dir is a folder for temporary files.
func read(ctx context.Context, o Options, dir string, tell progress) (*input, error) {
	in, err := open(ctx, o.Path, dir)
	if err != nil {
		return nil, err
	}
	if err := in.prepare(ctx, o, tell); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

// prepare finds out who owns the files, and how the copy is configured.
func (in *input) prepare(ctx context.Context, o Options, tell progress) error {
	in.tour, in.pace = o.Tour, paceOf(config.Default())
	if err := in.findPeople(); err != nil {
		return err
	}
	if o.Tour && o.Path == "" && len(o.Facades) == 0 {
		return nil // the App proposes a configuration, and the reader merges it
	}
	return in.configure(ctx, o.Facades, tell)
}

// rules are those of the copy's configuration, of none the defaults.
func (in *input) rules() codemod.Rules {
	if conf, err := config.Parse(config.Path, in.config); in.config != nil && err == nil {
		return conf.Rules()
	}
	return config.Default().Rules()
}

func open(ctx context.Context, path, dir string) (*input, error) {
	if path == "" {
		return openSample(filepath.Join(dir, "sample"))
	}
	l, err := look(ctx, path)
	if err != nil {
		return nil, err
	}
	tree, err := revision.Open(ctx, l.path, "HEAD")
	if err != nil {
		return nil, inputf("%w", err)
	}
	in := &input{tree: tree, close: tree.Close, spec: githubsim.RepoSpec{Name: l.name, Clone: l.path}}
	in.remarks = append(in.remarks, fmt.Sprintf("Serving a copy of %s at %.12s; the repository itself is not touched.", l.path, tree.SHA()))
	if l.changes > 0 {
		in.remarks = append(in.remarks, fmt.Sprintf("Uncommitted changes in %d files are not part of it.", l.changes))
	}
	return in, nil
}

func openSample(dir string) (*input, error) {
	if err := sample.Write(dir); err != nil {
		return nil, err
	}
	files, err := sample.Files()
	if err != nil {
		return nil, err
	}
	_, name, _ := strings.Cut(sample.Repository, "/")
	return &input{tree: sampleTree(files), close: func() error { return nil }, spec: githubsim.RepoSpec{Name: name, Dir: dir},
		remarks: []string{"Serving the bundled sample, a small web shop. Name a folder to see your own code."}}, nil
}

// sampleTree is the bundled sample as the codemod reads it.
type sampleTree []sample.File

// Files implements codemod.Tree.
func (t sampleTree) Files() []codemod.File {
	files := make([]codemod.File, len(t))
	for i, f := range t {
		files[i] = codemod.File{Path: f.Path, Size: int64(len(f.Content))}
		if f.Executable {
			files[i].Mode = codemod.Executable
		}
	}
	return files
}

// Read implements codemod.Tree.
func (t sampleTree) Read(f codemod.File) ([]byte, error) {
	i, found := slices.BinarySearchFunc(t, f.Path, func(s sample.File, path string) int { return strings.Compare(s.Path, path) })
	if !found {
		return nil, fmt.Errorf("%s: %w", f.Path, os.ErrNotExist)
	}
	return t[i].Content, nil
}

// file reads one file, and tells whether there is one.
func (in *input) file(path string) ([]byte, bool, error) {
	files := in.tree.Files()
	i, found := slices.BinarySearchFunc(files, path, func(f codemod.File, path string) int { return strings.Compare(f.Path, path) })
	if !found || files[i].Mode > codemod.Executable {
		return nil, false, nil
	}
	text, err := in.tree.Read(files[i])
	return text, err == nil, err
}

// findPeople reads who is named in CODEOWNERS and in the configuration.
func (in *input) findPeople() error {
	file, err := owners.Find(in.file)
	if err != nil {
		return err
	}
	var named []owners.Owner
	if file != nil {
		for _, rule := range file.Rules {
			named = append(named, rule.Owners...)
		}
	}
	more, err := in.configuredOwners()
	if err != nil {
		return err
	}
	named = append(named, more...)
	in.people = peopleOf(named)
	in.spec.Owner, in.spec.Public = in.people.owner, true
	return nil
}

// configuredOwners are those that the configuration names. One that is not valid names nobody here; configure tells.
func (in *input) configuredOwners() ([]owners.Owner, error) {
	src, found, err := in.file(config.Path)
	if err != nil || !found {
		return nil, err
	}
	conf, err := config.Parse(config.Path, src)
	if err != nil {
		return nil, nil
	}
	words := append([]string{conf.PullRequests.Approver}, conf.Owners.Default...)
	for _, a := range append(conf.Owners.Overrides, conf.Owners.Fallback...) {
		words = append(words, a.Owners...)
	}
	var named []owners.Owner
	for _, word := range words {
		if owner, err := owners.ParseOwner(word); err == nil {
			named = append(named, owner)
		}
	}
	return named, nil
}

func paceOf(c *config.Config) web.Pace {
	return web.Pace{Open: c.PullRequests.MaxOpen, PerTeam: c.PullRequests.MaxOpenPerTeam}
}

// configure chooses the facades, and writes the configuration of the copy.
func (in *input) configure(ctx context.Context, facades []string, tell progress) error {
	src, found, err := in.file(config.Path)
	if err != nil {
		return err
	}
	var named []string
	if found {
		conf, err := config.Parse(config.Path, src)
		if err != nil {
			return inputf("the configuration is not valid, mend and commit it, then run again:\n%w", err)
		}
		in.pace = paceOf(conf)
		for _, f := range conf.Facades {
			named = append(named, f.Module)
		}
	}
	switch {
	case len(facades) > 0:
	case len(named) > 0:
		in.remarks = append(in.remarks, "Facades as "+config.Path+" has them: "+strings.Join(named, ", ")+".")
	default:
		if facades, err = in.discover(ctx, tell); err != nil {
			return err
		}
	}
	if !found {
		src = nil
	}
	in.config, err = configured(src, facades)
	return err
}

// discover finds the facades where nobody named any.
func (in *input) discover(ctx context.Context, tell progress) ([]string, error) {
	candidates, err := codemod.Discover(ctx, in.tree, config.Default().Rules(), codemod.Options{Progress: tell})
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		return nil, inputf("%w", err)
	}
	if err != nil {
		return nil, err
	}
	taken := choose(candidates)
	if len(taken) == 0 {
		return nil, inputf("no module here re-exports names that many files read, so there is nothing to take apart; name one with --facade MODULE if you know better")
	}
	var modules []string
	in.remarks = append(in.remarks, "No facade was named; these were found:")
	for _, c := range taken {
		modules = append(modules, c.Module)
		in.remarks = append(in.remarks, "  "+c.Module+" "+c.Why)
	}
	return modules, nil
}
