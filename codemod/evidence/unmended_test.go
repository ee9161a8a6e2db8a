package evidence

import "regexp"

// unmended matches the kinds that are known not to hold, which run only where
// -evidence.kinds names them.
var unmended = regexp.MustCompile("^(branch-.*|computed-(iter|listdir|submodules|walk)|effect-function-called|odd-(rebinding-home|suppress)|" +
	"patch-(alias-whole|unfolded)|star-(deleted|third-getattr|third-imported)|syntax-lazy-modules)$")
