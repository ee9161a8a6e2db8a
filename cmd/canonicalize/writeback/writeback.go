// Package writeback writes a changeset into a working directory: all of it, or nothing.
//
// [Write] first writes every new text beside its file, and only when all are on disk renames them into place. Each
// file is thus either old or new at any moment, and keeps its mode and owner; when a renaming fails half-way, those
// that were done are undone.
package writeback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// File is the new text of one file.
type File struct {
	Path          string // slash-separated, from the root
	Before, After []byte
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
			all[i].temp, err = stage(filepath.Clean(root), all[i].name, f)
			return err
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

// stage writes the new text into a temporary file beside name, with its mode and owner.
func stage(root, name string, f File) (temp string, err error) {
	info, err := os.Lstat(name)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", f.Path, err)
	}
	if err := refused(root, name, f.Path, info); err != nil {
		return "", err
	}
	now, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", f.Path, err)
	}
	if !bytes.Equal(now, f.Before) {
		return "", &ChangedError{f.Path}
	}
	return writeBeside(name, f.After, info)
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
func writeBeside(name string, text []byte, like os.FileInfo) (temp string, err error) {
	out, err := os.CreateTemp(filepath.Dir(name), ".canonicalize-*")
	if err != nil {
		return "", fmt.Errorf("write beside %s: %w", name, err)
	}
	_, err = out.Write(text)
	err = errors.Join(err, out.Chmod(like.Mode().Perm()), out.Close())
	if err != nil {
		os.Remove(out.Name())
		return "", fmt.Errorf("write beside %s: %w", name, err)
	}
	keepOwner(out.Name(), like)
	return out.Name(), nil
}

// place renames all into place, or undoes what it did.
func place(all []staged) error {
	for i, s := range all {
		if err := os.Rename(s.temp, s.name); err != nil {
			return errors.Join(fmt.Errorf("replace %s: %w", s.Path, err), undo(all[:i]))
		}
	}
	return nil
}

func undo(done []staged) error {
	var errs []error
	for _, s := range done {
		info, err := os.Lstat(s.name)
		if err == nil {
			var temp string
			if temp, err = writeBeside(s.name, s.Before, info); err == nil {
				err = os.Rename(temp, s.name)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s has its new text and could not be set back: %w", s.Path, err))
		}
	}
	return errors.Join(errs...)
}
