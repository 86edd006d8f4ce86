package page_test

import (
	_ "embed"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"belfry/exporter/glyph"
	"belfry/insights/page"
)

//go:embed testdata/audit.js
var audit string

func TestInABrowser(t *testing.T) {
	b := open(t)
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
		b.show(t, c.data, c.width, c.scheme)
		b.picture(t, c.name)
		for _, wrong := range append(eval[[]string](t, b, audit), b.complaints()...) {
			t.Errorf("%s: %s", c.name, wrong)
		}
		if loaded := eval[int](t, b, "performance.getEntriesByType('resource').length"); loaded > 0 {
			t.Errorf("%s: the page loads %d more resources", c.name, loaded)
		}
	}
}

// The first key leads past the navigation, and every control shows its focus.
func TestKeyboard(t *testing.T) {
	b := open(t)
	b.show(t, example(), 1280, "light")
	var order []string
	for {
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent("\t")); err != nil {
			t.Fatal(err)
		}
		focused := eval[struct{ Name, Outline string }](t, b, `(() => {
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
	controls := eval[[]string](t, b,
		`[...document.querySelectorAll('a[href], summary')].map(e => e.textContent.trim())`)
	if diff := cmp.Diff(controls, order); diff != "" || order[0] != "Skip to the content" {
		t.Errorf("the controls of the page, and what the keyboard visits:\n%s", diff)
	}
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r")); err != nil {
		t.Fatal(err)
	}
	if hash := eval[string](t, b, "location.hash + ' ' + document.activeElement.id"); hash != "#main main" {
		t.Errorf("the first control leads to %q", hash)
	}
}

// What others named is text: nothing of it runs, and all of it can be read, what nobody
// would see included.
func TestNamesAreText(t *testing.T) {
	b := open(t)
	b.show(t, hostile(), 390, "light")
	if got := eval[string](t, b, "typeof window.hit + document.querySelectorAll('script, img, iframe').length"); got !=
		"undefined0" {
		t.Errorf("a name became markup: %s", got)
	}
	text := eval[string](t, b, "document.body.textContent")
	for _, name := range hostileNames {
		if !contains(text, glyph.Lines(name)) {
			t.Errorf("%q is not on the page", name)
		}
	}
	if complaints := b.complaints(); len(complaints) > 0 {
		t.Error(complaints)
	}
}
