//go:build ignore

// This program implements `make stack`: it builds the pinned servers that are
// missing from .stack/bin. It is a separate file, not a subcommand, so that a new
// machine compiles little before it starts.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"belfry/deploy/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "stack:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer) error {
	paths, err := stack.Ensure(ctx, "", stdout)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d programs are ready in %s\n", len(paths), filepath.Dir(paths[stack.Prometheus]))
	return nil
}
