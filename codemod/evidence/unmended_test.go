package evidence

import "regexp"

// unmended matches the kinds that are known not to hold, which run only where
// -evidence.kinds names them.
var unmended = regexp.MustCompile("^(" +
	"branch-(conditional|finally|global|match|suppress|taken)|" +
	"computed-(iter|listdir|submodules|walk)|" +
	"effect-function-called|" +
	"odd-(eval|rebinding-home|suppress)|" +
	"patch-(alias-whole|helper|implicit|modules|unfolded)|" +
	"star-(added|third-getattr|third-imported)|" +
	"syntax-lazy-modules" +
	")$")
