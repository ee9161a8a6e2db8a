package evidence

import "regexp"

// unmended matches the kinds that are known not to hold, which run only where
// -evidence.kinds names them.
var unmended = regexp.MustCompile("^(" +
	"branch-(async-function|class|deleted|elif|except|except-used|if|in-function|lambda|match|one-line|taken|try-function|" +
	"type-checking)|" +
	"computed-(submodules)|" +
	"effect-(append|attribute|call|decorator|decorator-call|function|function-called|item|loop|passed|setattr|subclass|" +
	"subclasses)|" +
	"framework-(package|settings)|" +
	"odd-(case|eval|rebinding-home|suppress)|" +
	"patch-(alias-multiple|alias-object|alias-object-name|alias-string|alias-whole|assigned-alias|assigned-imported|" +
	"assigned-modules|constant|dict|dict-keywords|dict-string|f-string|format|helper|implicit|item|join|loop|modules|" +
	"monkeypatch-alias|monkeypatch-alias-whole|monkeypatch-f-string|monkeypatch-item|monkeypatch-modules|multiple|" +
	"multiple-module|object-imported|object-keywords|object-modules|percent|plus|unfolded)|" +
	"star-(added|class|class-hint|class-if|class-loop|class-nested|eval|except|exec|future-hint|globals|if|loop|match|quoted|" +
	"third-getattr|third-imported|try|vars|walrus|while|with)" +
	")$")
