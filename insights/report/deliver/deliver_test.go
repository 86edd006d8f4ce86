package deliver_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"belfry/insights/report/deliver"
	"belfry/insights/report/deliver/delivertest"
)

var message = deliver.Message{
	ID: "weekly.1767600000", At: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC),
	Subject: "Weekly engagement, 29 December 2025 to 4 January 2026", Headline: "1,204,331 sent, 97.2 % delivered",
	Text: "1,204,331 sent.\n", HTML: `<p>1,204,331 sent. <img src="cid:chart-1.png"></p>`,
	Inline:      []deliver.File{{Name: "chart-1.png", Type: "image/png", Data: []byte("\x89PNG")}},
	Attachments: []deliver.File{{Name: "weekly.pdf", Type: "application/pdf", Data: []byte("%PDF-1.4")}},
}

// file writes a file of a test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve starts a mail server and returns a mailbox on it.
func serve(t *testing.T, s *delivertest.Server, password string) deliver.Mailbox {
	t.Helper()
	s.User, s.Password = "belfry", "s3cret-word"
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a connection may be open still
	return deliver.Mailbox{Address: "ops@example.com", Server: &deliver.MailServer{
		Host: "localhost", Port: s.Port(), CAFile: file(t, "ca.pem", string(s.Authority)), Username: s.User,
		PasswordFile: file(t, "password", password+"\n"), From: "Belfry <belfry@example.com>",
	}}
}

// parts returns the types of the leaves of a mail.
func parts(t *testing.T, header, body string) (types []string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return []string{kind}
	}
	r := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return types
		}
		if err != nil {
			t.Fatal(err)
		}
		inner, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, parts(t, p.Header.Get("Content-Type"), string(inner))...)
	}
}

func TestMail(t *testing.T) {
	server := &delivertest.Server{}
	box := serve(t, server, "s3cret-word")
	for range 2 {
		if err := box.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	letters := server.Letters()
	if len(letters) != 2 || letters[0].ID != letters[1].ID || !strings.HasPrefix(letters[0].ID, "<weekly.1767600000.") {
		t.Fatalf("a mail that is sent again has another Message-ID: %q", letters)
	}
	other := deliver.Mailbox{Server: box.Server, Address: "cto@example.com"}
	if err := other.Send(t.Context(), message); err != nil || server.Letters()[2].ID == letters[0].ID {
		t.Errorf("another recipient: %v, Message-ID %s", err, letters[0].ID)
	}
	got, err := netmail.ReadMessage(strings.NewReader(letters[0].Raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"To": "<ops@example.com>", "From": `"Belfry" <belfry@example.com>`, "Auto-Submitted": "auto-generated",
		"Date": "Mon, 05 Jan 2026 08:00:00 +0000",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, got.Header.Get(name), want)
		}
	}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"text/plain", "text/html", "image/png", "application/pdf"}
	found := parts(t, got.Header.Get("Content-Type"), string(body))
	slices.Sort(want)
	slices.Sort(found)
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(letters[0].Raw, "Content-Id: <chart-1.png>") {
		t.Error("the picture has no name that the HTML can refer to")
	}
}

// What goes wrong is told with who and where, as passing or for good, and without the password.
func TestMailThatFails(t *testing.T) {
	const patience = time.Minute
	for name, c := range map[string]struct {
		server    *delivertest.Server
		password  string
		change    func(*deliver.Mailbox)
		permanent bool
		says      string
	}{
		"a refused recipient": {server: &delivertest.Server{Refuse: func(string) error {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}}, permanent: true, says: "ops@example.com"},
		"a full mailbox": {server: &delivertest.Server{Refuse: func(string) error {
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
		}}, says: "mailbox full"},
		"a mail that is refused": {server: &delivertest.Server{Data: func(delivertest.Letter) error {
			return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "looks like spam"}
		}}, permanent: true, says: "looks like spam"},
		"a server that hangs up": {server: &delivertest.Server{Cut: func() int64 { return 100 }},
			says: "ops@example.com"},
		"a wrong password": {server: &delivertest.Server{}, password: "wrong-word", says: "localhost"},
		"another authority": {server: &delivertest.Server{}, change: func(m *deliver.Mailbox) { m.Server.CAFile = "" },
			says: "certificate"},
		"nobody there": {server: &delivertest.Server{}, change: func(m *deliver.Mailbox) { m.Server.Port = 1 },
			says: "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			password := c.password
			if password == "" {
				password = "s3cret-word"
			}
			box := serve(t, c.server, password)
			if c.change != nil {
				c.change(&box)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			err := box.Send(ctx, message)
			if err == nil {
				t.Fatal("no error")
			}
			if deliver.IsPermanent(err) != c.permanent || !strings.Contains(err.Error(), c.says) {
				t.Errorf("permanent: %v: %v", deliver.IsPermanent(err), err)
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the error has the password: %v", err)
			}
			if n := len(c.server.Letters()); n != 0 {
				t.Errorf("%d mails were taken", n)
			}
		})
	}
}

// A server that does not answer is given up, and may be tried again.
func TestSlowServer(t *testing.T) {
	asked, done := make(chan struct{}), make(chan struct{})
	defer close(done)
	server := &delivertest.Server{Data: func(delivertest.Letter) error {
		close(asked)
		<-done
		return errors.New("the test is over")
	}}
	box := serve(t, server, "s3cret-word")
	box.Server.Timeout = time.Second
	err := box.Send(t.Context(), message)
	if err == nil || deliver.IsPermanent(err) || !strings.Contains(err.Error(), "ops@example.com") {
		t.Errorf("got %v", err)
	}
	<-asked // it was slow to answer, not to be reached
}

// Without encryption, nothing is sent to a server that offers it to others.
func TestNothingInTheClear(t *testing.T) {
	server := &delivertest.Server{}
	box := serve(t, server, "s3cret-word")
	box.Server.TLS = deliver.NoTLS
	if err := box.Send(t.Context(), message); err == nil || len(server.Letters()) > 0 {
		t.Errorf("got %v, and %d mails", err, len(server.Letters()))
	}
}

func TestWebhook(t *testing.T) {
	var got deliver.Posted
	var header http.Header
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	hook := deliver.Webhook{URLFile: file(t, "url", server.URL+"/t0ps3cret"), TokenFile: file(t, "token", "tok")}
	if err := hook.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	want := deliver.Posted{ID: message.ID, At: message.At, Subject: message.Subject, Headline: message.Headline,
		Text: message.Text, Files: []deliver.PostedFile{deliver.PostedFile(message.Attachments[0])}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if header.Get("Idempotency-Key") != message.ID || header.Get("Authorization") != "Bearer tok" {
		t.Errorf("got %v", header)
	}
	for code, permanent := range map[int]bool{404: true, 429: false, 500: false} {
		status = code
		err := hook.Send(t.Context(), message)
		if err == nil || deliver.IsPermanent(err) != permanent || strings.Contains(err.Error(), "t0ps3cret") {
			t.Errorf("%d: %v", code, err)
		}
	}
	server.Close()
	if err := hook.Send(t.Context(), message); err == nil || strings.Contains(err.Error(), "t0ps3cret") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestSlack(t *testing.T) {
	var got map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	long := message
	long.Text = strings.Repeat("é", 5000)
	if err := (deliver.Slack{URLFile: file(t, "url", server.URL)}).Send(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	blocks := got["blocks"].([]any)
	text := blocks[2].(map[string]any)["text"].(map[string]any)["text"].(string)
	if n := len([]rune(text)); n > 3000 || len(blocks) != 3 {
		t.Errorf("%d blocks, the last of %d characters", len(blocks), n)
	}
}

func TestDirectory(t *testing.T) {
	message := deliver.Message{Copies: message.Attachments}
	dir := deliver.Directory{Path: t.TempDir()}
	for range 2 {
		if err := dir.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir.Path)
	if err != nil || len(entries) != 1 || entries[0].Name() != "weekly.pdf" {
		t.Errorf("%v: %v", err, entries)
	}
	if err := (deliver.Directory{Path: filepath.Join(dir.Path, "missing")}).Send(t.Context(), message); err == nil {
		t.Error("no error without a directory")
	}
}
