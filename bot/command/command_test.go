package command

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		why, body string
		want      []Command
	}{
		{"the name alone is a fix", "/canonicalize", []Command{{Verb: Fix, Text: "/canonicalize"}}},
		{"case does not matter, trailing space neither", "/Canonicalize ALL  ", []Command{{Verb: All, Args: []string{}, Text: "/Canonicalize ALL"}}},
		{"a comment can give several", "please\n/canonicalize status\nand\n/canonicalize help", []Command{
			{Verb: Status, Args: []string{}, Text: "/canonicalize status"}, {Verb: Help, Args: []string{}, Text: "/canonicalize help"},
		}},
		{"a quote is somebody else's", "> /canonicalize all\n\nno", nil},
		{"fenced code is shown, not said", "```\n/canonicalize all\n```\n/canonicalize status", []Command{{Verb: Status, Args: []string{}, Text: "/canonicalize status"}}},
		{"a shorter fence does not end a longer one", "````\n```\n/canonicalize all\n````", nil},
		{"tildes fence too", "~~~\n/canonicalize all\n~~~", nil},
		{"indented code is shown, not said", "text\n\n    /canonicalize all", nil},
		{"an indented line goes on with its paragraph", "text\n    /canonicalize all", []Command{{Verb: All, Args: []string{}, Text: "/canonicalize all"}}},
		{"a code span is talked about", "`/canonicalize all` would do it", nil},
		{"in the middle of a line it is talked about", "try /canonicalize all", nil},
		{"an HTML comment is not seen by anybody", "<!-- \n/canonicalize all\n-->\n/canonicalize", []Command{{Verb: Fix, Text: "/canonicalize"}}},
		{"another bot's name that begins alike", "/canonicalizer all", nil},
		{"a word with a slash is a path", "/canonicalize src/app tests", []Command{{Verb: Paths, Args: []string{"src/app", "tests"}, Text: "/canonicalize src/app tests"}}},
		{"quotes hold a path together", `/canonicalize "my app/x.py"`, []Command{{Verb: Paths, Args: []string{"my app/x.py"}, Text: `/canonicalize "my app/x.py"`}}},
		{"dry-run comes first", "/canonicalize dry-run all", []Command{{Verb: All, Args: []string{}, DryRun: true, Text: "/canonicalize dry-run all"}}},
		{"explain wants a name", "/canonicalize explain `app.models.User`", []Command{{Verb: Explain, Args: []string{"app.models.User"}, Text: "/canonicalize explain `app.models.User`"}}},
		{"and without one it is not understood", "/canonicalize explain", []Command{{Verb: Unknown, Word: "explain", Args: []string{}, Text: "/canonicalize explain"}}},
		{"any number of arguments", "/canonicalize reopen #7 src/a src/b", []Command{{Verb: Reopen, Args: []string{"#7", "src/a", "src/b"}, Text: "/canonicalize reopen #7 src/a src/b"}}},
		{"an unknown word", "/canonicalize statsu", []Command{{Verb: Unknown, Word: "statsu", Args: []string{}, Text: "/canonicalize statsu"}}},
		{"equal ones are one", "/canonicalize status\n/CANONICALIZE status\n/canonicalize dry-run status", []Command{
			{Verb: Status, Args: []string{}, Text: "/canonicalize status"}, {Verb: Status, Args: []string{}, DryRun: true, Text: "/canonicalize dry-run status"}}},
		{"a space that does not break is a space", "\u00a0/canonicalize\u00a0explain\u00a0app.models.User", []Command{{Verb: Explain, Args: []string{"app.models.User"}, Text: "/canonicalize\u00a0explain\u00a0app.models.User"}}},
		{"a full stop ends the sentence", "/canonicalize rebase.\n/canonicalize!\n/canonicalize src/app.", []Command{
			{Verb: Rebase, Args: []string{}, Text: "/canonicalize rebase."}, {Verb: Fix, Text: "/canonicalize!"}, {Verb: Paths, Args: []string{"src/app"}, Text: "/canonicalize src/app."}}},
		{"but a folder of dots is one", "/canonicalize ./..", []Command{{Verb: Paths, Args: []string{"./.."}, Text: "/canonicalize ./.."}}},
		{"preformatted HTML is shown, not said", "<pre>\n/canonicalize all\n\n/canonicalize all\n</pre>\n\n/canonicalize status", []Command{{Verb: Status, Args: []string{}, Text: "/canonicalize status"}}},
		{"code under an item of a list is shown", "- do this:\n\n      /canonicalize all\n\n  ```\n  /canonicalize all\n  ```\n", nil},
		{"an item of a list lists", "1. /canonicalize all\n- /canonicalize all", nil},
		{"text under an item of a list is said", "- so:\n\n  /canonicalize all", []Command{{Verb: All, Args: []string{}, Text: "/canonicalize all"}}},
		{"the beginning of an HTML comment in code hides nothing", "`<!--`\n/canonicalize all\n\n    <!--\n\n/canonicalize status", []Command{
			{Verb: All, Args: []string{}, Text: "/canonicalize all"}, {Verb: Status, Args: []string{}, Text: "/canonicalize status"}}},
		{"an HTML comment in the middle of text hides", "see <!--\n/canonicalize all\n--> this", nil},
		{"a code span over lines is shown", "see `this\n/canonicalize all\nand` that", nil},
		{"folded text is said", "<details>\n\n/canonicalize all\n\n</details>", []Command{{Verb: All, Args: []string{}, Text: "/canonicalize all"}}},
		{"Windows line ends", "/canonicalize status\r\nthanks\r\n", []Command{{Verb: Status, Args: []string{}, Text: "/canonicalize status"}}},
	} {
		if got := Parse(tc.body); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: Parse(%q)\n got %+v\nwant %+v", tc.why, tc.body, got, tc.want)
		}
	}
}

// Whatever the help shows is a command.
func TestEveryRowCanBeSaid(t *testing.T) {
	for _, s := range Table {
		line := s.Command()
		for _, w := range []string{" [N]", " [TEAM]", " [PATH...]", "[", "]"} {
			line = strings.ReplaceAll(line, w, "")
		}
		line = strings.NewReplacer("NAME", "a.b", "PATH...", "a/b").Replace(line)
		if got := Parse(line); len(got) != 1 || got[0].Verb != s.Verb {
			t.Errorf("%q is read as %+v", line, got)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]Verb{"statsu": Status, "takeover": TakeOver, "rebse": Rebase, "HELP!": Help, "banana": ""} {
		if got := Nearest(word); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestHelpTextNamesEveryCommandOfThePlace(t *testing.T) {
	help := HelpText(OnIssue)
	for _, s := range Table {
		has := strings.Contains(help, "`"+strings.TrimSpace(Name+" "+s.Syntax)+"`")
		if has != (s.Where&OnIssue != 0) {
			t.Errorf("help for issues: %s present is %v", s.Verb, has)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("/canonicalize all\n> /canonicalize\n```\n/canonicalize\n```")
	f.Add("<!-- /canonicalize `x")
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range Parse(body) {
			if _, ok := Lookup(c.Verb); !ok && c.Verb != Unknown {
				t.Fatalf("verb %q is not in the table", c.Verb)
			}
			if !strings.EqualFold(c.Text[:len(Name)], Name) || strings.Contains(c.Text, "\n") {
				t.Fatalf("command text %q", c.Text)
			}
		}
		quoted := "> " + strings.ReplaceAll(strings.ReplaceAll(body, "\r", "\n"), "\n", "\n> ")
		if got := Parse(quoted); len(got) != 0 && !strings.Contains(body, "<!--") {
			t.Fatalf("a quoted comment gives %+v", got)
		}
	})
}
