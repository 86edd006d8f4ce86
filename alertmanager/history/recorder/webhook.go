package recorder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"belfry/alertmanager/history"
	"belfry/exporter/door"
)

const (
	// maxWebhookBytes and maxWebhookAlerts bound a webhook's message. Alertmanager does
	// not send a larger one again; the poll reports what was in it.
	maxWebhookBytes, maxWebhookAlerts = 1 << 20, 1000
	// messageTime bounds how long a message may take to arrive, and messagesAtOnce the
	// memory of those that do.
	messageTime, messagesAtOnce = 10 * time.Second, 8
)

// serveWebhook receives a message of Alertmanager's webhook. It answers 200 once
// the message's alerts are recorded; otherwise Alertmanager sends it again.
func (r *Recorder) serveWebhook(w http.ResponseWriter, request *http.Request) {
	if !r.webhook.Admit(w, request) {
		return
	}
	kind, _, err := mime.ParseMediaType(request.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		http.Error(w, "send Content-Type: application/json", http.StatusUnsupportedMediaType)
		return
	}
	j := r.journal.Load()
	if j == nil {
		http.Error(w, errNotRead.Error(), http.StatusServiceUnavailable)
		return
	}
	m := message{now: r.o.now(), ignores: r.ignores, journal: j}
	leave := r.messages.Enter(messageTime, door.Request{W: w, R: request})[0]
	err = m.decode(http.MaxBytesReader(w, request.Body, maxWebhookBytes))
	leave()
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	if !m.isNews {
		return
	}
	if err := r.pollSince(context.WithoutCancel(request.Context()), j, time.Now(), m.ended); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

func statusOf(err error) int {
	if errors.As(err, new(*http.MaxBytesError)) || errors.Is(err, errManyAlerts) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// errManyAlerts reports a message with more than maxWebhookAlerts.
var errManyAlerts = fmt.Errorf("more than %d alerts: set max_alerts of the receiver", maxWebhookAlerts)

// message is what a webhook's message adds: whether to poll, and when alerts ended. It
// keeps nothing else, so many messages that wait for a poll take little.
type message struct {
	now     time.Time
	ignores func(*history.Observation) bool
	journal *history.Journal

	alerts int
	isNews bool
	ended  []history.Observation
}

// decode reads a message, one alert at a time.
func (m *message) decode(body io.Reader) error {
	d := json.NewDecoder(body)
	err := object(d, func(key string) error {
		if key != "alerts" {
			return d.Decode(new(json.RawMessage))
		}
		return list(d, func() error { return m.decodeAlert(d) })
	})
	var unfit unfitError
	switch {
	case errors.As(err, &unfit):
		return unfit
	case errors.Is(err, io.EOF):
		err = errors.New("the body is empty")
	}
	if err != nil {
		return fmt.Errorf("not a message of Alertmanager's webhook: %w", err)
	}
	return nil
}

// unfitError says why an alert cannot be recorded.
type unfitError string

func (e unfitError) Error() string { return string(e) }

func (m *message) decodeAlert(d *json.Decoder) error {
	if m.alerts++; m.alerts > maxWebhookAlerts {
		return errManyAlerts
	}
	var a struct {
		apiAlert
		Status string `json:"status"`
	}
	if err := d.Decode(&a); err != nil {
		return err
	}
	o := a.observation()
	o.State = history.Active
	if a.Status == "resolved" {
		o.State = history.Resolved
	}
	if what := o.Problem(m.now); what != "" {
		return unfitError(what)
	}
	if !m.ignores(&o) {
		m.note(&o)
	}
	return nil
}

// note keeps what is new in an alert.
func (m *message) note(o *history.Observation) {
	var isNews bool
	m.journal.View(func(b *history.Book) { isNews = b.News(o) })
	m.isNews = m.isNews || isNews
	if isNews && o.State == history.Resolved {
		m.ended = append(m.ended, history.Observation{
			Fingerprint: o.Fingerprint, StartsAt: o.StartsAt, EndsAt: o.EndsAt.UTC(),
		})
	}
}

// object calls value for each key of a JSON object, which must decode its value.
func object(d *json.Decoder, value func(key string) error) error {
	if err := delimiter(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if err := value(name); err != nil {
			return unexpected(err)
		}
	}
	return unexpected(delimiter(d, '}'))
}

// list calls element for each element of a JSON array, which must decode it.
func list(d *json.Decoder, element func() error) error {
	if err := delimiter(d, '['); err != nil {
		return err
	}
	for d.More() {
		if err := element(); err != nil {
			return err
		}
	}
	return delimiter(d, ']')
}

func delimiter(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("%v where %q is expected", got, want.String())
	}
	return err
}

// unexpected returns an error for an end after the beginning.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
