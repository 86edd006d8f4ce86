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
	"strings"
	"sync"

	"belfry/deploy/stack"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
)

// exporter runs the program under test, one process after another.
type exporter struct {
	url    string
	binary string
	args   []string
	log    string // file for the logs of all processes

	process *process
}

// newExporter builds the program and writes a configuration for a small machine.
func newExporter(ctx context.Context, c *crashTest) (*exporter, error) {
	binary, err := stack.BuildOwn(ctx, c.dir, "belfry-exporter")
	if err != nil {
		return nil, err
	}
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(c.dir, "exporter.yaml")
	content := fmt.Appendf(nil, "partitions: %d\nstream: {max_bytes: 512MiB}\noptional_families:\n", partitions)
	for _, f := range catalog.Optional() {
		content = fmt.Appendf(content, "  - %s\n", f.Name)
	}
	if err := os.WriteFile(config, content, 0o600); err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	return &exporter{
		url: "http://" + address, binary: binary, log: filepath.Join(c.dir, "exporter.log"),
		args: []string{
			"--config.file=" + config, "--state.dir=" + filepath.Join(c.dir, "state"),
			"--user-key-file=" + filepath.Join(c.dir, "user.key"),
			"--web.listen-address=" + address, "--nats.url=" + c.natsURL, "--trust-received-at",
			"--hold=" + c.hold.String(),
			"--log.level=debug", "--log.format=json",
		},
	}, nil
}

// start starts a process with additional flags.
func (e *exporter) start(flags ...string) error {
	log, err := os.OpenFile(e.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	p := &process{
		cmd: exec.Command(e.binary, append(flags, e.args...)...), ended: make(chan struct{}),
		partitions: map[int]*partitionState{}, changed: make(chan struct{}),
	}
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

// kill sends SIGKILL and returns when the process has ended and its log is read.
func (e *exporter) kill() {
	if e.process == nil {
		return
	}
	_ = e.process.cmd.Process.Kill() // await reports a process that has ended by itself
	<-e.process.ended
}

// awaitShown waits until all partitions show their numbers.
func (e *exporter) awaitShown(ctx context.Context) error {
	return e.process.await(ctx, func(all map[int]*partitionState) bool {
		shown := 0
		for _, is := range all {
			if is.shown {
				shown++
			}
		}
		return shown == partitions
	})
}

// process follows one process of the exporter by its log.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu         sync.Mutex
	partitions map[int]*partitionState
	halted     error         // of the partition that halted last
	changed    chan struct{} // closed at the next change
}

// partitionState says what a partition is doing.
type partitionState struct {
	catchingUp    bool // it replays what was shown before
	shown         bool // its numbers are on /metrics
	checkpointing bool // it writes a checkpoint
}

// follow reads the log to its end and then waits for the process to end.
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
			p.observe(line.Partition, line.Msg, line.Sequence < line.Target)
		}
	}
	_, _ = io.Copy(io.Discard, log) // a line may exceed the buffer
	_ = p.cmd.Wait()                // usually it was killed
	close(p.ended)
}

// observe updates the state of a partition from a line of the log.
func (p *process) observe(number int, message string, behind bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	is := p.partitions[number]
	if is == nil {
		is = &partitionState{}
		p.partitions[number] = is
	}
	switch why, isHalted := strings.CutPrefix(message, partition.LogHalted); {
	case isHalted:
		p.halted = fmt.Errorf("the exporter has halted partition %d: %s", number, why)
	case message == partition.LogCatchingUp:
		is.catchingUp = behind
	case message == partition.LogShown:
		is.catchingUp, is.shown = false, true
	case message == partition.LogCheckpointBegins:
		is.checkpointing = true
	case message == partition.LogCheckpointWritten:
		is.checkpointing = false
	default:
		return
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// await waits until the condition holds for the partitions. It returns an error if one of
// them halts, which nothing in a crash may cause, or if the process ends.
func (p *process) await(ctx context.Context, holds func(map[int]*partitionState) bool) error {
	for {
		p.mu.Lock()
		ok, halted, changed := holds(p.partitions), p.halted, p.changed
		p.mu.Unlock()
		if ok || halted != nil {
			return halted
		}
		select {
		case <-changed:
		case <-p.ended:
			return fmt.Errorf("the exporter exited: %s", p.cmd.ProcessState)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// any reports whether a partition is in a state, now or when the process ended.
func (p *process) any(is func(*partitionState) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return anyOf(is)(p.partitions)
}

func anyOf(is func(*partitionState) bool) func(map[int]*partitionState) bool {
	return func(all map[int]*partitionState) bool {
		for _, c := range all {
			if is(c) {
				return true
			}
		}
		return false
	}
}
