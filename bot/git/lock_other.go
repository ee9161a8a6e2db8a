//go:build !unix

package git

import "os"

// lockFile opens the lock file: where the system has no advisory locks, one process per data folder is the
// operator's to ensure.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
}
