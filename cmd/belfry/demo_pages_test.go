package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A browser at the demo's address of pages sees what came; Alertmanager posts there.
func TestPagesInABrowser(t *testing.T) {
	s := newPageSink(func(string, ...any) {})
	open := func() string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Fatalf("status %d, %s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	if got := open(); !strings.Contains(got, "Nothing came yet") {
		t.Errorf("before any page:\n%s", got)
	}
	message := `{"status":"firing","alerts":[{"status":"firing","labels":{"alertname":"NotificationChannelDown"},` +
		`"annotations":{"summary":"Channel <b>email</b> is down","runbook_url":"http://127.0.0.1:1/runbooks/X.md"}}]}`
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/pager", strings.NewReader(message)))
	if w.Code != http.StatusOK {
		t.Fatalf("post: status %d, %s", w.Code, w.Body)
	}
	got := open()
	for _, want := range []string{
		"<td>pager</td><td>firing</td><td>NotificationChannelDown</td>", "Channel &lt;b&gt;email&lt;/b&gt; is down",
		`<a href="http://127.0.0.1:1/runbooks/X.md">runbook</a>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s:\n%s", want, got)
		}
	}
}
