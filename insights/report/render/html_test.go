package render_test

import (
	"net/http"
	"strings"
	"testing"

	"belfry/insights/browsertest"
	"belfry/insights/report"
	"belfry/insights/report/render"
)

func write(t *testing.T, d report.Document, format string) string {
	t.Helper()
	var out strings.Builder
	if err := render.Write(&out, d, format); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// served returns what serves a report, under its policy.
func served(t *testing.T, d report.Document) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", render.Policy)
		if err := render.Write(w, d, "html"); err != nil {
			t.Errorf("render: %v", err)
		}
	}
}

// Reports can be read on a phone, with a keyboard and with a screen reader, load nothing, and
// keep to their policy.
func TestHTMLInABrowser(t *testing.T) {
	b := browsertest.Open(t)
	for _, c := range []struct {
		name   string
		of     report.Document
		width  int64
		scheme string
	}{
		{"report wide light", example(), 1280, "light"}, {"report wide dark", example(), 1280, "dark"},
		{"report narrow light", example(), 390, "light"}, {"report narrow dark", example(), 390, "dark"},
		{"hostile report wide light", hostile(), 1280, "light"}, {"hostile report narrow dark", hostile(), 390, "dark"},
		{"weekly report wide dark", recorded(t)["weekly"], 1280, "dark"},
		{"weekly report narrow light", recorded(t)["weekly"], 390, "light"},
		{"empty report", report.Document{Title: "Empty"}, 390, "light"},
	} {
		b.Show(t, served(t, c.of), c.width, c.scheme)
		b.Picture(t, c.name)
		for _, wrong := range b.Audit(t) {
			t.Errorf("%s: %s", c.name, wrong)
		}
		if got := browsertest.Eval[string](t, b,
			"typeof window.hit + document.querySelectorAll('script, img, iframe').length"); got != "undefined0" {
			t.Errorf("%s: a name became markup: %s", c.name, got)
		}
		shown := `[...document.querySelectorAll('figure svg')]
			.filter(e => e.getBoundingClientRect().width > 0).length * 2 ==
			document.querySelectorAll('figure svg').length`
		if !browsertest.Eval[bool](t, b, shown) {
			t.Errorf("%s: not each chart is shown once", c.name)
		}
	}
}
