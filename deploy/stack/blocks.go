package stack

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// BlocksDir returns where ServeBlocks expects the database below a directory.
func BlocksDir(dir string) string { return filepath.Join(dir, "data") }

// ServeBlocks starts a Prometheus on a database that another program has written
// to BlocksDir(dir). It scrapes nothing, keeps everything, and runs until Stop is
// called or ctx ends.
func ServeBlocks(ctx context.Context, dir string) (*Server, error) {
	programs, err := Find(ctx, nil, io.Discard, Prometheus)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("storage: {tsdb: {retention: {time: 500d}}}\n"), 0o644); err != nil {
		return nil, fmt.Errorf("configure Prometheus: %w", err)
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	return StartPrometheus(ctx, Options{
		Binary: programs[Prometheus], ConfigFile: config, DataDir: BlocksDir(dir), Port: port,
		LogFile: filepath.Join(dir, "prometheus.log"),
	})
}
