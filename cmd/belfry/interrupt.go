package main

import (
	"context"
	"errors"
	"io"
	"time"
)

// errInterrupted reports that a command was ended.
var errInterrupted = errors.New("interrupted")

// closing lists the commands that stop servers, finish publishing or undo what they have
// begun when they are interrupted. They end by themselves; a second interrupt ends
// them at once.
var closing = map[string]bool{
	"demo": true, "simulate": true, "dashboards preview": true, "forget": true, "deadletters requeue": true,
	"rules push": true, "alerts serve": true, "alerts ack": true, "insights serve": true,
	"partition export": true, "partition import": true,
}

// promptly is how long the other commands have to end after an interrupt.
const promptly = time.Second

// interruptible runs a command. One that does not look at ctx, because it computes or
// waits for input, is left behind when ctx ends.
func interruptible(ctx context.Context, name string, run func() error) error {
	done := make(chan error, 1)
	go func() { done <- run() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	var late <-chan time.Time // never, for a command that closes what it has opened
	if !closing[name] {
		late = time.After(promptly)
	}
	select {
	case err := <-done:
		return err
	case <-late:
		return errInterrupted
	}
}

// readerUntil reads until ctx ends, and returns an error afterwards.
type readerUntil struct {
	ctx context.Context
	io.Reader
}

func (r readerUntil) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, errInterrupted
	}
	return r.Reader.Read(b)
}

// writerUntil writes until ctx ends, and returns an error afterwards.
type writerUntil struct {
	ctx context.Context
	io.Writer
}

func (w writerUntil) Write(b []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, errInterrupted
	}
	return w.Writer.Write(b)
}
