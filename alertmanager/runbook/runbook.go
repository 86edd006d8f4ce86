// Package runbook serves the runbooks of the shipped alerts as pages that read well on a
// phone at night. The pages need no script and load nothing.
package runbook

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"belfry/rules"
)

//go:embed page.html
var pageSource string

var page = template.Must(template.New("page").Parse(pageSource))

// entry describes a runbook on the list of all.
type entry struct{ Name, About string }

// pages renders everything once: the bytes by the name of the alert, and the list of
// all by the empty name.
var pages = sync.OnceValues(func() (map[string][]byte, error) {
	return render(rules.Runbooks())
})

// Handler serves the list of all runbooks at its root, and each at NAME.md, where
// messages link to, and at NAME. Strip the path that it is mounted at.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, err := pages()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		html, exists := all[strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), ".md")]
		if !exists {
			http.Error(w, "there is no such runbook: see the list at runbooks/", http.StatusNotFound)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(html) // on an error the client is gone
	})
}

// render returns the pages of a folder of runbooks in Markdown.
func render(files fs.FS) (map[string][]byte, error) {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return nil, err
	}
	rendered := map[string][]byte{}
	var all []entry
	for _, file := range names {
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(file, ".md")
		all = append(all, entry{name, firstSentence(text)})
		if rendered[name], err = renderOne(name, text); err != nil {
			return nil, fmt.Errorf("render the runbook %s: %w", file, err)
		}
	}
	rendered[""], err = execute(map[string]any{"Title": "Runbooks", "All": all})
	return rendered, err
}

// markdown has the tables of GitHub, as the runbooks do. It leaves out HTML.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

func renderOne(name string, text []byte) ([]byte, error) {
	var body bytes.Buffer
	if err := markdown.Convert(text, &body); err != nil {
		return nil, err
	}
	return execute(map[string]any{"Title": name, "Body": template.HTML(body.String())})
}

func execute(data map[string]any) ([]byte, error) {
	var b bytes.Buffer
	err := page.Execute(&b, data)
	return b.Bytes(), err
}

// meaning matches the first sentence of what an alert means.
var meaning = regexp.MustCompile(`(?s)## Meaning\s+(.*?[.:])(\s|$)`)

func firstSentence(text []byte) string {
	found := meaning.FindSubmatch(text)
	if found == nil {
		return ""
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(string(found[1])), " "), ":")
}
