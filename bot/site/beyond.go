package site

import (
	"errors"

	"github.com/canonicalize/canonicalize/bot/git"
)

// Beyond tells an error that says that a commit is more than is looked at.
func Beyond(err error) bool { return errors.As(err, new(*git.TooLargeError)) }
