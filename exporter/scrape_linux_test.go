package exporter_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"belfry/exporter"
	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// A scrape records what it shows of all partitions side by side: one that waits for its
// disk delays no other. Here each waits for a reader of the pipe that it writes to.
func TestScrapeRecordsSideBySide(t *testing.T) {
	in := install(t, 4)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitReady()
	var pipes []string
	for n := range 4 {
		in.publish(n, "sent", sent(fmt.Sprint("n", n)))
		r.await("the event", func() bool {
			_, landing := r.get("/", "")
			return strings.Contains(landing, fmt.Sprintf("partition %d is at sequence 1", n))
		})
		pipes = append(pipes, filepath.Join(partition.Dir(in.state, n), state.MarkFile+".next"))
		if err := unix.Mkfifo(pipes[n], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scraped := make(chan struct{})
	go func() {
		defer close(scraped)
		_, _ = r.Gather()
	}()
	last := make(chan error, 1)
	go func() {
		file, err := os.Open(pipes[3]) // returns when partition 3 writes
		last <- errors.Join(err, file.Close())
	}()
	select {
	case err := <-last:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("partition 3 waits until the disk has what partition 0 shows")
	}
	for _, pipe := range pipes { // lets all partitions write, and fail: a pipe cannot be synced
		file, err := os.OpenFile(pipe, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
	}
	<-scraped
	for _, pipe := range pipes {
		if err := os.Remove(pipe); err != nil {
			t.Fatal(err)
		}
	}
	r.awaitSent(4)
}
