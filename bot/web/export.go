package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/net/html"
)

// Export writes the pages that can be reached from start as files whose links are relative, so that they can be read
// from a folder. Address is where the pages say that they are; a link to what is no page loses its target. Write is
// given a name with slashes, and what the file holds.
func Export(pages http.Handler, address *url.URL, start string, write func(name string, content []byte) error) error {
	e := &exporter{pages: pages, address: address, docs: map[string]*html.Node{}, others: map[string][]byte{}}
	if err := e.load(start); err != nil {
		return err
	}
	for _, at := range e.order {
		e.relate(at)
		var b bytes.Buffer
		if err := html.Render(&b, e.docs[at]); err != nil {
			return fmt.Errorf("write the page %s: %w", at, err)
		}
		if err := write(fileOf(at), b.Bytes()); err != nil {
			return err
		}
	}
	for at, content := range e.others {
		if err := write(fileOf(at), content); err != nil {
			return err
		}
	}
	return nil
}

type exporter struct {
	pages   http.Handler
	address *url.URL
	order   []string              // paths of pages, as they were found
	docs    map[string]*html.Node // by path; nil: there is no such page
	others  map[string][]byte     // what is no page: the style sheet, pictures
}

// fileOf names the file of a page.
func fileOf(at string) string {
	switch {
	case at == "/":
		return "index.html"
	case path.Ext(at) == ".css" || path.Ext(at) == ".svg":
		return strings.TrimPrefix(at, "/")
	}
	return strings.TrimPrefix(at, "/") + ".html"
}

// load reads a page and all that it leads to.
func (e *exporter) load(start string) error {
	for todo := []string{start}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		if _, known := e.docs[at]; known {
			continue
		}
		e.docs[at] = nil
		w := httptest.NewRecorder()
		e.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, (&url.URL{Path: at}).String(), nil))
		switch {
		case w.Code == http.StatusNotFound:
			continue
		case w.Code != http.StatusOK:
			return fmt.Errorf("the page %s answers %d: %s", at, w.Code, w.Body)
		case !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"):
			e.others[at] = w.Body.Bytes()
			continue
		}
		doc, err := html.Parse(w.Body)
		if err != nil {
			return fmt.Errorf("read the page %s: %w", at, err)
		}
		e.docs[at], e.order = doc, append(e.order, at)
		for target := range e.links(at) {
			todo = append(todo, target.Path)
		}
	}
	return nil
}

// links are the places of this site that a page leads to, with the attributes that say so.
func (e *exporter) links(at string) func(yield func(*url.URL, *html.Attribute) bool) {
	base := e.address.ResolveReference(&url.URL{Path: at})
	return func(yield func(*url.URL, *html.Attribute) bool) {
		for n := range e.docs[at].Descendants() {
			for i := range n.Attr {
				a := &n.Attr[i]
				if a.Key != "href" && a.Key != "src" || strings.HasPrefix(a.Val, "#") {
					continue
				}
				target, err := base.Parse(a.Val)
				if err == nil && target.Host == e.address.Host && target.Scheme == e.address.Scheme && !yield(target, a) {
					return
				}
			}
		}
	}
}

// relate makes the links of a page relative.
func (e *exporter) relate(at string) {
	for target, a := range e.links(at) {
		_, other := e.others[target.Path]
		if e.docs[target.Path] == nil && !other {
			a.Key, a.Val = "data-nowhere", "" // as a link to a commit, which has no page here
			continue
		}
		to, err := filepath.Rel(path.Dir("/"+fileOf(at)), "/"+fileOf(target.Path))
		if err != nil {
			continue // both are absolute
		}
		a.Val = (&url.URL{Path: filepath.ToSlash(to), Fragment: target.Fragment}).String()
	}
}
