package web

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
)

// Every link of an export leads to a file of it, from whatever folder it is opened.
func TestExport(t *testing.T) {
	source := newFixed()
	source.repo.Issues = []Issue{{Number: 9, Title: "Dashboard", State: Open, Board: true, Body: "- [#1](../pull/1) and [a commit](http://127.0.0.1:1/acme/shop/commit/abc) and [all](../issues?q=label%3Ax) and [elsewhere](https://example.com/x)\n"}}
	files := map[string]string{}
	err := Export(pages(t, source), &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, "/", func(name string, content []byte) error {
		files[name] = string(content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"index.html", "acme/shop.html", "acme/shop/pull/1.html", "acme/shop/facades.html", "acme/shop/left.html", "acme/shop/issues/9.html", "assets/style.css"} {
		if files[want] == "" {
			t.Errorf("no %s", want)
		}
	}
	link := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	for name, text := range files {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.HasPrefix(target, "https://example.com") || strings.HasPrefix(target, "data:") {
				continue
			}
			if _, ok := files[path.Join(path.Dir(name), target)]; !ok {
				t.Errorf("%s leads to %s, which is not there", name, m[1])
			}
		}
	}
	if text := files["acme/shop/issues/9.html"]; !strings.Contains(text, `href="../pull/1.html"`) || strings.Contains(text, "127.0.0.1") {
		t.Errorf("links of the issue:\n%s", text)
	}
}
