package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBroken says that what a mirror has on disk cannot be read. The next fetch sets it aside and begins anew.
var ErrBroken = errors.New("the mirror on disk is broken: it is set aside and fetched anew")

// brokenMark is the file in a mirror that says so to the next process; brokenSuffix names the folder that was set aside,
// of which the latest is kept to be looked at.
const (
	brokenMark   = "broken"
	brokenSuffix = ".broken"
)

// unreadable notes that an object is here and cannot be read. What the system refuses, such as one more open file, says
// nothing about the mirror.
func (o *objects) unreadable(err error) error {
	var system syscall.Errno
	if !o.ours || errors.As(err, &system) {
		return err
	}
	o.broken.Store(true)
	// Without the mark the next process finds out by itself.
	_ = os.WriteFile(filepath.Join(o.dir, brokenMark), nil, 0o644)
	return fmt.Errorf("%s: %w: %w", o.dir, ErrBroken, err)
}

// setAside moves a broken mirror out of the way.
func setAside(dir string) error {
	if err := os.RemoveAll(dir + brokenSuffix); err != nil {
		return err
	}
	return os.Rename(dir, dir+brokenSuffix)
}

// bringAnew is bring, once more from the beginning where the mirror turns out to be broken.
func (m *Mirror) bringAnew(ctx context.Context, sha string) error {
	if !m.objects.broken.Load() {
		if err := m.bring(ctx, sha); !m.objects.broken.Load() {
			return err
		}
	}
	if err := errors.Join(setAside(m.dir), prepare(m.dir)); err != nil {
		return fmt.Errorf("set the broken git mirror %s aside: %w", m.dir, err)
	}
	m.complete.Clear()
	m.objects.refresh()
	m.objects.listing.forget()
	m.objects.broken.Store(false)
	return m.bring(ctx, sha)
}
