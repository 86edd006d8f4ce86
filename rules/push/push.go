// Package push writes generated files to the directories of running servers. Either
// all servers load them, or nothing changes.
//
// A push first checks that every server answers. It then writes each file
// atomically, reloads each server, and verifies what the server has loaded. If a
// server rejects the files, or has loaded something else, the push restores all
// files and reloads the servers again.
package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Target names a server, the directory that it reads, and the files to write.
type Target struct {
	// Server is the name in messages, URL the address without a trailing slash.
	Server, URL string
	// Dir is the directory, and Files maps paths below it to content.
	Dir   string
	Files map[string][]byte
	// Owned is a pattern of paths below Dir. Push removes generated files that match
	// it and are not in Files: they are from an earlier push.
	Owned string
	// Client sends the requests; nil means one without credentials.
	Client *http.Client
	// Say tells what a push waits for, once it does; nil means nobody.
	Say func(text string)
	// Verify checks that the server of the target has loaded the files.
	Verify func(ctx context.Context, p Target) error
}

// rollbackTimeout limits a rollback, which happens even if the push is canceled.
const rollbackTimeout = time.Minute

// Push updates the targets in order and returns the changes. It overwrites only files that
// Belfry has generated. After an error everything is as before, unless the error says
// otherwise.
func Push(ctx context.Context, targets ...Target) ([]Change, error) {
	for _, p := range targets {
		if err := errors.Join(p.ready(ctx), p.checkOwn()); err != nil {
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
	}
	var changes []Change
	for _, p := range targets {
		some, err := p.replace()
		changes = append(changes, some...)
		if err != nil {
			return nil, errors.Join(err, undo(changes))
		}
	}
	for i, p := range targets {
		err := p.reload(ctx)
		if err == nil {
			err = p.Verify(ctx, p)
		}
		if err != nil {
			return nil, rollBack(ctx, targets[:i+1], changes, err)
		}
	}
	return changes, nil
}

// rollBack undoes the changes and reloads the servers that may have seen them.
func rollBack(ctx context.Context, targets []Target, changes []Change, why error) error {
	if ctx.Err() != nil {
		why = errors.New("interrupted")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if err := undo(changes); err != nil {
		return fmt.Errorf("%w\nthe former files could not be restored: %w", why, err)
	}
	var notReloaded error
	for _, p := range targets {
		notReloaded = errors.Join(notReloaded, p.reload(ctx))
	}
	switch {
	case notReloaded == nil:
	case notReloaded.Error() == why.Error():
		return fmt.Errorf("%w\nthe former files are restored", why)
	default:
		return fmt.Errorf("%w\nthe former files are restored, but not loaded: %w", why, notReloaded)
	}
	return fmt.Errorf("%w\nthe former files are restored and loaded", why)
}
