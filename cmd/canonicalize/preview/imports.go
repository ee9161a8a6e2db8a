package preview

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/web"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

// imports is what importing the facades executes, in the tree as the preview began. It is found out when it is asked
// for, since on a large code base that takes as long as a pass.
type imports struct {
	ctx   context.Context
	tree  codemod.Tree
	rules codemod.Rules // the facades come with the question

	begin sync.Once
	ended chan struct{}
	found []web.Import
	err   error
}

func newImports(ctx context.Context, tree codemod.Tree, rules codemod.Rules) *imports {
	return &imports{ctx: ctx, tree: tree, rules: rules, ended: make(chan struct{})}
}

// of returns what is found within a time; nil: it takes longer.
func (i *imports) of(ctx context.Context, facades []string, patience time.Duration) ([]web.Import, error) {
	i.begin.Do(func() {
		go func() {
			defer close(i.ended)
			i.found, i.err = i.read(facades)
		}()
	})
	select {
	case <-i.ended:
		return i.found, i.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(patience):
		return nil, nil
	}
}

// wait returns when nothing reads the tree any more; its context has ended.
func (i *imports) wait() {
	i.begin.Do(func() { close(i.ended) })
	<-i.ended
}

func (i *imports) read(facades []string) ([]web.Import, error) {
	rules := i.rules
	rules.Facades = facades
	read, err := codemod.ReadImports(i.ctx, i.tree, rules, codemod.Options{})
	if err != nil {
		return nil, fmt.Errorf("read what the facades import: %w", err)
	}
	all := []web.Import{}
	for _, f := range importgraph.FiguresOf(read.Now, read.Retired, facades, project.IsTest) {
		var picture bytes.Buffer
		if err := importgraph.WriteSVG(&picture, read.Now, read.Retired, f.Facade, facades); err != nil {
			return nil, fmt.Errorf("draw what %s imports: %w", f.Facade, err)
		}
		one := web.Import{Facade: f.Facade, Modules: web.Pair(f.Executes), Circle: web.Pair(f.Circle), Picture: picture.Bytes()}
		for _, row := range f.Below {
			one.Below = append(one.Below, web.Module{Name: row.Module, Imported: row.Imported, Executes: web.Pair(row.Executes)})
		}
		all = append(all, one)
	}
	return all, nil
}

// Imports implements web.Importer.
func (s *source) Imports(ctx context.Context, name string) ([]web.Import, error) {
	if !strings.EqualFold(name, s.full()) {
		return nil, web.ErrNotFound
	}
	s.mu.Lock()
	result := s.result
	s.mu.Unlock()
	if result == nil {
		return nil, web.ErrNotFound
	}
	var facades []string
	for _, f := range result.Facades {
		facades = append(facades, f.Module)
	}
	return s.imports.of(ctx, facades, s.patience)
}
