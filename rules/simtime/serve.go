package simtime

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"belfry/deploy/stack"
)

// Serve starts the pinned Prometheus on the blocks below [DataDir] of dir. It
// scrapes nothing, keeps everything, and runs until it is stopped or ctx ends.
func Serve(ctx context.Context, dir string) (*stack.Server, error) {
	programs, err := stack.Ensure(ctx, "", io.Discard, stack.Prometheus)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("storage: {tsdb: {retention: {time: 500d}}}\n"), 0o644); err != nil {
		return nil, fmt.Errorf("configure Prometheus: %w", err)
	}
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	return stack.StartPrometheus(ctx, stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: config, DataDir: DataDir(dir), Port: port,
		LogFile: filepath.Join(dir, "prometheus.log"),
	})
}
