package page_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"belfry/exporter/glyph"
	"belfry/insights/page"
)

func render(t *testing.T, d page.Data) string {
	t.Helper()
	var b strings.Builder
	if err := page.Render(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever the data, no number that is none is shown, and the page ends.
func TestEveryStateRenders(t *testing.T) {
	for name, d := range map[string]page.Data{"busy": example(), "zero": {}, "down": down(), "hostile": hostile()} {
		html := render(t, d)
		for _, bad := range []string{"NaN", "+Inf", "-Inf", "ZgotmplZ", "&lt;nil&gt;", "0001-01-01"} {
			if strings.Contains(html, bad) {
				t.Errorf("%s: the page shows %s", name, bad)
			}
		}
		if !strings.HasSuffix(html, "</html>\n") {
			t.Errorf("%s: the page ends early", name)
		}
	}
}

// What nobody sees does not reach the page, in whichever text it stands.
func TestHiddenCharactersAreEscaped(t *testing.T) {
	html := render(t, hostile())
	if err := glyph.CheckLines(html); err != nil {
		t.Errorf("the page: %v", err)
	}
	if !strings.Contains(html, `\u202etxet`) {
		t.Error("the page does not show what it escapes")
	}
}

func TestProblemsStandAtTheTop(t *testing.T) {
	html := render(t, down())
	problem, overview := strings.Index(html, "Prometheus cannot be reached"), strings.Index(html, "<h2")
	if problem < 0 || problem > overview || !strings.Contains(html[:overview], "This data is stale") {
		t.Error("the problem does not stand above the overview")
	}
}

func TestHeaders(t *testing.T) {
	h := http.Header{}
	page.SetHeaders(h)
	policy := h.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "style-src 'sha256-", "frame-ancestors 'none'", "base-uri 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
		t.Errorf("the policy allows scripts or inline styles: %s", policy)
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", h)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestAWriterThatFails(t *testing.T) {
	if err := page.Render(fullDisk{}, example()); err == nil {
		t.Error("the error of the writer is lost")
	}
}
