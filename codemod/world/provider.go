package world

import (
	"context"
	"path"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// provided is the folder under which the files of providers are kept in the
// corpus. No path of a tree begins with it: a NUL is in no path.
const provided = "\x00provider/"

// ProvidedPath returns the path in its own tree of a provider's file.
func ProvidedPath(p string) string {
	rest := strings.TrimPrefix(p, provided)
	_, own, _ := strings.Cut(rest, "/")
	return own
}

func (p Provider) prefix() string { return provided + strings.ReplaceAll(p.Name, "/", "-") + "/" }

// ProviderOf returns the name of the provider whose file has the path.
func (w *World) ProviderOf(file string) string {
	for _, p := range w.Rules.Providers {
		if strings.HasPrefix(file, p.prefix()) {
			return p.Name
		}
	}
	return ""
}

// loadProviders scans the files of the providers and returns the source roots
// that they add.
func (w *World) loadProviders(ctx context.Context) (roots []string, err error) {
	for _, p := range w.Rules.Providers {
		prefix := p.prefix()
		all := p.Tree.Files()
		files := w.candidates(all)
		found := make([]*Source, len(files))
		err := w.Each(ctx, len(files), func(_ context.Context, i int) error {
			f := files[i]
			f.Path = prefix + f.Path
			s, err := w.scan(f, p.Tree)
			found[i] = s
			return err
		})
		if err != nil {
			return nil, err
		}
		var paths []string
		for _, s := range found {
			if s != nil {
				w.sources = append(w.sources, s)
				paths = append(paths, ProvidedPath(s.Path))
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

// FirstParty reports whether the module belongs to the tree itself, and not
// to a provider only.
func (w *World) FirstParty(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	m := w.Index.Module(top)
	return m != nil && (m.Path == "" || !strings.HasPrefix(m.Path, provided)) && w.ownTop(top, m)
}

// ownTop reports whether a file of the tree itself is below the top-level
// package, which can be a namespace that both share.
func (w *World) ownTop(top string, m *resolve.Mod) bool {
	if m.Path != "" || len(w.Rules.Providers) == 0 {
		return true
	}
	for _, s := range w.sources {
		if s.Provider == nil && (s.Mod.Name == top || strings.HasPrefix(s.Mod.Name, top+".")) {
			return true
		}
	}
	return false
}
