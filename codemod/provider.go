package codemod

import (
	"context"
	"path"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// provided is the folder under which the files of providers are kept in the
// corpus. No path of a tree begins with it: a NUL is in no path.
const provided = "\x00provider/"

// providedPath returns the path in its own tree of a provider's file.
func providedPath(p string) string {
	rest := strings.TrimPrefix(p, provided)
	_, own, _ := strings.Cut(rest, "/")
	return own
}

func (p Provider) prefix() string { return provided + strings.ReplaceAll(p.Name, "/", "-") + "/" }

// providerOf returns the name of the provider whose file has the path.
func (c *corpus) providerOf(file string) string {
	for _, p := range c.rules.Providers {
		if strings.HasPrefix(file, p.prefix()) {
			return p.Name
		}
	}
	return ""
}

// loadProviders scans the files of the providers and returns the source roots
// that they add.
func (c *corpus) loadProviders(ctx context.Context) (roots []string, err error) {
	for _, p := range c.rules.Providers {
		prefix := p.prefix()
		all := p.Tree.Files()
		files := c.candidates(all)
		found := make([]*source, len(files))
		err := c.each(ctx, len(files), func(_ context.Context, i int) error {
			f := files[i]
			f.Path = prefix + f.Path
			s, err := c.scan(f, p.Tree)
			found[i] = s
			return err
		})
		if err != nil {
			return nil, err
		}
		var paths []string
		for _, s := range found {
			if s != nil {
				c.files = append(c.files, s)
				paths = append(paths, providedPath(s.Path))
			}
		}
		roots = append(roots, providerRoots(p, prefix, paths, all)...)
	}
	return roots, nil
}

func providerRoots(p Provider, prefix string, paths []string, all []File) (out []string) {
	roots := p.SourceRoots
	if roots == nil {
		byPath := map[string]File{}
		for _, f := range all {
			byPath[f.Path] = f
		}
		roots = resolve.Roots(paths, func(name string) ([]byte, bool) {
			f, ok := byPath[name]
			if !ok {
				return nil, false
			}
			src, err := p.Tree.Read(f)
			return src, err == nil
		})
	}
	for _, r := range roots {
		out = append(out, strings.TrimSuffix(path.Join(strings.TrimPrefix(prefix, "\x00"), r), "/"))
		out[len(out)-1] = "\x00" + out[len(out)-1]
	}
	return out
}

// firstParty reports whether the module belongs to the tree itself, and not
// to a provider only.
func (c *corpus) firstParty(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	m := c.index.Module(top)
	return m != nil && (m.Path == "" || !strings.HasPrefix(m.Path, provided)) && c.ownTop(top, m)
}

// ownTop reports whether a file of the tree itself is below the top-level
// package, which can be a namespace that both share.
func (c *corpus) ownTop(top string, m *resolve.Mod) bool {
	if m.Path != "" || len(c.rules.Providers) == 0 {
		return true
	}
	for _, s := range c.files {
		if s.provider == nil && (s.mod.Name == top || strings.HasPrefix(s.mod.Name, top+".")) {
			return true
		}
	}
	return false
}
