// Package sample holds a small shop written in Python, as a code base to try the program on: three packages that
// belong to teams and some files that belong to nobody, a facade that is a package (shop.models) and one that is a
// module (shop.app), imports of every form, and a test suite that needs nothing but python3:
//
//	python3 -m unittest
package sample

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Repository is the name under which the sample is served.
const Repository = "acme/shop"

// all: because names that begin with "." or "_" (.github, __init__.py) are left out otherwise.
//
//go:embed all:tree
var tree embed.FS

// File is one file of the sample.
type File struct {
	Path       string // slash-separated, from the root of the repository
	Content    []byte
	Executable bool
}

// Files returns the sample's files, sorted by path.
func Files() ([]File, error) {
	var files []File
	err := fs.WalkDir(tree, "tree", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".pyc") {
			return err
		}
		content, err := tree.ReadFile(name)
		if err != nil {
			return err
		}
		files = append(files, File{
			Path:    strings.TrimPrefix(name, "tree/"),
			Content: content,
			// An embedded file has no mode of its own: scripts are known by their first line.
			Executable: bytes.HasPrefix(content, []byte("#!")),
		})
		return nil
	})
	return files, err
}

// Write writes the sample into the folder dir, which is created where needed.
func Write(dir string) error {
	files, err := Files()
	if err != nil {
		return fmt.Errorf("read the bundled sample: %w", err)
	}
	for _, file := range files {
		name := filepath.Join(dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("write the sample: %w", err)
		}
		mode := os.FileMode(0o644)
		if file.Executable {
			mode = 0o755
		}
		if err := os.WriteFile(name, file.Content, mode); err != nil {
			return fmt.Errorf("write the sample: %w", err)
		}
	}
	return nil
}
