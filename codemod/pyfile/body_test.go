package pyfile

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

const bodyText = `"""Doc."""
from .a import *
from b import c; d = c.e
__all__ = ["x",
    "y"] + other.__all__
LIMIT = 3
@deco
def f():
    "inner"
    return "from m import z"
class AppConf(AppConfig):
    name = "app"
    label = "a"

    def ready(self):
        pass
INSTALLED += ["one", *("two",)]
INSTALLED.append("three")
if LIMIT:
    pass
`

// TestBody reads what a module consists of.
func TestBody(t *testing.T) {
	p := NewParser()
	defer p.Close()
	b, err := p.Body(context.Background(), []byte(bodyText))
	if err != nil || b.Broken {
		t.Fatal(err, b)
	}
	var got []string
	for _, s := range b.Statements {
		got = append(got, fmt.Sprintf("%d %s %v %v", s.Kind, strings.Join(s.Names, ","), s.Evaluates, s.Joined))
	}
	if s, want := strings.Join(got, "; "), "2  false false; 1  false false; 1  false true; 4 d true true; 4 __all__ true false; 4 LIMIT false false; "+
		"3 f false false; 3 AppConf false false; 4 INSTALLED true false; 5  false false; 0  false false"; s != want {
		t.Errorf("statements\n got %s\nwant %s", s, want)
	}
	var all, in []string
	for _, a := range b.All {
		all = append(all, bodyText[a.Start:a.End])
	}
	for _, l := range b.Literals {
		in = append(in, fmt.Sprintf("%s=%s%v", l.In, l.Text, l.Doc))
	}
	if s := strings.Join(all, " "); s != `"x" "y"` {
		t.Errorf("__all__ %s", s)
	}
	if s, want := strings.Join(in, "; "), "=Doc.true; __all__=xfalse; __all__=yfalse; =innertrue; =from m import zfalse; =appfalse; =afalse; INSTALLED=onefalse; INSTALLED=twofalse; INSTALLED=threefalse"; s != want {
		t.Errorf("literals\n got %s\nwant %s", s, want)
	}
	if len(b.Classes) != 1 || b.Classes[0].Strings["name"].Text != "app" || len(b.Classes[0].Methods) != 1 || bodyText[:b.Classes[0].Attributes][len(bodyText[:b.Classes[0].Attributes])-3:] != `"a"` {
		t.Errorf("classes %+v", b.Classes)
	}
}
