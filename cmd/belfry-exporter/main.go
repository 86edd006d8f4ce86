// Command belfry-exporter reads notification events from NATS JetStream and
// exposes exact Prometheus metrics.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/common/promslog"

	"belfry/exporter/glyph"
	"belfry/exporter/mask"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	stdout, stderr := glyph.NewWriter(os.Stdout), mask.NewWriter(glyph.NewWriter(os.Stderr))
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.LookupEnv, stdout, stderr))
}

// run returns the exit code: 0 after a clean shutdown, 1 after an error and 2 if the
// command line is wrong.
func run(
	ctx context.Context, args []string, stdin io.Reader, lookup func(string) (string, bool), stdout, stderr io.Writer,
) int {
	o, done, err := parse(args, lookup, stdout, stderr)
	switch {
	case done:
		return 0
	case err != nil:
		fmt.Fprintln(stderr, mask.Arguments(fmt.Sprintf("belfry-exporter: %v", err), args))
		return 2
	}
	o.stdin = stdin
	if o.checkOnly {
		if _, err := o.readConfig(); err != nil {
			fmt.Fprintf(stderr, "belfry-exporter: %v\n", err)
			return 1
		}
		fmt.Fprintln(stdout, "configuration is valid")
		return 0
	}
	log := promslog.New(o.log)
	if err := serve(ctx, o, log); err != nil && !errors.Is(err, context.Canceled) {
		log.Error("stopped", "err", err)
		return 1
	}
	log.Info("stopped cleanly")
	return 0
}
