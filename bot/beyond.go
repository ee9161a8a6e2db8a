package bot

import (
	"errors"

	"github.com/canonicalize/canonicalize/bot/git"
)

// beyond tells an error that says that a commit is more than is looked at.
func beyond(err error) bool { return errors.As(err, new(*git.TooLargeError)) }
