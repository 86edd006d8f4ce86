package recorder

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belfry/alertmanager/history"
	"belfry/exporter/door"
)

// Nothing forged adds to the history or ends what a person did, whoever sends it.
func TestForgedMessages(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active")}
	w.pollAt(t, 1)
	j := w.journal.Load()
	ack := history.Acknowledgement{At: minute(2), Until: minute(60), By: "ana", Comment: "on it"}
	if err := j.Acknowledge(t.Context(), j.Firing()[0], ack); err != nil {
		t.Fatal(err)
	}
	w.now = minute(3)
	over, later, invented := alert(1, ""), alert(1, ""), alert(7, "")
	over["endsAt"], later["startsAt"] = minute(2), minute(2)
	for name, body := range map[string]string{
		"a resolved":          webhookMessage(t, "resolved", over),
		"a later start":       webhookMessage(t, "firing", later),
		"an invented alert":   webhookMessage(t, "firing", invented),
		"its end":             webhookMessage(t, "resolved", invented),
		"all of it, and more": webhookMessage(t, "resolved", over, later, invented, alert(8, "")),
	} {
		if got := post(w.Handler(), body); got.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	w.wantStory(t, "1 active", "1 acknowledged")
	if firing := j.Firing(); len(firing) != 1 || !firing[0].AcknowledgedAt(w.now) {
		t.Errorf("the acknowledgement has ended: %+v", firing)
	}
}

func TestImplausibleMessages(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	ancient, wide := alert(1, ""), alert(1, "")
	ancient["startsAt"] = time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)
	wide["labels"] = map[string]string{"alertname": strings.Repeat("x", 20_000)}
	huge := webhookMessage(t, "firing", alert(1, "", "x", strings.Repeat("x", maxWebhookBytes)))
	many := make([]map[string]any, maxWebhookAlerts+1)
	for i := range many {
		many[i] = alert(i, "")
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"year 2":          {webhookMessage(t, "resolved", ancient), 400},
		"20 kB of labels": {webhookMessage(t, "firing", wide), 400},
		"1 MiB":           {huge, 413}, "too many": {webhookMessage(t, "firing", many...), 413},
		"no list": {`{"alerts":{}}`, 400}, "cut": {`{"alerts":[`, 400},
	} {
		if got := post(w.Handler(), c.body); got.Code != c.status {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	w.wantStory(t)
}

// Who may send messages: this machine, without a token, and whoever has one.
func TestWhoMaySend(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	here, elsewhere := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}
	w := newWorld(t)
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active")}
	for name, c := range map[string]struct {
		guard  door.Guard
		to     net.Addr
		header map[string]string
		status int
	}{
		"this machine":    {door.Guard{}, here, nil, 200},
		"another":         {door.Guard{}, elsewhere, nil, 403},
		"through a proxy": {door.Guard{}, here, map[string]string{"X-Forwarded-For": "10.0.0.2"}, 403},
		"a foreign page":  {door.Guard{}, here, map[string]string{"Origin": "http://evil.example"}, 403},
		"a foreign name":  {door.Guard{}, here, map[string]string{"Host": "evil.example"}, 403},
		"text/plain":      {door.Guard{}, here, map[string]string{"Content-Type": "text/plain"}, 415},
		"no token":        {door.Guard{TokenFile: file}, here, nil, 401},
		"another token":   {door.Guard{TokenFile: file}, here, map[string]string{"Authorization": "Bearer x"}, 401},
		"the token": {door.Guard{TokenFile: file}, elsewhere,
			map[string]string{"Authorization": "Bearer 0123456789abcdef"}, 200},
		"by the web config": {door.Guard{Open: func() bool { return true }}, elsewhere, nil, 200},
	} {
		*w.webhook = c.guard
		request := sentTo(webhookMessage(t, "firing", alert(1, "")), c.to)
		for key, value := range c.header {
			request.Header.Set(key, value)
		}
		if host := request.Header.Get("Host"); host != "" {
			request.Host = host
		}
		got := httptest.NewRecorder()
		w.Handler().ServeHTTP(got, request)
		if got.Code != c.status {
			t.Errorf("%s: %d %s, want %d", name, got.Code, got.Body, c.status)
		}
	}
}
