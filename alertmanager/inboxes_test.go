package alertmanager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/rules/settings"
)

// inboxes stand in for Slack, PagerDuty, Microsoft Teams, a webhook and a mail server,
// and keep what the real Alertmanager sends them.
type inboxes struct {
	web  *httptest.Server
	smtp net.Listener
	got  map[string]chan string
}

func newInboxes(t *testing.T) *inboxes {
	in := &inboxes{got: map[string]chan string{}}
	for _, name := range []string{"slack", "pagerduty", "teams", "webhook", "mail"} {
		in.got[name] = make(chan string, 10)
	}
	in.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		kind := strings.TrimPrefix(r.URL.Path, "/")
		if complaint := beyondLimits(kind, body); complaint != "" {
			t.Errorf("%s refuses a message: %s", kind, complaint)
			http.Error(w, complaint, http.StatusRequestEntityTooLarge)
			return
		}
		in.got[kind] <- string(body)
		fmt.Fprint(w, "ok") // what Slack answers
	}))
	t.Cleanup(in.web.Close)
	var err error
	if in.smtp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := in.smtp.Accept()
			if err != nil {
				return
			}
			if err := in.receive(conn); err != nil {
				t.Error(err)
			}
		}
	}()
	t.Cleanup(func() { in.smtp.Close(); <-served })
	return in
}

// receive speaks as much SMTP (RFC 5321) as one mail needs.
func (in *inboxes) receive(conn net.Conn) error {
	defer conn.Close()
	c := textproto.NewConn(conn)
	answer := "220 ready"
	for {
		if err := c.PrintfLine("%s", answer); err != nil {
			return err
		}
		line, err := c.ReadLine()
		if err != nil {
			return err
		}
		switch command, _, _ := strings.Cut(line, " "); command {
		case "DATA":
			if err := c.PrintfLine("354 go on"); err != nil {
				return err
			}
			body, err := c.ReadDotBytes()
			if err != nil {
				return err
			}
			in.got["mail"] <- string(body)
			answer = "250 taken"
		case "QUIT":
			return c.PrintfLine("221 bye")
		default:
			answer = "250 fine"
		}
	}
}

// everybody returns a receiver with all integrations, whose secrets are these inboxes.
func (in *inboxes) everybody(t *testing.T) settings.Receiver {
	t.Helper()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return settings.Receiver{
		PagerDuty: []settings.PagerDuty{{RoutingKeyFile: file("pagerduty", "0123456789abcdef")}},
		Slack:     []settings.Slack{{APIURLFile: file("slack", in.web.URL+"/slack"), Channel: "#notifications"}},
		Teams:     []settings.MSTeams{{WebhookURLFile: file("teams", in.web.URL+"/teams")}},
		Webhook:   []settings.Webhook{{URLFile: file("webhook", in.web.URL+"/webhook")}},
		Email: []settings.Email{{To: "on-call@example.com", From: "Belfry <belfry@example.com>",
			Smarthost: in.smtp.Addr().String()}},
	}
}

// global returns the settings of notifiers that receivers cannot redirect.
func (in *inboxes) global() string {
	return "global:\n  smtp_require_tls: false\n  pagerduty_url: " + in.web.URL + "/pagerduty\n"
}

// readable indents JSON, without escaping markup as \u003c.
func readable(t *testing.T, message string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(message), &value); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readMail splits a mail into its headers and text, and its HTML.
func readMail(t *testing.T, message string) (text, html string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"From", "To", "Subject"} {
		value, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		text += name + ": " + value + "\n"
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, kind := range []string{"text/plain", "text/html"} {
		part, err := parts.NextPart()
		if err != nil || !strings.HasPrefix(part.Header.Get("Content-Type"), kind) {
			t.Fatalf("want a part %s: %v", kind, err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if kind == "text/html" {
			return text, string(body)
		}
		text += "\n" + string(body)
	}
	return text, html
}
