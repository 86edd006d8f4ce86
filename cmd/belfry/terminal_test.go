package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// Text of an event or a server does not command the terminal. What people write stays.
func TestTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[2J\x1b]0;title\x07b\n":   `a\x1b[2J\x1b]0;title\x07b` + "\n",
		"\u009b31m\x7f\b\x00":           `\x9b31m\x7f\x08\x00`,
		"user\u202egnp.exe\u2066\u200f": `user\u202egnp.exe\u2066\u200f`,
		"\x1b":                          `\x1b`,
		"plain\ttext\r\n":               "plain\ttext\r\n",
		"Zürich 👩\u200d💻 日本\n":          "Zürich 👩\u200d💻 日本\n",
		"\xff\xfe":                      "\xff\xfe",
		"":                              "",
	} {
		var out bytes.Buffer
		n, err := fmt.Fprint(terminal{&out}, text)
		if out.String() != want || n != len(text) || err != nil {
			t.Errorf("%q: got %q, %d bytes (%v)", text, out.String(), n, err)
		}
	}
}

// An interrupt ends a command that computes or waits for input, and leaves time to one
// that has something to close.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func() error { select {} }
	if err := interruptible(ctx, "check", never); !errors.Is(err, errInterrupted) {
		t.Errorf("check: error %v", err)
	}
	closed := errors.New("closed")
	slow := func() error { time.Sleep(promptly + promptly/2); return closed }
	if err := interruptible(ctx, "demo", slow); !errors.Is(err, closed) {
		t.Errorf("demo: error %v", err)
	}
	app := kingpin.New("belfry", "")
	known := map[string]bool{}
	for _, add := range subcommands {
		known[add(app).clause.FullCommand()] = true
	}
	for name := range closing {
		if !known[name] {
			t.Errorf("there is no command %q", name)
		}
	}
	if _, err := io.Copy(writerUntil{ctx, io.Discard}, bytes.NewReader([]byte{1})); !errors.Is(err, errInterrupted) {
		t.Errorf("an export: error %v", err)
	}
	if _, err := io.ReadAll(readerUntil{ctx, bytes.NewReader([]byte{1})}); !errors.Is(err, errInterrupted) {
		t.Errorf("an import: error %v", err)
	}
}
