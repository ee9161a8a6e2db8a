package command

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write docs/commands.md")

// The table that dispatches is the one that is documented: with -update the
// page is written anew.
func TestDocumentIsCurrent(t *testing.T) {
	const page = "../../docs/commands.md"
	if *update {
		if err := os.WriteFile(page, []byte(Document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != Document() {
		t.Errorf("%s is not what the table says: run `go test ./bot/command -update`", page)
	}
}
