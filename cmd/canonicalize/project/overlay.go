package project

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// source is the files of a project.
type source interface {
	codemod.Tree
	ReadPath(path string) ([]byte, bool, error)
}

// overlay is a tree in which one file has another text than on disk, as in an editor before it is saved.
type overlay struct {
	source
	path string
	text []byte
}

// Overlay gives the file at path, relative to dir or absolute, the text of an editor, and bounds the project to it.
// The file need not exist. A path outside of the project is an *InputError.
func (p *Project) Overlay(dir, path string, text []byte) error {
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(dir, path)
	}
	rel, err := filepath.Rel(p.Dir, full)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return inputf("%s is outside of %s", path, p.Dir)
	}
	p.only = []string{filepath.ToSlash(rel)}
	p.tree = overlay{p.tree, p.only[0], text}
	return nil
}

// Files implements codemod.Tree.
func (o overlay) Files() []codemod.File {
	files := slices.Clone(o.source.Files())
	at, found := slices.BinarySearchFunc(files, o.path, func(f codemod.File, path string) int { return strings.Compare(f.Path, path) })
	if !found {
		files = slices.Insert(files, at, codemod.File{Path: o.path})
	}
	files[at].ID, files[at].Size = "", int64(len(o.text))
	return files
}

// Read implements codemod.Tree.
func (o overlay) Read(f codemod.File) ([]byte, error) {
	if f.Path == o.path {
		return o.text, nil
	}
	return o.source.Read(f)
}

// ReadPath returns the bytes of a file, and whether there is one.
func (o overlay) ReadPath(path string) ([]byte, bool, error) {
	if path == o.path {
		return o.text, true, nil
	}
	return o.source.ReadPath(path)
}
