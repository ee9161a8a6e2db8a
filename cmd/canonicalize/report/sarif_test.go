package report

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/canonicalize/canonicalize/codemod"
)

// sarifSchema is the JSON schema of SARIF 2.1.0 without its prose.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	src, err := os.Open("testdata/sarif-2.1.0.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	plain, err := gzip.NewReader(src)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(plain)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

var sarifFindings = []Finding{
	{Rule: "facade-read", Path: "a b/ü%.py", Line: 1, Column: 25, Facade: "shop.models", Name: "User", Home: "shop.models.user:User", Advice: "from shop.models.user import User", Print: "0123456789ab"},
	{Rule: "facade-read", Path: "a:b.py", Line: 2, Column: 1, Facade: "shop.models", Reason: string(codemod.ProofFailed), Advice: "Tell us."},
	{Rule: "facade-read", Path: "new\nline.py", Line: 2, Column: 1, Facade: "shop.models", Reason: string(codemod.DeclaredInFacade), Advice: "Move it."},
	{Rule: "re-export", Path: "shop/models/__init__.py", Line: 7, Column: 99, Facade: "shop.models", Name: "*", Advice: "Leave it out."},
	{Rule: "boundary", Path: "gone.py", Line: 3, Column: 1, Facade: "shop.api", Advice: "No."},
}

func writeSARIF(t *testing.T, findings []Finding) ([]byte, sarifRun) {
	t.Helper()
	var b bytes.Buffer
	err := WriteSARIF(&b, findings, "sub/folder", "1.0", func(path string) []byte {
		if path == "gone.py" {
			return nil
		}
		return []byte("from shop.models import User\nx = 1\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil || len(log.Runs) != 1 {
		t.Fatalf("%v in %s", err, &b)
	}
	return b.Bytes(), log.Runs[0]
}

// What is written is SARIF, with findings and without.
func TestSARIFFitsItsSchema(t *testing.T) {
	schema := sarifSchema(t)
	for _, findings := range [][]Finding{nil, sarifFindings} {
		src, _ := writeSARIF(t, findings)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%v\n%s", err, src)
		}
	}
}

// GitHub's code scanning asks for more than the schema: texts of each rule, a
// place of each result below the root of the repository, with line and column
// of its beginning and end.
func TestSARIFFitsCodeScanning(t *testing.T) {
	_, run := writeSARIF(t, sarifFindings)
	for _, r := range run.Tool.Driver.Rules {
		for _, text := range []sarifText{r.Short, r.Full, r.Help} {
			if n := utf8.RuneCountInString(text.Text); n == 0 || n > 1024 {
				t.Errorf("%s has a text of %d characters", r.ID, n)
			}
		}
	}
	want := []struct{ uri, level string }{
		{"sub/folder/a%20b/%C3%BC%25.py", "warning"}, {"sub/folder/a:b.py", "error"}, {"sub/folder/new%0Aline.py", "note"},
		{"sub/folder/shop/models/__init__.py", "warning"}, {"sub/folder/gone.py", "warning"},
	}
	for i, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" || r.Level != want[i].level {
			t.Errorf("%+v", r)
		}
		at := r.Locations[0].Physical
		if at.Artifact.URI != want[i].uri || strings.HasPrefix(at.Artifact.URI, "/") {
			t.Errorf("%s, want %s", at.Artifact.URI, want[i].uri)
		}
		if g := at.Region; g.StartLine < 1 || g.StartColumn < 1 || g.EndLine != g.StartLine || g.EndColumn <= g.StartColumn {
			t.Errorf("%s: %+v", at.Artifact.URI, g)
		}
	}
}

// Columns of SARIF count characters, those of findings bytes.
func TestSARIFRegions(t *testing.T) {
	for _, tt := range []struct {
		why, text    string
		line, column int
		start, end   int
	}{
		{"a name", "from shop.models import User, Cart\n", 1, 25, 25, 29},
		{"behind letters of two bytes", "ä = 'ö'; from shop import User\r\n", 1, 29, 27, 31},
		{"behind a byte order mark", "\ufefffrom shop import User\n", 1, 21, 18, 22},
		{"a byte order mark is of the first line only", "x\n\ufefffrom shop import User\n", 2, 21, 19, 23},
		{"a dotted name in a string", "\n@patch('shop.User')\n", 2, 9, 9, 18},
		{"a star", "from shop import *", 1, 18, 18, 19},
		{"the end of a line", "x\n", 1, 9, 2, 3},
		{"bytes that are no UTF-8", "# \xe9\xe8\nx = '\xe9', User\n", 2, 10, 10, 14},
	} {
		want := sarifRegion{tt.line, tt.start, tt.line, tt.end}
		if got := regionOf(Finding{Line: tt.line, Column: tt.column}, []byte(tt.text)); got != want {
			t.Errorf("%s: got %+v, want %+v", tt.why, got, want)
		}
	}
}
