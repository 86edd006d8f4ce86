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

// readyEvery is the interval at which a starting server is asked whether it is
// ready.
const readyEvery = 50 * time.Millisecond

// These are variables so that tests can shorten them.
var (
	// readyWithin limits the wait for a server that runs but does not answer.
	readyWithin = time.Minute
	// stopWithin limits the shutdown of a server, after which it is killed.
	stopWithin = 10 * time.Second
)

// Options configure a server. Every field is required.
type Options struct {
	Binary     string // the program, from [Ensure]
	ConfigFile string
	DataDir    string // created if it does not exist
	Port       int    // on 127.0.0.1; see [FreePort]
	LogFile    string // overwritten with the server's output
}

// StartPrometheus starts a Prometheus and returns when it is ready. It runs until
// Stop is called or ctx ends.
func StartPrometheus(ctx context.Context, o Options) (*Server, error) {
	return Start(ctx, o.command(Prometheus, "/-/ready",
		"--config.file="+o.ConfigFile,
		"--storage.tsdb.path="+o.DataDir,
		"--web.enable-lifecycle", // belfry rules push reloads it
		"--web.listen-address="+address(o.Port),
		"--web.external-url=http://"+address(o.Port),
	))
}

// StartAlertmanager starts an Alertmanager and returns when it is ready. It runs
// until Stop is called or ctx ends.
func StartAlertmanager(ctx context.Context, o Options) (*Server, error) {
	return Start(ctx, o.command(Alertmanager, "/-/ready",
		"--config.file="+o.ConfigFile,
		"--storage.path="+o.DataDir,
		"--web.listen-address="+address(o.Port),
		"--web.external-url=http://"+address(o.Port),
		"--cluster.listen-address=", // it has no peers, and would listen on port 9094 for them
	))
}

func (o Options) command(program Program, ready string, args ...string) Command {
	return Command{Name: string(program), Binary: o.Binary, Args: args, Port: o.Port, ReadyPath: ready,
		LogFile: o.LogFile}
}

// Command describes a server that listens on a port of 127.0.0.1 and answers
// with status 200 there once it is ready. Use it for servers other than
// Prometheus and Alertmanager, such as Grafana.
type Command struct {
	Name      string // in messages
	Binary    string
	Args      []string
	Env       []string // in addition to that of this process, as name=value
	Port      int
	ReadyPath string // such as /-/ready
	LogFile   string
}

// Server represents a running server. It is safe for concurrent use.
type Server struct {
	URL string // such as http://127.0.0.1:9090

	name     string
	readyURL string // answers with status 200 once it is ready
	logFile  string
	process  int
	cancel   context.CancelFunc
	exited   chan struct{}
	err      error // why it exited; set before exited is closed
}

// Start starts a server and returns when it is ready. If the port is taken, the
// server exits or ctx ends first, it returns an error and leaves nothing running.
func Start(ctx context.Context, c Command) (*Server, error) {
	if err := portIsFree(c.Port); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	log, err := os.Create(c.LogFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: create its log: %w", c.Name, err)
	}
	defer log.Close() // the server has its own copy

	lifetime, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(lifetime, c.Binary, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = ownLifetime()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin

	url := "http://" + address(c.Port)
	s := &Server{
		URL: url, name: c.Name, readyURL: url + c.ReadyPath, logFile: c.LogFile, cancel: cancel,
		exited: make(chan struct{}),
	}
	if err := s.run(lifetime, cmd); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	if err := s.AwaitReady(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", c.Name, err), s.Stop())
	}
	return s, nil
}

// Process returns the id of the server's process.
func (s *Server) Process() int { return s.process }

// run starts the process, and a goroutine that waits for it to end.
func (s *Server) run(ctx context.Context, cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		// Linux kills a child with Pdeathsig when the thread that started it ends,
		// so that thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			s.process = cmd.Process.Pid
		}
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

// verdict returns nil for a server that was asked to stop and did so in time.
func verdict(ctx context.Context, err error, state *os.ProcessState) error {
	switch status, ok := state.Sys().(syscall.WaitStatus); {
	case ctx.Err() == nil && err == nil:
		return errors.New("it exited unexpectedly")
	case ctx.Err() == nil:
		return err
	case ok && status.Signaled() && status.Signal() == syscall.SIGKILL:
		return fmt.Errorf("it did not stop within %s and was killed", stopWithin)
	}
	return nil
}

// AwaitReady polls the server until it is ready. It returns an error if the server is not
// ready within a minute, exits or ctx ends. [Start] has already called it.
func (s *Server) AwaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("it was not ready after %s", readyWithin))
	defer cancel()
	ticker := time.NewTicker(readyEvery)
	defer ticker.Stop()
	for {
		if answers(ctx, s.readyURL) {
			return nil
		}
		select {
		case <-s.exited:
			return errors.New("it exited before it was ready") // the cause follows from Stop
		case <-ctx.Done():
			return fmt.Errorf("wait until it is ready: %w; see %s", context.Cause(ctx), s.logFile)
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

// Stop shuts the server down and waits until it has exited; after ten seconds it
// kills it. It returns nil if the server stopped in order, else why it ended,
// with the end of its log. Further calls return the same.
func (s *Server) Stop() error {
	s.cancel()
	<-s.exited
	if s.err == nil {
		return nil
	}
	log, err := os.ReadFile(s.logFile)
	if err != nil {
		return fmt.Errorf("%s: %w (and no log: %v)", s.name, s.err, err)
	}
	return fmt.Errorf("%s: %w; the end of %s:\n%s", s.name, s.err, s.logFile, tail(string(log)))
}

// FreePort returns a free port of 127.0.0.1. Another program may take it before
// the caller does.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", address(0))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// portIsFree returns an error that says so if the port is taken. Otherwise the
// program that has it might answer the question whether the server is ready.
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
