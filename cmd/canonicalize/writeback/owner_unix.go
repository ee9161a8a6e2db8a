//go:build unix

package writeback

import (
	"os"
	"syscall"
)

// keepOwner gives a file the owner of another one as far as this user may: an administrator who works in somebody's
// checkout must not take the files over.
func keepOwner(name string, like os.FileInfo) {
	if stat, ok := like.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		_ = os.Lchown(name, int(stat.Uid), int(stat.Gid)) // not permitted to others, who keep their own
	}
}
