package web

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser finds a Chromium, or skips; where CI=true there must be one.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium on this machine: install the package chromium")
	}
	t.Skip("no Chromium on this machine: the pages are not looked at with a browser")
	return ""
}

// chromium runs a headless browser on a page and returns what it prints.
func chromium(t *testing.T, path string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--hide-scrollbars", "--enable-logging=stderr", "--user-data-dir=" + t.TempDir()}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, stderr.String())
	}
	if strings.Contains(stderr.String(), "Content Security Policy") {
		t.Errorf("the page breaks its own Content-Security-Policy:\n%s", stderr.String())
	}
	return string(out)
}

// TestBrowser loads every page in a browser at the width of a telephone and of a desk. With
// CANONICALIZE_SCREENSHOTS set to a folder the pictures are kept there.
func TestBrowser(t *testing.T) {
	path := browser(t)
	server := serve(t, newFixed())
	folder := os.Getenv("CANONICALIZE_SCREENSHOTS")
	if folder == "" {
		folder = t.TempDir()
	}
	for name, page := range map[string]string{"repository": "/acme/shop", "pull": "/acme/shop/pull/1", "facades": "/acme/shop/facades", "left": "/acme/shop/left"} {
		dom := chromium(t, path, "--dump-dom", server.URL+page)
		if !strings.Contains(dom, "acme/shop") || strings.Contains(dom, "<script") {
			t.Errorf("%s: the browser sees\n%s", page, dom)
		}
		for width, size := range map[string]string{"400": "400,1400", "1280": "1280,1600"} {
			file := filepath.Join(folder, name+"-"+width+".png")
			chromium(t, path, "--screenshot="+file, "--window-size="+size, server.URL+page)
			if info, err := os.Stat(file); err != nil || info.Size() < 5000 {
				t.Errorf("%s at %s: no picture: %v", page, width, err)
			}
		}
	}
}
