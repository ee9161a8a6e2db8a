package preview

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/canonicalize/canonicalize/bot/web"
)

// exportable says whether pages can be written to a folder: it is not there yet, or empty. Faults are an *InputError.
func exportable(dir string) error {
	if dir == "" {
		return nil
	}
	found, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return inputf("--export %s: %w", dir, err)
	case len(found) > 0:
		return inputf("--export %s: the folder is not empty: name a new one, so that nothing in it is overwritten", dir)
	}
	return nil
}

// Export writes the pages as files into a folder, for reading without a server, and returns the one to begin with. The
// folder appears when it is complete.
func (p *Preview) Export(dir string) (start string, err error) {
	shown := p.world.source.forReading()
	pages, err := web.New(p.world.lg, shown, web.Options{Static: true})
	if err != nil {
		return "", err
	}
	address, err := url.Parse(p.URL)
	if err != nil {
		return "", fmt.Errorf("export the pages: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("export the pages: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".canonicalize-export-")
	if err != nil {
		return "", fmt.Errorf("export the pages: %w", err)
	}
	defer os.RemoveAll(work)
	err = web.Export(pages, &url.URL{Scheme: address.Scheme, Host: address.Host}, "/", func(name string, content []byte) error {
		return writeFile(filepath.Join(work, filepath.FromSlash(name)), content)
	})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.Chmod(work, 0o755), os.Rename(work, dir)); err != nil {
		return "", fmt.Errorf("export the pages: %w", err)
	}
	return filepath.Join(dir, filepath.FromSlash(shown.full()+".html")), nil
}

func writeFile(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("export the pages: %w", err)
	}
	return os.WriteFile(name, content, 0o644)
}
