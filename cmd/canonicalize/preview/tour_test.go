package preview

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visitor does on the pages what a reader does, with the forms that they hold.
type visitor struct {
	*testing.T
	base string // address of the server
	repo string // path of the repository's page
}

// visit starts a preview of the sample as readers get it.
func visit(t *testing.T) *visitor {
	t.Helper()
	p, err := Start(t.Context(), slog.New(slog.DiscardHandler), func(string, int, int) {}, Options{Tour: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Wait(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, "http://" + u.Host, u.Path}
}

func (v *visitor) read(res *http.Response, err error) (int, string) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// see loads a page, which has to show something.
func (v *visitor) see(path string, wants ...string) string {
	v.Helper()
	status, text := v.read(http.Get(v.base + v.repo + path))
	v.holds(path, status, text, wants)
	return text
}

func (v *visitor) holds(path string, status int, text string, wants []string) {
	v.Helper()
	for _, want := range wants {
		if status != http.StatusOK || !strings.Contains(text, want) {
			v.Errorf("%s: status %d, no %q in\n%s", path, status, want, text)
		}
	}
}

var formToken = regexp.MustCompile(`name="token" value="([^"]+)"`)

// do sends a form of a page, and sees the page that it leads to.
func (v *visitor) do(path, verb string, fields url.Values, wants ...string) string {
	v.Helper()
	m := formToken.FindStringSubmatch(v.see(path))
	if m == nil {
		v.Fatalf("%s has no form", path)
	}
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("token", m[1])
	status, text := v.read(http.PostForm(v.base+v.repo+path+"/"+verb, fields))
	v.holds(path+" "+verb, status, text, wants)
	return text
}

var linkTo = regexp.MustCompile(`href="/acme/shop(/(?:pull|issues)/[0-9]+)"[^>]*>([^<]*)`)

// find is the path of the page that a link of the repository's page with a text leads to.
func (v *visitor) find(text string) string {
	v.Helper()
	page := v.see("")
	for _, m := range linkTo.FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[2], text) {
			return m[1]
		}
	}
	v.Fatalf("no link %q in\n%s", text, page)
	return ""
}

// The five steps of the tour, done as a reader does them: each leads to what the App says.
func TestTour(t *testing.T) {
	v := visit(t)
	v.see("/pull/1", "Configure Canonicalize", ".github/canonicalize.yml", `aria-current="step"`)
	v.do("/pull/1", "merge", nil, "You merged #1", "was opened: Import", "#1 is merged now", "Dashboard")
	checkout := v.find("checkout")
	v.do(checkout, "merge", nil, "is merged now", "Canonicalize dashboard, was edited")
	accounts := v.find("accounts")
	v.do(accounts, "conflict", url.Values{"text": {"shop/accounts/login.py"}}, "A colleague changed line", "has new commits")
	newcomer := v.find("Tell what is known")
	page := v.see(newcomer, "from shop.models", "Commit suggestion", "canonicalize[bot]")
	item := regexp.MustCompile(`name="item" value="([0-9]+)"`).FindStringSubmatch(page)
	v.do(newcomer, "suggest", url.Values{"item": {item[1]}}, "You committed a suggestion", "has new commits")
	board := v.find("Dashboard")
	v.do(board, "tick", url.Values{"item": {"0"}}, "You clicked a box", `aria-label="Untick: everybody"`)
	v.do(board, "say", url.Values{"text": {"/canonicalize explain shop.models.User"}}, "answered on", "shop.models.user")
	if steps := strings.Count(v.see(""), `<li class="done">`); steps != 5 {
		t.Errorf("%d of five steps are done", steps)
	}
}

// What is typed below a pull request is obeyed there, and what is closed can be reopened.
func TestCommands(t *testing.T) {
	v := visit(t)
	v.do("/pull/1", "merge", nil)
	accounts := v.find("accounts")
	v.do(accounts, "say", url.Values{"text": {"/canonicalize split 2"}}, "answered on", "was opened")
	catalog := v.find("catalog")
	v.do(catalog, "close", nil, "is closed now", "Reopen")
	v.do(catalog, "reopen", nil, "is open now")
	v.do(catalog, "push", nil, "You pushed a commit")
}

// A form of another site, of another run, or with a name of another machine does nothing.
func TestFormsAreOfThisPreviewOnly(t *testing.T) {
	v := visit(t)
	for _, token := range []string{"", "guessed"} {
		if status, _ := v.read(http.PostForm(v.base+v.repo+"/pull/1/merge", url.Values{"token": {token}})); status != http.StatusForbidden {
			t.Errorf("token %q: status %d", token, status)
		}
	}
	req, err := http.NewRequest(http.MethodGet, v.base+v.repo+"/pull/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "rebound.example.com"
	if _, text := v.read(http.DefaultClient.Do(req)); strings.Contains(text, `name="token"`) {
		t.Error("a page under another name has forms")
	}
	v.see("/pull/1", "Configure Canonicalize", `state-open`)
}
