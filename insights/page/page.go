// Package page draws the insights page: what the service has found, for people who
// have no Grafana. It works without JavaScript, with a keyboard, with a screen reader
// and on a phone, and needs one request: its style is in it and its pictures are
// drawn by the server.
//
// Texts of others, such as an experiment's name, are shown as text. Should one of
// them ever be taken for markup, the [Policy] keeps the browser from running it.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"

	"belfry/exporter/glyph"
	"belfry/insights/display"
)

//go:embed page.css
var style string

//go:embed *.html
var markup embed.FS

// Policy is the content security policy of the page: nothing is loaded, nothing runs,
// and nobody frames it. Only its own style applies, named by its hash.
var Policy = "default-src 'none'; style-src '" + hashOf(style) + "'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// SetHeaders sets the headers of the page: its type, its [Policy], and that it is
// neither stored nor sniffed nor framed, nor named to the pages that it links to.
func SetHeaders(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}

// Render writes the page, with characters that nobody sees escaped. Its caller sends the
// headers of [SetHeaders]. An error is one of the writer.
func Render(w io.Writer, d Data) error {
	return parsed.Execute(glyph.NewWriter(w), view{Data: d, Style: template.CSS(style)})
}

// view adds what only the template needs.
type view struct {
	Data
	Style template.CSS
}

var parsed = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"write": display.Write, "signed": display.Signed, "between": display.Between, "pvalue": display.PValue,
	"chance": display.Chance, "counted": display.Counted, "when": display.When, "change": display.Changed,
	"machine": machine,
	"spark":   spark, "bars": bars, "effect": effectBar,
	"verdict": display.VerdictOf, "state": display.StateOf, "advice": display.AdviceOf,
}).ParseFS(markup, "*.html"))
