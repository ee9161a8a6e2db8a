package evidence

import "regexp"

// unmended matches the kinds that are known not to hold, which run only where
// -evidence.kinds names them.
var unmended = regexp.MustCompile("^(" +
	"branch-(suppress|taken)|" +
	"computed-(submodules|walk)|" +
	"effect-(append|attribute|call|decorator|decorator-call|function|function-called|item|loop|passed|setattr|subclass|" +
	"subclasses)|" +
	"odd-(eval|rebinding-home|suppress)|" +
	"patch-(alias-multiple|alias-object|alias-object-name|alias-string|alias-whole|assigned-alias|assigned-imported|" +
	"assigned-modules|constant|dict|dict-keywords|dict-string|f-string|format|helper|implicit|item|join|loop|modules|" +
	"monkeypatch-alias|monkeypatch-alias-whole|monkeypatch-f-string|monkeypatch-item|monkeypatch-modules|multiple|" +
	"multiple-module|object-imported|object-keywords|object-modules|percent|plus|unfolded)|" +
	"star-(added|third-getattr|third-imported)" +
	")$")
