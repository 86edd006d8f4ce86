package render_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/glyph"
	"belfry/insights/browsertest"
	"belfry/insights/report"
	"belfry/insights/report/render"
)

// long returns a report that no mail program would show in full.
func long() report.Document {
	d := example()
	for i := range 60 {
		s := example().Sections[2]
		s.Title = fmt.Sprintf("Channels again, %d", i)
		d.Sections = append(d.Sections, s)
	}
	return d
}

var (
	loads = regexp.MustCompile(`(?:src|href|background)="([^"]*)"|url\(`)
	shown = regexp.MustCompile(`cid:([^"]*)`)
)

// An e-mail is short enough not to be cut, brings all that it shows, and has a subject of one
// line.
func TestMail(t *testing.T) {
	all := recorded(t)
	maps.Copy(all, map[string]report.Document{
		"example": example(), "hostile": hostile(), "long": long(), "empty": {Title: "Empty"},
	})
	for name, d := range all {
		m, err := render.Mail(d)
		if err != nil {
			t.Fatal(err)
		}
		if name == "example" {
			if again, _ := render.Mail(d); !cmp.Equal(m, again) {
				t.Error("another mail the second time")
			}
		}
		if len(m.HTML) > 100_000 {
			t.Errorf("%s: %d bytes of HTML", name, len(m.HTML))
		}
		if m.Subject == "" || len([]rune(m.Subject)) > 180 || strings.ContainsFunc(m.Subject, glyph.Hidden) {
			t.Errorf("%s: subject %q", name, m.Subject)
		}
		var images []string
		for _, i := range m.Images {
			images = append(images, i.Name)
			got, err := png.DecodeConfig(bytes.NewReader(i.Data))
			if err != nil || i.Type != "image/png" || got.Width < 900 {
				t.Errorf("%s: %s: %+v (%v)", name, i.Name, got, err)
			}
		}
		var refers []string
		for _, found := range loads.FindAllStringSubmatch(m.HTML, -1) {
			refers = append(refers, strings.TrimPrefix(found[1], "cid:"))
		}
		if diff := cmp.Diff(images, refers); diff != "" {
			t.Errorf("%s: images, and what is loaded:\n%s", name, diff)
		}
		for _, bad := range []string{"<script", "<svg", "<style", "NaN", "ZgotmplZ"} {
			if strings.Contains(strings.Replace(m.HTML, "&lt;", "", 1), bad) || strings.Contains(m.Text, "ZgotmplZ") {
				t.Errorf("%s: holds %s", name, bad)
			}
		}
		if strings.Contains(m.Text, "<td") || strings.Contains(m.Text, "Query ") {
			t.Errorf("%s: text:\n%s", name, m.Text)
		}
	}
}

// What is left out of an e-mail is said, in both of its forms.
func TestMailSaysWhatIsLeftOut(t *testing.T) {
	m, err := render.Mail(long())
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"HTML": m.HTML, "text": strings.Join(strings.Fields(m.Text), " ")} {
		if !strings.Contains(text, "The full report also has: ") || !strings.Contains(text, "Channels again, 59.") ||
			!strings.Contains(text, "Two hours of 18 November are missing.") {
			t.Errorf("%s does not say what is left out", form)
		}
	}
}

// In a browser an e-mail is as wide as its window, with all of its images.
func TestMailInABrowser(t *testing.T) {
	b := browsertest.Open(t)
	for name, d := range map[string]report.Document{"example": example(), "hostile": hostile()} {
		m, err := render.Mail(d)
		if err != nil {
			t.Fatal(err)
		}
		body := shown.ReplaceAllStringFunc(m.HTML, func(cid string) string {
			i := slices.IndexFunc(m.Images, func(i render.Image) bool { return "cid:"+i.Name == cid })
			return "data:image/png;base64," + base64.StdEncoding.EncodeToString(m.Images[i].Data)
		})
		for _, width := range []int64{700, 390} {
			b.Show(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprint(w, body)
			}, width, "light")
			b.Picture(t, fmt.Sprintf("mail %s %d", name, width))
			got := browsertest.Eval[int](t, b, `document.querySelectorAll('script, iframe, svg').length +
				[...document.images].filter(i => !i.naturalWidth).length`)
			if complaints := b.Complaints(); got > 0 || len(complaints) > 0 {
				t.Errorf("%s: %d elements or broken images, %v", name, got, complaints)
			}
			wide := browsertest.Eval[int64](t, b, "document.documentElement.scrollWidth")
			if name == "example" && wide > width {
				t.Errorf("%s: %d wide on %d", name, wide, width)
			}
		}
	}
}
