package runbook

import (
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"belfry/rules"
)

// get requests a path and returns the parsed answer, whose links must lead to pages.
func get(t *testing.T, path string) *html.Node {
	t.Helper()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if kind := w.Header().Get("Content-Type"); w.Code != 200 || kind != "text/html; charset=utf-8" {
		t.Fatalf("%s: status %d, %s", path, w.Code, kind)
	}
	root, err := html.Parse(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// elements returns the elements of a name.
func elements(root *html.Node, name string) (all []*html.Node) {
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && node.Data == name {
			all = append(all, node)
		}
	}
	return all
}

func attribute(node *html.Node, key string) string {
	for _, a := range node.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Each runbook is a page for a phone, without anything of Markdown left, whose links lead to
// other runbooks.
func TestEachRunbookIsAPage(t *testing.T) {
	names, err := fs.Glob(rules.Runbooks(), "*.md")
	if err != nil || len(names) < 50 {
		t.Fatalf("%d runbooks, %v", len(names), err)
	}
	for _, name := range names {
		root := get(t, "/"+name)
		if meta := elements(root, "meta"); len(meta) < 2 || attribute(meta[1], "name") != "viewport" {
			t.Errorf("%s has no viewport", name)
		}
		if headings := elements(root, "h2"); len(headings) < 4 {
			t.Errorf("%s has %d headings", name, len(headings))
		}
		for _, a := range elements(root, "a") {
			if to := attribute(a, "href"); !strings.Contains(to, "://") {
				get(t, "/"+strings.TrimPrefix(to, "./"))
			}
		}
		for node := range root.Descendants() {
			if node.Type == html.TextNode && node.Parent.Data != "code" && node.Parent.Data != "style" &&
				(strings.Contains(node.Data, "```") || strings.Contains(node.Data, "](") || strings.Contains(node.Data, "|--")) {
				t.Errorf("%s shows Markdown: %q", name, node.Data)
			}
		}
	}
}

// The list names and explains all of them.
func TestListOfRunbooks(t *testing.T) {
	names, err := fs.Glob(rules.Runbooks(), "*.md")
	if err != nil {
		t.Fatal(err)
	}
	items := elements(get(t, "/"), "li")
	if len(items) != len(names) {
		t.Fatalf("%d entries, want %d", len(items), len(names))
	}
	for _, item := range items {
		if item.LastChild.Type != html.TextNode || len(item.LastChild.Data) < 20 {
			t.Errorf("%s is not explained", attribute(item.FirstChild, "href"))
		}
	}
}

func TestUnknownRunbook(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("GET", "/../x.md", nil))
	if w.Code != 404 {
		t.Errorf("status %d, want 404", w.Code)
	}
}
