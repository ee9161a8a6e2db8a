package preview

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Widths of screens, in pixels.
const (
	desk      = 1280
	telephone = 400
)

// browser starts a headless Chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
		}
	}
	if program == "" {
		missing(t, "no Chromium on this machine: the tour is not played by a browser")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(desk, 900)); err != nil { // the browser lives as long as this context
		t.Fatal(err)
	}
	ctx, stop = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stop)
	return ctx
}

// reader plays the tour in a browser.
type reader struct {
	*visitor
	ctx      context.Context
	axe      string
	pictures string // folder; "": none are kept
}

func (r *reader) run(actions ...chromedp.Action[chromedp.Void]) {
	r.Helper()
	if err := chromedp.Do(r.ctx, actions...); err != nil {
		r.Fatal(err)
	}
}

// ask runs what has an answer.
func ask[T any](r *reader, action chromedp.Action[T]) T {
	r.Helper()
	answer, err := chromedp.Run(r.ctx, action)
	if err != nil {
		r.Fatal(err)
	}
	return answer
}

// open loads a page and looks at it as people may: in the light on a desk, in the dark on a telephone.
func (r *reader) open(path string) {
	r.Helper()
	r.run(chromedp.EmulateViewport(desk, 900), chromedp.Navigate(r.base+r.repo+path))
	r.examine(path)
}

func (r *reader) examine(name string) {
	r.Helper()
	for _, screen := range []struct {
		scheme string
		width  int64
	}{{"light", desk}, {"dark", telephone}} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: screen.scheme}}}
		if _, err := chromedp.Call(r.ctx, emulation.SetEmulatedMedia, media); err != nil {
			r.Fatal(err)
		}
		r.run(chromedp.EmulateViewport(screen.width, 900))
		if wide := ask(r, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); wide > screen.width {
			r.Errorf("%s is %d pixels wide on a screen of %d", name, wide, screen.width)
		}
		r.picture(fmt.Sprintf("%s-%d.png", name, screen.width))
		found, err := violations(r.ctx, r.axe)
		if err != nil {
			r.Fatal(err)
		}
		for _, v := range found {
			r.Errorf("%s, %s, %d pixels: %s: %s, at %d places, as\n%s", name, screen.scheme, screen.width, v.ID, v.Help, len(v.Nodes), v.Nodes[0].HTML)
		}
	}
	r.run(chromedp.EmulateViewport(desk, 900))
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9.-]+`)

func (r *reader) picture(name string) {
	if r.pictures == "" {
		return
	}
	image := ask(r, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(r.pictures, notInNames.ReplaceAllString("page"+name, "-")), image, 0o644); err != nil {
		r.Fatal(err)
	}
}

// press clicks a button, and waits for the page that tells what came of it.
func (r *reader) press(button, wants string) {
	r.Helper()
	if _, err := chromedp.RunResponse(r.ctx, chromedp.Click(button)); err != nil {
		r.Fatalf("press %s: %v", button, err)
	}
	text := ask(r, chromedp.Text("main"))
	for tries := 0; strings.Contains(text, "The App is at work") && tries < 30; tries++ {
		if _, err := chromedp.RunResponse(r.ctx, chromedp.Reload()); err != nil {
			r.Fatal(err)
		}
		text = ask(r, chromedp.Text("main"))
	}
	if !strings.Contains(text, wants) {
		r.Errorf("%s: no %q in\n%s", button, wants, text)
	}
}

// follow goes where a step of the tour leads.
func (r *reader) follow(step int) {
	r.Helper()
	target := ask(r, chromedp.AttributeValue(chromedp.CSS(fmt.Sprintf(".tour li:nth-child(%d) a", step)), "href")).Value
	r.open(strings.TrimPrefix(target, r.repo))
}

// The five steps of the tour, played by a browser; on the way every page is looked at. With CANONICALIZE_SCREENSHOTS
// set to a folder the pictures are kept there.
func TestTourInBrowser(t *testing.T) {
	r := &reader{ctx: browser(t), axe: axe(t), pictures: os.Getenv("CANONICALIZE_SCREENSHOTS")}
	r.visitor = visit(t)
	r.open("")
	r.follow(1)
	r.press(`//button[.="Merge"]`, "You merged #1")
	r.follow(2)
	r.press(`//button[.="Merge"]`, "is merged now")
	r.follow(3)
	r.press(`//button[.="Push the conflict"]`, "has new commits")
	r.follow(4)
	r.press(`//button[.="Commit suggestion"]`, "You committed a suggestion")
	r.follow(5)
	r.press(`//button[starts-with(@aria-label, "Tick: everybody")]`, "You clicked a box")
	for _, page := range []string{"", "/facades", "/imports", "/left"} {
		r.open(page)
	}
	if steps := strings.Count(r.see(""), `<li class="done">`); steps != 5 {
		t.Errorf("%d of five steps are done", steps)
	}
}
