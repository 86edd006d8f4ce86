// Command build makes the pinned servers available in the project's .stack/bin,
// which is all that `make stack` does. It builds what is missing and is silent
// about the rest.
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
