package main

import (
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A browser at the demo's address of pages sees what came; Alertmanager posts there.
func TestPagesInABrowser(t *testing.T) {
	var said []string
	s := newPageSink(func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) },
		"nats://127.0.0.1:5222")
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
		`"annotations":{"summary":"Channel <b>email</b> is down","runbook_url":"http://127.0.0.1:1/runbooks/X.md",` +
		`"description":"All of it is lost","first_step":"Move its traffic"},"fingerprint":"e74a7940763f2fc1"}]}`
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/pager", strings.NewReader(message)))
	if w.Code != http.StatusOK {
		t.Fatalf("post: status %d, %s", w.Code, w.Body)
	}
	got := open()
	const ack = "belfry alerts ack e74a7940 --for=1h --comment='on it' --nats.url=nats://127.0.0.1:5222"
	for _, want := range []string{
		"<td>pager</td><td>firing</td><td>NotificationChannelDown</td>", "Channel &lt;b&gt;email&lt;/b&gt; is down",
		`<a href="http://127.0.0.1:1/runbooks/X.md">runbook</a>`, "<br>All of it is lost",
		"<br>First: Move its traffic",
		"<code>" + template.HTMLEscapeString(ack) + "</code>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s:\n%s", want, got)
		}
	}
	if last := said[len(said)-1]; strings.TrimSpace(last) != ack {
		t.Errorf("the demo says %q, want %q", last, ack)
	}
}
