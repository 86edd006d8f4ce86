package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// readyEvery is the pause between two questions whether a server is ready.
const readyEvery = 50 * time.Millisecond

// Variables, so that a test need not wait as long.
var (
	// readyWithin bounds the wait for a server that runs but never answers.
	readyWithin = time.Minute
	// stopWithin is how long a server may take to shut down before it is killed.
	stopWithin = 10 * time.Second
)

// Options say what a server reads, writes and listens on. Every field is needed.
type Options struct {
	Binary     string // the program, from [Ensure]
	ConfigFile string
	DataDir    string // made when absent
	Port       int    // on 127.0.0.1, the only address that is listened on; see [FreePort]
	LogFile    string // made anew; holds everything the server says
}

// StartPrometheus runs a Prometheus and returns when it is ready to be queried.
// It keeps running until Stop, or until ctx ends.
func StartPrometheus(ctx context.Context, o Options) (*Server, error) {
	return Start(ctx, o.command(Prometheus, "/-/ready",
		"--config.file="+o.ConfigFile,
		"--storage.tsdb.path="+o.DataDir,
		"--web.listen-address="+address(o.Port),
		"--web.external-url=http://"+address(o.Port),
	))
}

// StartAlertmanager runs an Alertmanager and returns when it is ready to take
// alerts. It keeps running until Stop, or until ctx ends.
func StartAlertmanager(ctx context.Context, o Options) (*Server, error) {
	return Start(ctx, o.command(Alertmanager, "/-/ready",
		"--config.file="+o.ConfigFile,
		"--storage.path="+o.DataDir,
		"--web.listen-address="+address(o.Port),
		"--web.external-url=http://"+address(o.Port),
		"--cluster.listen-address=", // one instance has no peers: without this it opens port 9094 to the network
	))
}

func (o Options) command(program Program, ready string, args ...string) Command {
	return Command{Name: string(program), Binary: o.Binary, Args: args, Port: o.Port, ReadyPath: ready, LogFile: o.LogFile}
}

// Command is a server that listens on one port of 127.0.0.1 and answers 200
// there once it is ready. StartPrometheus and StartAlertmanager know how to
// make theirs; a caller that runs another server, such as Grafana, says it here.
type Command struct {
	Name      string // for messages
	Binary    string
	Args      []string
	Env       []string // in addition to this process's own, as name=value
	Port      int
	ReadyPath string // such as /-/ready
	LogFile   string
}

// Server is a running server. Its methods may be called at any time and from
// any goroutine.
type Server struct {
	URL string // such as http://127.0.0.1:9090

	name    string
	logFile string
	cancel  context.CancelFunc
	exited  chan struct{}
	err     error // why it exited; set before exited is closed
}

// Start runs a server and returns when it is ready. When it is not, because the
// port is taken, the server exits, or ctx ends first, the error says why and
// nothing is left running.
func Start(ctx context.Context, c Command) (*Server, error) {
	if err := portIsFree(c.Port); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	log, err := os.Create(c.LogFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: make its log: %w", c.Name, err)
	}
	defer log.Close() // the server holds its own copy

	lifetime, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(lifetime, c.Binary, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = ownLifetime()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin

	s := &Server{URL: "http://" + address(c.Port), name: c.Name, logFile: c.LogFile, cancel: cancel, exited: make(chan struct{})}
	if err := s.run(lifetime, cmd); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	if err := s.awaitReady(ctx, c.ReadyPath); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", c.Name, err), s.Stop())
	}
	return s, nil
}

// run starts the process and a goroutine that waits for its end.
func (s *Server) run(ctx context.Context, cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		// Linux ties "die with the parent" to the thread that started the child,
		// so that thread must live as long as the child does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		s.err = verdict(ctx, cmd.Wait(), cmd.ProcessState)
		s.cancel()
		close(s.exited)
	}()
	return <-started
}

// verdict is nil for a server that was told to stop and did so in time.
func verdict(ctx context.Context, err error, state *os.ProcessState) error {
	switch status, ok := state.Sys().(syscall.WaitStatus); {
	case ctx.Err() == nil && err == nil:
		return errors.New("it ended by itself")
	case ctx.Err() == nil:
		return err
	case ok && status.Signaled() && status.Signal() == syscall.SIGKILL:
		return fmt.Errorf("it did not stop within %s and was killed", stopWithin)
	}
	return nil
}

// awaitReady asks the server until it says that it is ready.
func (s *Server) awaitReady(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("it was not ready after %s", readyWithin))
	defer cancel()
	ticker := time.NewTicker(readyEvery)
	defer ticker.Stop()
	for {
		if answers(ctx, s.URL+path) {
			return nil
		}
		select {
		case <-s.exited:
			return errors.New("it exited before it was ready") // the cause follows from Stop
		case <-ctx.Done():
			return fmt.Errorf("wait until it is ready: %w; its log is %s", context.Cause(ctx), s.logFile)
		case <-ticker.C:
		}
	}
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Stop ends the server and waits until it is gone: it is asked to shut down,
// and killed when that takes longer than ten seconds. It returns nil when the
// server stopped in order, and otherwise why it ended, with the end of its log.
// Stopping twice gives the same answer.
func (s *Server) Stop() error {
	s.cancel()
	<-s.exited
	if s.err == nil {
		return nil
	}
	log, err := os.ReadFile(s.logFile)
	if err != nil {
		return fmt.Errorf("%s: %w (its log is lost: %v)", s.name, s.err, err)
	}
	return fmt.Errorf("%s: %w; the end of %s:\n%s", s.name, s.err, s.logFile, tail(string(log)))
}

// FreePort returns a port of 127.0.0.1 that nothing listens on. Another program
// may take it before the caller does, which the caller then learns by an error.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", address(0))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// portIsFree tells a taken port from a server that fails for a reason of its
// own, and keeps the wait for readiness from being answered by a stranger.
func portIsFree(port int) error {
	listener, err := net.Listen("tcp", address(port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program listens on %s: stop it, or choose another port (%w)", address(port), err)
	}
	if err != nil {
		return err
	}
	return listener.Close()
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
