package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Webhook posts messages as JSON, see [Posted]. Its address is a secret in a file, since whoever
// has it may post.
type Webhook struct {
	URLFile string
	// TokenFile, if set, holds a bearer token.
	TokenFile string
	Client    *http.Client // nil means http.DefaultClient
}

// Posted is the body of a request to a [Webhook].
type Posted struct {
	ID       string       `json:"id"`
	At       time.Time    `json:"at"`
	Subject  string       `json:"subject"`
	Headline string       `json:"headline"`
	Text     string       `json:"text"`
	Files    []PostedFile `json:"files"`
}

// PostedFile is an attachment. Data is in base64.
type PostedFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Data []byte `json:"data"`
}

// String names the file with the address.
func (w Webhook) String() string { return "webhook of " + w.URLFile }

// Send posts a message.
func (w Webhook) Send(ctx context.Context, m Message) error {
	body := Posted{ID: m.ID, At: m.At, Subject: m.Subject, Headline: m.Headline, Text: m.Text, Files: []PostedFile{}}
	for _, f := range m.Attachments {
		body.Files = append(body.Files, PostedFile(f))
	}
	header := http.Header{"Idempotency-Key": {m.ID}}
	if w.TokenFile != "" {
		token, err := secret("token of the webhook", w.TokenFile)
		if err != nil {
			return err
		}
		header.Set("Authorization", "Bearer "+token)
	}
	return post(ctx, w.Client, w.String(), w.URLFile, header, body)
}

// Slack posts messages to an incoming webhook of Slack: the headline and the beginning of the
// text.
type Slack struct {
	URLFile string
	Client  *http.Client // nil means http.DefaultClient
}

// String names the file with the address.
func (s Slack) String() string { return "Slack at " + s.URLFile }

// slackText is how many characters of the text are posted: Slack takes 3,000 in a block.
const slackText = 2900

// Send posts a message.
func (s Slack) Send(ctx context.Context, m Message) error {
	text := []rune(m.Text)
	if len(text) > slackText {
		text = append(text[:slackText], '…')
	}
	type object map[string]any
	plain := func(t string) object { return object{"type": "plain_text", "text": t, "emoji": false} }
	body := object{"text": m.Subject + ": " + m.Headline, "blocks": []object{
		{"type": "header", "text": plain(first(m.Subject, 150))},
		{"type": "section", "text": plain(first(m.Headline, 3000))},
		{"type": "section", "text": plain(string(text))},
	}}
	return post(ctx, s.Client, s.String(), s.URLFile, http.Header{}, body)
}

// first returns the first characters of a text, and a space for none, which Slack refuses.
func first(text string, n int) string {
	r := []rune(text)
	if len(r) == 0 {
		return " "
	}
	return string(r[:min(n, len(r))])
}

// post posts JSON to the address in a file. Errors do not repeat the address.
func post(ctx context.Context, client *http.Client, what, urlFile string, header http.Header, body any) error {
	address, err := secret("address of the webhook", urlFile)
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return PermanentError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(encoded))
	if err != nil {
		return PermanentError{fmt.Errorf("%s: the file has no valid address", what)}
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(request)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return PermanentError{fmt.Errorf("%s: it answers %s: %q", what, answer.Status, said)}
	default:
		return fmt.Errorf("%s: it answers %s: %q", what, answer.Status, said)
	}
}
