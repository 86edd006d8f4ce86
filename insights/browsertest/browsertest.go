// Package browsertest shows pages in a headless browser, for the tests of what writes them.
package browsertest

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "write pictures of the pages to this directory")

// audit is an expression whose value lists what is wrong with a page.
//
//go:embed audit.js
var audit string

// browsers lists the programs that can show the page without a window.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"}

// Browser shows pages in a headless browser.
type Browser struct {
	ctx context.Context

	lock  sync.Mutex
	wrong []string // what its console reported
}

// Open starts a browser, or skips the test on a machine that has none.
func Open(t *testing.T) *Browser {
	t.Helper()
	program := ""
	for _, name := range browsers {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skipf("no browser on PATH: install one of %s", strings.Join(browsers, ", "))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.WSURLReadTimeout(2*time.Minute))
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	b := &Browser{ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return b
}

// listen notes errors and violations of the content security policy.
func (b *Browser) listen(event any) {
	b.lock.Lock()
	defer b.lock.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		b.wrong = append(b.wrong, fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text))
	case *runtime.EventConsoleAPICalled:
		b.wrong = append(b.wrong, fmt.Sprintf("console: %s", e.Type))
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+e.ExceptionDetails.Text)
	}
}

// Complaints returns what the console reported since the last call.
func (b *Browser) Complaints() []string {
	b.lock.Lock()
	defer b.lock.Unlock()
	all := b.wrong
	b.wrong = nil
	return all
}

// Show loads the page of a handler at a width, light or dark.
func (b *Browser) Show(t *testing.T, page http.HandlerFunc, width int64, scheme string) {
	t.Helper()
	server := httptest.NewServer(page)
	t.Cleanup(server.Close)
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
}

// Eval returns the value of an expression in the page.
func Eval[T any](t *testing.T, b *Browser, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("evaluate %.60s: %v", expression, err)
	}
	return value
}

// Audit returns what is wrong with the page for those who read it on a phone, with a keyboard
// or with a screen reader, and what it loads beside itself.
func (b *Browser) Audit(t *testing.T) []string {
	t.Helper()
	wrong := append(Eval[[]string](t, b, audit), b.Complaints()...)
	if n := Eval[int](t, b, "performance.getEntriesByType('resource').length"); n > 0 {
		wrong = append(wrong, fmt.Sprintf("the page loads %d more resources", n))
	}
	return wrong
}

// Key presses a key.
func (b *Browser) Key(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
	}
}

// Picture writes a screenshot of the whole page if they are asked for.
func (b *Browser) Picture(t *testing.T, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(*screenshots, strings.ReplaceAll(name, " ", "-")+".png")
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
