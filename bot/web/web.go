package web

import (
	"bytes"
	"crypto/rand"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/yuin/goldmark"
)

//go:embed templates/*.html style.css
var assets embed.FS

// site answers requests for pages.
type site struct {
	lg     *slog.Logger
	source Source
	md     goldmark.Markdown
	pages  map[string]*template.Template
	css    []byte
	opts   Options
	token  string // in every form, so that no other site can send one
}

// Options adjust the pages.
type Options struct {
	SignOut string // where a form goes that signs the reader out; "": nobody is signed in
	Static  bool   // the pages become files: nothing can be sent to them
	Do      Do     // does by hand what readers ask for; nil: the pages are for reading
}

// New returns the pages over a source: "/" lists the repositories, "/OWNER/NAME" is one of them, with
// "/pull/NUMBER", "/issues/NUMBER", "/facades" and "/left" below it. What cannot be shown is logged to lg.
func New(lg *slog.Logger, source Source, o Options) (http.Handler, error) {
	s := &site{lg: lg, source: source, opts: o, md: newMarkdown(), pages: map[string]*template.Template{}, token: rand.Text()}
	var err error
	if s.css, err = assets.ReadFile("style.css"); err != nil {
		return nil, err
	}
	for _, page := range []string{"repositories", "repository", "pull", "issue", "issues", "facades", "imports", "left", "error"} {
		t := template.New("layout.html").Funcs(s.funcs())
		s.pages[page], err = t.ParseFS(assets, "templates/layout.html", "templates/parts.html", "templates/"+page+".html")
		if err != nil {
			return nil, err
		}
	}
	return s.routes(), nil
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.handle(s.repositories))
	mux.HandleFunc("GET /assets/style.css", s.style)
	mux.HandleFunc("GET /{owner}/{name}", s.handle(s.repository("repository")))
	mux.HandleFunc("GET /{owner}/{name}/facades", s.handle(s.repository("facades")))
	mux.HandleFunc("GET /{owner}/{name}/imports", s.handle(s.imports))
	mux.HandleFunc("GET /{owner}/{name}/imports/{file}", s.picture)
	mux.HandleFunc("GET /{owner}/{name}/left", s.handle(s.repository("left")))
	mux.HandleFunc("GET /{owner}/{name}/pull/{number}", s.handle(s.pull))
	mux.HandleFunc("GET /{owner}/{name}/issues", s.handle(s.repository("issues")))
	mux.HandleFunc("GET /{owner}/{name}/issues/{number}", s.handle(s.issue))
	mux.HandleFunc("POST /{owner}/{name}/{kind}/{number}/{verb}", s.act)
	mux.HandleFunc("GET /", s.handle(func(*http.Request) (string, *page, error) { return "", nil, ErrNotFound }))
	return mux
}

func (s *site) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(s.css) // a reader that goes away is no fault
}

// view loads what a page shows and names its template.
type view func(*http.Request) (template string, p *page, err error)

// handle serves a view, or the page that says why there is none.
func (s *site) handle(v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, p, err := v(r)
		status := http.StatusOK
		switch {
		case errors.Is(err, ErrNotFound):
			name, status = "error", http.StatusNotFound
			p = &page{Title: "Not found", Text: "There is nothing at this address. Perhaps the pull request was made in an earlier run."}
		case err != nil:
			s.lg.ErrorContext(r.Context(), "page", "path", r.URL.Path, "error", err)
			name, status = "error", http.StatusInternalServerError
			p = &page{Title: "This page cannot be shown", Text: err.Error()}
		}
		s.write(w, r, name, status, p)
	}
}

func (s *site) write(w http.ResponseWriter, r *http.Request, name string, status int, p *page) {
	p.Nonce, p.SignOut = rand.Text(), s.opts.SignOut
	_, p.Importer = s.source.(Importer)
	if s.mayAct(r) {
		p.Token = s.token
	}
	var b bytes.Buffer
	if err := s.pages[name].Execute(&b, p); err != nil {
		s.lg.ErrorContext(r.Context(), "page", "path", r.URL.Path, "error", err)
		http.Error(w, "This page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self' 'nonce-"+p.Nonce+
		"'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(b.Bytes()) // a reader that goes away is no fault
}

func (s *site) repositories(r *http.Request) (string, *page, error) {
	all, err := s.source.Repositories(r.Context())
	return "repositories", &page{Title: "Repositories", Summaries: all}, err
}

func (s *site) repository(template string) view {
	return func(r *http.Request) (string, *page, error) {
		repo, err := s.source.Repository(r.Context(), repoName(r))
		if err != nil {
			return "", nil, err
		}
		p := newPage(repo, template)
		p.Query, p.Static = queryOf(r), s.opts.Static
		p.colors(repo.Pulls...)
		return template, p, nil
	}
}

func (s *site) pull(r *http.Request) (string, *page, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return "", nil, ErrNotFound
	}
	repo, err := s.source.Repository(r.Context(), repoName(r))
	if err != nil {
		return "", nil, err
	}
	pull, err := s.source.PullRequest(r.Context(), repo.Name, number)
	if err != nil {
		return "", nil, err
	}
	p := newPage(repo, "pull")
	p.Title, p.Pull = pull.Title, pull
	p.colors(pull.Pull)
	return "pull", p, nil
}

func (s *site) issue(r *http.Request) (string, *page, error) {
	repo, err := s.source.Repository(r.Context(), repoName(r))
	if err != nil {
		return "", nil, err
	}
	for i := range repo.Issues {
		if issue := &repo.Issues[i]; strconv.Itoa(issue.Number) == r.PathValue("number") {
			p := newPage(repo, "issue")
			p.Title, p.Issue = issue.Title, issue
			return "issue", p, nil
		}
	}
	return "", nil, ErrNotFound
}

func repoName(r *http.Request) string { return r.PathValue("owner") + "/" + r.PathValue("name") }
