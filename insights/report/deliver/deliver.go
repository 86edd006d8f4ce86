// Package deliver hands messages over: to mailboxes by SMTP, to Slack, to a webhook, or to a
// directory.
//
// A [Target] is one recipient. Each is told of apart, so that a message that one recipient
// refuses reaches the others, once. Sending fails for good with a [PermanentError], which
// trying again does not help; any other error may pass.
//
// What a recipient gets is told apart by the ID of the message, which stays the same when it is
// sent again: the Message-ID of a mail, the Idempotency-Key of a webhook, the name of a file.
// No protocol can tell a sender that died before the answer whether the message was taken: then it is
// sent again, and a mailbox that goes by the Message-ID, as the large ones do, shows it once.
package deliver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Message is what is sent.
type Message struct {
	// ID names the message for good, such as weekly-engagement.1767600000.
	ID string
	// At is when it was due.
	At time.Time
	// Subject is a line, Headline a sentence, Text the whole in plain text, and HTML the same
	// for mail clients. HTML refers to files of Inline as cid:NAME.
	Subject, Headline, Text, HTML string
	Inline                        []File
	// Attachments go with mail and to webhooks, and Copies into directories.
	Attachments, Copies []File
}

// File is a part of a message.
type File struct {
	Name, Type string
	Data       []byte
}

// Target is a recipient.
type Target interface {
	// String names it for logs and errors, without secrets.
	String() string
	// Send hands a message over.
	Send(ctx context.Context, m Message) error
}

// PermanentError says that trying again does not help: the recipient is refused, or the
// configuration is wrong.
type PermanentError struct{ Err error }

func (e PermanentError) Error() string { return e.Err.Error() }
func (e PermanentError) Unwrap() error { return e.Err }

// IsPermanent reports whether trying again does not help.
func IsPermanent(err error) bool {
	_, permanent := errors.AsType[PermanentError](err)
	return permanent
}

// Key identifies a target without showing what it is, such as somebody's address.
func Key(t Target) string {
	sum := sha256.Sum256([]byte(t.String()))
	return hex.EncodeToString(sum[:8])
}

// timeout bounds each step of handing a message over.
const timeout = 30 * time.Second

// secret reads a secret from its file, each time anew, so that it can be replaced while the
// program runs.
func secret(what, path string) (string, error) {
	contents, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w: check the path, and that this user may read the file", what, err)
	}
	text := strings.TrimSpace(string(contents))
	if text == "" {
		return "", fmt.Errorf("read the %s: %s is empty", what, path)
	}
	return text, nil
}
