package cli

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCommandLinePageIsCurrent: docs/command-line.md says what --help says.
func TestCommandLinePageIsCurrent(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# The command line\n\nEvery command, as `canonicalize COMMAND --help` tells it. [getting-started.md](getting-started.md) is the tour.\n")
	writeCommand(&b, newRoot(Env{}))
	const path = "../../../docs/command-line.md"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(have, b.Bytes()) {
		t.Errorf("%s is not what the commands say (%v): run go test ./cmd/canonicalize/cli -run Page -update", path, err)
	}
}

func writeCommand(b *bytes.Buffer, cmd *cobra.Command) {
	if cmd.Hidden || cmd.Name() == "help" {
		return
	}
	if cmd.HasParent() {
		fmt.Fprintf(b, "\n## `%s`\n\n%s.\n", cmd.UseLine(), cmd.Short)
		if cmd.Long != "" {
			fmt.Fprintf(b, "\n```text\n%s\n```\n", strings.TrimSuffix(cmd.Long, "\n\n"+exitHelp))
		}
		writeFlags(b, cmd)
	} else {
		fmt.Fprintf(b, "\n%s\n\n```text\n%s\n```\n", cmd.Short+".", exitHelp)
	}
	for _, child := range cmd.Commands() {
		writeCommand(b, child)
	}
}

func writeFlags(b *bytes.Buffer, cmd *cobra.Command) {
	if cmd.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(cmd.Example, "  "), "\n  ", "\n"))
	}
	first := true
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if first {
			b.WriteString("\n| flag | what it does | default |\n|---|---|---|\n")
			first = false
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", strings.TrimSpace(name+" "+value), strings.ReplaceAll(usage, "|", `\|`), shownDefault(f.DefValue))
	})
}

func shownDefault(value string) string {
	if value == "" || value == "[]" || value == "false" {
		return ""
	}
	return "`" + value + "`"
}
