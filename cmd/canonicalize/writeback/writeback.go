// Package writeback writes a changeset into a working directory: all of it, or nothing.
//
// [Write] first writes every new text beside its file, and only when all are on disk renames them into place. Each
// file is thus either old or new at any moment, and keeps its mode and owner; when a renaming fails half-way, those
// that were done are undone. Files can come and go with the others.
package writeback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// File is the new text of one file.
type File struct {
	Path          string // slash-separated, from the root
	Before, After []byte
	Create        bool // there is none yet
	Remove        bool // there is to be none
}

// ChangedError says that a file is no longer what the change was made from.
type ChangedError struct{ Path string }

func (e *ChangedError) Error() string {
	return e.Path + " was changed by another program in the meantime: nothing was written; run again"
}

// staged is a new text that waits beside its file.
type staged struct {
	File
	name, temp string
	was        os.FileInfo // nil for one that comes
}

// Write brings the files under root to their new text. When it returns an error, none has changed; ctx is looked at
// until the first file is put in place.
func Write(ctx context.Context, root string, files []File) (err error) {
	all := make([]staged, len(files))
	defer func() {
		for _, s := range all {
			if err != nil && s.temp != "" {
				os.Remove(s.temp) // gone already when the renaming was done
			}
		}
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(writers)
	for i, f := range files {
		all[i] = staged{File: f, name: filepath.Join(root, filepath.FromSlash(f.Path))}
		g.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			return all[i].stage(filepath.Clean(root))
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return place(all)
}

// writers is how many files are written at a time: what takes long is to wait
// for the disk.
const writers = 8

// RefusedError says that a file may not be written.
type RefusedError struct{ Path, Why string }

func (e *RefusedError) Error() string { return e.Path + " " + e.Why + ": nothing was written" }

// stage writes the new text into a temporary file beside the file, with its mode and owner.
func (s *staged) stage(root string) (err error) {
	if s.Create {
		return s.stageNew(root)
	}
	if s.was, err = os.Lstat(s.name); err != nil {
		return fmt.Errorf("write %s: %w", s.Path, err)
	}
	if err := refused(root, s.name, s.Path, s.was); err != nil {
		return err
	}
	now, err := os.ReadFile(s.name)
	if err != nil {
		return fmt.Errorf("write %s: %w", s.Path, err)
	}
	if !bytes.Equal(now, s.Before) {
		return &ChangedError{s.Path}
	}
	if !s.Remove {
		s.temp, err = writeBeside(s.name, s.After, s.was, s.was.Mode().Perm())
	}
	return err
}

// newMode is the mode of a file that comes.
const newMode = 0o644

// stageNew writes the text of a file that is not there yet, with the owner of its folder.
func (s *staged) stageNew(root string) error {
	if _, err := os.Lstat(s.name); !errors.Is(err, fs.ErrNotExist) {
		return &ChangedError{s.Path}
	}
	folder, err := os.Lstat(filepath.Dir(s.name))
	if err != nil {
		return fmt.Errorf("write %s: %w", s.Path, err)
	}
	if err := outside(root, s.name, s.Path); err != nil {
		return err
	}
	s.temp, err = writeBeside(s.name, s.After, folder, newMode)
	return err
}

// refused says why a file may not be written: renaming would replace a symbolic link by a file, lead out of the folder through one, and
// get round the protection of a file that its owner made read-only.
func refused(root, name, path string, info os.FileInfo) error {
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		return &RefusedError{path, "has become a symbolic link"}
	case !info.Mode().IsRegular():
		return &RefusedError{path, "is no regular file any more"}
	case info.Mode().Perm()&0o200 == 0:
		return &RefusedError{path, "is read-only (make it writable, or exclude it in the configuration)"}
	}
	return outside(root, name, path)
}

// outside says why a path does not lie in the folder itself.
func outside(root, name, path string) error {
	for dir := filepath.Dir(name); len(dir) > len(root); dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		} else if info.Mode()&os.ModeSymlink != 0 {
			return &RefusedError{path, "lies behind a symbolic link"}
		}
	}
	return nil
}

// writeBeside writes text into a temporary file in the folder of name.
func writeBeside(name string, text []byte, like os.FileInfo, mode os.FileMode) (temp string, err error) {
	out, err := os.CreateTemp(filepath.Dir(name), ".canonicalize-*")
	if err != nil {
		return "", fmt.Errorf("write beside %s: %w", name, err)
	}
	_, err = out.Write(text)
	err = errors.Join(err, out.Chmod(mode), out.Close())
	if err != nil {
		os.Remove(out.Name())
		return "", fmt.Errorf("write beside %s: %w", name, err)
	}
	keepOwner(out.Name(), like)
	return out.Name(), nil
}

// place renames all into place, or undoes what it did.
func place(all []staged) error {
	for i := range all {
		s := &all[i]
		if err := s.place(); err != nil {
			return errors.Join(fmt.Errorf("replace %s: %w", s.Path, err), undo(all[:i]))
		}
	}
	return nil
}

func (s *staged) place() error {
	if s.Remove {
		return os.Remove(s.name)
	}
	return os.Rename(s.temp, s.name)
}

func undo(done []staged) error {
	var errs []error
	for i := range done {
		s := &done[i]
		if err := s.undo(); err != nil {
			errs = append(errs, fmt.Errorf("%s has its new text and could not be set back: %w", s.Path, err))
		}
	}
	return errors.Join(errs...)
}

func (s *staged) undo() error {
	if s.Create {
		return os.Remove(s.name)
	}
	temp, err := writeBeside(s.name, s.Before, s.was, s.was.Mode().Perm())
	if err == nil {
		err = os.Rename(temp, s.name)
	}
	return err
}
