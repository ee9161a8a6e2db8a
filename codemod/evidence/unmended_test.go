package evidence

import "regexp"

// unmended matches the kinds that are known not to hold, which run only where
// -evidence.kinds names them.
var unmended = regexp.MustCompile("^(branch-.*|computed-listdir|effect-function-called|odd-rebinding-home|" +
	"patch-(alias-whole|unfolded)|star-third-(getattr|imported)|syntax-lazy-modules)$")
