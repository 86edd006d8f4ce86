package page_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/glyph"
	"belfry/insights/browsertest"
	"belfry/insights/page"
)

// served returns what serves a page.
func served(t *testing.T, d page.Data) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		page.SetHeaders(w.Header())
		if err := page.Render(w, d); err != nil {
			t.Errorf("render: %v", err)
		}
	}
}

func TestInABrowser(t *testing.T) {
	b := browsertest.Open(t)
	for _, c := range []struct {
		name   string
		data   page.Data
		width  int64
		scheme string
	}{
		{"busy wide light", example(), 1280, "light"},
		{"busy wide dark", example(), 1280, "dark"},
		{"busy narrow light", example(), 390, "light"},
		{"busy narrow dark", example(), 390, "dark"},
		{"hostile wide light", hostile(), 1280, "light"},
		{"hostile narrow dark", hostile(), 390, "dark"},
		{"empty narrow light", page.Data{Now: now}, 390, "light"},
		{"down wide dark", down(), 1280, "dark"},
	} {
		b.Show(t, served(t, c.data), c.width, c.scheme)
		b.Picture(t, c.name)
		for _, wrong := range b.Audit(t) {
			t.Errorf("%s: %s", c.name, wrong)
		}
	}
}

// The first key leads past the navigation, and every control shows its focus.
func TestKeyboard(t *testing.T) {
	b := browsertest.Open(t)
	b.Show(t, served(t, example()), 1280, "light")
	var order []string
	for {
		b.Key(t, "\t")
		focused := browsertest.Eval[struct{ Name, Outline string }](t, b, `(() => {
			const e = document.activeElement;
			if (e === document.body) return {};
			return {Name: e.textContent.trim(), Outline: getComputedStyle(e).outlineStyle};
		})()`)
		if focused.Name == "" { // past the last control
			break
		}
		if focused.Outline == "none" {
			t.Errorf("%q does not show its focus", focused.Name)
		}
		order = append(order, focused.Name)
	}
	controls := browsertest.Eval[[]string](t, b,
		`[...document.querySelectorAll('a[href], summary')].map(e => e.textContent.trim())`)
	if diff := cmp.Diff(controls, order); diff != "" || order[0] != "Skip to the content" {
		t.Errorf("the controls of the page, and what the keyboard visits:\n%s", diff)
	}
	b.Key(t, "\t", "\r")
	if hash := browsertest.Eval[string](t, b, "location.hash + ' ' + document.activeElement.id"); hash != "#main main" {
		t.Errorf("the first control leads to %q", hash)
	}
}

// What others named is text: nothing of it runs, and all of it can be read, what nobody
// would see included.
func TestNamesAreText(t *testing.T) {
	b := browsertest.Open(t)
	b.Show(t, served(t, hostile()), 390, "light")
	if got := browsertest.Eval[string](t, b, "typeof window.hit + "+
		"document.querySelectorAll('script, img, iframe').length"); got !=
		"undefined0" {
		t.Errorf("a name became markup: %s", got)
	}
	text := browsertest.Eval[string](t, b, "document.body.textContent")
	for _, name := range hostileNames {
		if !contains(text, glyph.Lines(name)) {
			t.Errorf("%q is not on the page", name)
		}
	}
	if complaints := b.Complaints(); len(complaints) > 0 {
		t.Error(complaints)
	}
}
