package crash

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"belfry/deploy/stack"
)

// exporter is the program under test, one process after the other.
type exporter struct {
	url    string
	binary string
	args   []string
	log    string // file to which the logs of all processes go

	process *process
}

// newExporter prepares the program and a configuration that fits a small machine.
func newExporter(ctx context.Context, c *crashTest) (*exporter, error) {
	binary, err := buildExporter(ctx, c.dir)
	if err != nil {
		return nil, err
	}
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(c.dir, "exporter.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "partitions: %d\nstream: {max_bytes: 2GiB}\n", partitions), 0o600); err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	return &exporter{
		url: "http://" + address, binary: binary, log: filepath.Join(c.dir, "exporter.log"),
		args: []string{
			"--config.file=" + config, "--state.dir=" + filepath.Join(c.dir, "state"), "--user-key-file=" + filepath.Join(c.dir, "user.key"),
			"--web.listen-address=" + address, "--nats.url=" + c.natsURL, "--trust-received-at", "--hold=" + c.hold.String(),
			"--log.level=debug", "--log.format=json",
		},
	}, nil
}

// start starts a process, with more flags.
func (e *exporter) start(flags ...string) error {
	log, err := os.OpenFile(e.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	p := &process{cmd: exec.Command(e.binary, append(flags, e.args...)...), partitions: map[int]*condition{}, changed: make(chan struct{}), ended: make(chan struct{})}
	output, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start the exporter: %w", err)
	}
	e.process = p
	go func() {
		defer log.Close()
		p.follow(io.TeeReader(output, log))
	}()
	return nil
}

// kill ends the process by SIGKILL and returns when it is gone and its log is read.
func (e *exporter) kill() {
	if e.process == nil {
		return
	}
	_ = e.process.cmd.Process.Kill() // it may have ended by itself, which await tells
	<-e.process.ended
}

// awaitShown waits until all partitions show their numbers.
func (e *exporter) awaitShown(ctx context.Context) error {
	return e.process.await(ctx, func(all map[int]*condition) bool {
		shown := 0
		for _, is := range all {
			if is.shown {
				shown++
			}
		}
		return shown == partitions
	})
}

// process is one life of the exporter, as its log tells it.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu         sync.Mutex
	partitions map[int]*condition
	changed    chan struct{} // closed at the next change
}

// condition is what a partition is at.
type condition struct {
	returning bool // folds again what was shown before
	shown     bool // shows its numbers
	writing   bool // writes a checkpoint
}

// follow reads the log to its end and then waits for that of the process.
func (p *process) follow(log io.Reader) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Msg              string
			Partition        int
			Sequence, Target uint64
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			p.hear(line.Partition, line.Msg, line.Sequence < line.Target)
		}
	}
	_, _ = io.Copy(io.Discard, log) // a line beyond the buffer
	_ = p.cmd.Wait()                // killed, as a rule
	close(p.ended)
}

// hear notes what a line of the log says of a partition.
func (p *process) hear(partition int, message string, behind bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	is := p.partitions[partition]
	if is == nil {
		is = &condition{}
		p.partitions[partition] = is
	}
	switch message {
	case "numbers stay off /metrics until the fold has come to its target":
		is.returning = behind
	case "numbers are on /metrics":
		is.returning, is.shown = false, true
	case "checkpoint begins":
		is.writing = true
	case "checkpoint is written":
		is.writing = false
	default:
		return
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// await waits until the partitions are in a state.
func (p *process) await(ctx context.Context, holds func(map[int]*condition) bool) error {
	for {
		p.mu.Lock()
		ok, changed := holds(p.partitions), p.changed
		p.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-p.ended:
			return fmt.Errorf("the exporter ended by itself: %s", p.cmd.ProcessState)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// any reports whether a partition is in a state, at this moment or, once the process is
// gone, at its end.
func (p *process) any(is func(*condition) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return anyOf(is)(p.partitions)
}

func anyOf(is func(*condition) bool) func(map[int]*condition) bool {
	return func(all map[int]*condition) bool {
		for _, c := range all {
			if is(c) {
				return true
			}
		}
		return false
	}
}
