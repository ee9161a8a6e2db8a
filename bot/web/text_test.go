package web

import (
	"strings"
	"testing"
)

func TestParseDiff(t *testing.T) {
	tests := []struct{ name, patch, want string }{
		{"numbers", "@@ -3,3 +5,4 @@ f\n a\n-b\n+c\n+d\n e\n", "hunk same:3,5 del:4,0 add:0,6 add:0,7 same:5,8"},
		{"names are skipped", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "hunk del:1,0 add:0,1"},
		{"a removed line that looks like a name", "@@ -1,2 +1 @@\n--- x\n y\n", "hunk del:1,0 same:2,1"},
		{"no newline", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n", "hunk del:1,0 note:0,0 add:0,1"},
		{"an empty line without its blank", "@@ -1,2 +1,2 @@\n\n a\n", "hunk same:1,1 same:2,2"},
		{"two hunks", "@@ -1 +1 @@\n a\n@@ -9 +9 @@\n b\n", "hunk same:1,1 hunk same:9,9"},
		{"no diff", "Binary files differ\n", ""},
		{"numbers too large", "@@ -99999999999999999999 +1 @@\n-a\n", "hunk del:0,0"},
	}
	for _, tt := range tests {
		var got []string
		for _, r := range parseDiff(tt.patch) {
			text := r.Kind
			if r.Kind != "hunk" {
				text += ":" + itoa(r.Old) + "," + itoa(r.New)
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, text, tt.want)
		}
	}
}

func itoa(n int) string { return strings.TrimSuffix(count(n, "x", "x"), " x") }

func TestEmphasis(t *testing.T) {
	tests := []struct{ before, after, wantBefore, wantAfter string }{
		{"from a.models import User", "from a.models.user import User", "from a.[models] import User", "from a.[models.user] import User"},
		{"x = old_name()", "x = new_name()", "x = [old_name]()", "x = [new_name]()"},
		{"print(é1)", "print(è1)", "print([é1])", "print([è1])"},
		{"same", "same", "same", "same"},
		{"nothing", "shared here at all", "nothing", "shared here at all"},
		{"a b", "a b c", "a [b]", "a [b c]"},
	}
	for _, tt := range tests {
		rows := parseDiff("@@ -1 +1 @@\n-" + tt.before + "\n+" + tt.after + "\n")
		if got := marked(rows[1]); got != tt.wantBefore {
			t.Errorf("got %s, want %s", got, tt.wantBefore)
		}
		if got := marked(rows[2]); got != tt.wantAfter {
			t.Errorf("got %s, want %s", got, tt.wantAfter)
		}
	}
}

func marked(r row) string {
	var b strings.Builder
	for _, p := range r.Parts {
		if p.Changed {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func FuzzParseDiff(f *testing.F) {
	f.Add(patch)
	f.Add("@@ -1 +1 @@\n-\xff\xfe\n+\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range parseDiff(text) {
			if !strings.Contains(text, marked(row{Parts: plain(r)})) {
				t.Errorf("a row says %q, which the diff does not", marked(r))
			}
		}
	})
}

func plain(r row) []part {
	parts := append([]part(nil), r.Parts...)
	for i := range parts {
		parts[i].Changed = false
	}
	return parts
}

func TestSanitize(t *testing.T) {
	tests := map[string]string{
		"<details open><summary>More</summary>":         "<details open><summary>More</summary>",
		`<details onclick="x()">`:                       "<details>",
		`<SUMMARY class="x">`:                           "<summary>",
		"<script>alert(1)</script>":                     "alert(1)",
		"<img src=x onerror=alert(1)>":                  "",
		"<!-- canonicalize: v1 {\"a\":\"\\u003c\"} -->": "<!-- canonicalize: v1 {\"a\":\"\\u003c\"} -->",
		"<!-- canonicalize <b> -->":                     "",
		"<!-- other -->":                                "",
		"a < b & c &amp; d":                             "a &lt; b &amp; c &amp; d",
		"<style>x":                                      "x",
		"<details<script>":                              "&lt;details",
		"<pre>":                                         "",
		"<detailsx>":                                    "",
	}
	for in, want := range tests {
		if got := sanitize(in); got != want {
			t.Errorf("sanitize(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("<details><summary>x</summary><script>alert(1)</script>")
	f.Fuzz(func(t *testing.T, text string) {
		out := strings.ToLower(sanitize(text))
		for _, bad := range []string{"<script", "<img", "<iframe", "<style", "<a "} {
			if strings.Contains(out, bad) {
				t.Errorf("%q keeps %s: %q", text, bad, out)
			}
		}
	})
}

func TestReadable(t *testing.T) {
	for color, want := range map[string]string{"ffffff": "#000", "000000": "#fff", "fbca04": "#000", "0969da": "#fff", "0e8a16": "#000", "d73a4a": "#fff", "a2eeef": "#000"} {
		if got := readable(color); got != want {
			t.Errorf("on #%s the text is %s, want %s", color, got, want)
		}
	}
}
