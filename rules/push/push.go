// Package push puts generated files where running servers read them, and sees
// to it that they take effect or that nothing has changed.
//
// A push writes each file whole, tells each server to reload, and asks it what
// it has loaded. When a server refuses, or has loaded something else, every
// file is put back as it was and every server reloads again. A server that does
// not answer is found out before anything is written.
package push

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Place is a folder that a server reads, and what is to be in it.
type Place struct {
	// Server is what messages call it, URL its address without a slash at the end.
	Server, URL string
	// Dir is the folder, Files its files below it by path.
	Dir   string
	Files map[string][]byte
	// Owned is a pattern of paths below Dir. Generated files that match it and
	// are not in Files are left over from an earlier push, and removed.
	Owned string
	// Verify asks the server whether it has loaded the files.
	Verify func(ctx context.Context) error
}

// undoWithin bounds the way back, which is gone even when the push is cancelled.
const undoWithin = time.Minute

// Push brings every place up to date, in order, and returns what changed. After
// an error everything is as it was, unless the error says otherwise.
func Push(ctx context.Context, places ...Place) ([]Change, error) {
	for _, p := range places {
		if err := p.ready(ctx); err != nil {
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
	}
	var changes []Change
	for _, p := range places {
		some, err := p.replace()
		changes = append(changes, some...)
		if err != nil {
			return nil, errors.Join(err, undo(changes))
		}
	}
	for i, p := range places {
		err := p.reload(ctx)
		if err == nil {
			err = p.Verify(ctx)
		}
		if err != nil {
			return nil, back(ctx, places[:i+1], changes, err)
		}
	}
	return changes, nil
}

// back undoes the changes and has the servers that may know them reload.
func back(ctx context.Context, places []Place, changes []Change, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	if err := undo(changes); err != nil {
		return fmt.Errorf("%w\nand the former files could not be put back: %w", why, err)
	}
	var deaf error
	for _, p := range places {
		deaf = errors.Join(deaf, p.reload(ctx))
	}
	if deaf != nil {
		return fmt.Errorf("%w\nthe former files are back in place, but not loaded: %w", why, deaf)
	}
	return fmt.Errorf("%w\nthe former files are back in place and loaded", why)
}
