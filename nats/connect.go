package nats

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// Options says how to connect to NATS. The zero value connects to nats://127.0.0.1:4222 without authentication.
//
// Secrets are files. They are read again for each connection, so they can be replaced while the program runs.
// Set at most one of CredentialsFile, NKeyFile, User and TokenFile.
type Options struct {
	// URL names the server, or several servers of one cluster separated by commas.
	URL string
	// Name identifies this client in the server's monitoring.
	Name string

	// CredentialsFile holds a user's JWT and seed, as written by nsc.
	CredentialsFile string
	// NKeyFile holds a user's nkey seed.
	NKeyFile string
	// User and PasswordFile must be set together.
	User         string
	PasswordFile string
	// TokenFile holds a token.
	TokenFile string

	// TLSCAFile holds the authorities that verify the server, instead of those of the system.
	TLSCAFile string
	// TLSCertFile and TLSKeyFile hold the client certificate. They must be set together.
	TLSCertFile string
	TLSKeyFile  string

	// PingInterval sets how often an idle connection is checked. After two pings without an answer it counts as lost.
	// 0 means 10 seconds.
	PingInterval time.Duration

	// Logger receives a line for each lost and each restored connection; nil discards them.
	Logger *slog.Logger
	// Status, unless nil, is kept up to date with the state of the connection, for metrics.
	Status *Status
}

// Status reports the state of a connection. It is safe for concurrent use. The zero value is "not connected".
type Status struct {
	connected  atomic.Bool
	reconnects atomic.Uint64
	problem    atomic.Pointer[string]
}

// Problem says why there is no connection: to which address, what is wrong and what to do. It is empty while there is
// one, and before the first attempt.
func (s *Status) Problem() string {
	if why := s.problem.Load(); why != nil && !s.Connected() {
		return *why
	}
	return ""
}

// failed records why there is no connection.
func (s *Status) failed(why string) { s.problem.Store(&why) }

// Connected reports whether the connection is up.
func (s *Status) Connected() bool { return s.connected.Load() }

// Reconnects returns how often a lost connection was restored.
func (s *Status) Reconnects() uint64 { return s.reconnects.Load() }

const (
	pingInterval  = 10 * time.Second // a dead peer is noticed in half a minute
	dialTimeout   = 2 * time.Second
	writeTimeout  = 10 * time.Second // a peer that accepts nothing for this long is treated as dead
	retryWait     = 250 * time.Millisecond
	retryWaitMost = 5 * time.Second
)

// Connect connects to NATS. It waits for a server that does not answer, until ctx ends. An error that waiting cannot
// solve is returned at once: an invalid option, an unreadable file, or a server that refuses the credentials.
//
// The connection reconnects by itself, without a limit. The caller closes it.
func Connect(ctx context.Context, o Options) (*natsgo.Conn, error) {
	d, err := newDialer(o)
	if err != nil {
		return nil, err
	}
	return d.dialUntil(ctx, d.reconnecting()...)
}

// dialer holds checked Options as options of nats.go.
type dialer struct {
	url     string
	login   login
	options []natsgo.Option
	// authorityFile holds Options.TLSCAFile, for errors.
	authorityFile string
	logger        *slog.Logger
	status        *Status
}

func newDialer(o Options) (*dialer, error) {
	d := &dialer{
		url: cmp.Or(o.URL, natsgo.DefaultURL), logger: orDiscard(o.Logger), status: cmp.Or(o.Status, &Status{}),
		authorityFile: o.TLSCAFile,
	}
	if err := checkURLs(d.url); err != nil {
		return nil, err
	}
	d.options = []natsgo.Option{
		natsgo.Name(o.Name),
		natsgo.Timeout(dialTimeout),
		natsgo.PingInterval(cmp.Or(o.PingInterval, pingInterval)),
		natsgo.FlusherTimeout(writeTimeout),
		natsgo.ErrorHandler(d.logError),
	}
	login, err := credentials(o)
	if err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	d.login = login
	secure, err := tlsOptions(o)
	if err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	d.options = append(append(d.options, login.opts...), secure...)
	return d, nil
}

// checkURLs rejects addresses that nats.go cannot parse. The error does not repeat the address: it may hold a password.
func checkURLs(urls string) error {
	for i, address := range strings.Split(urls, ",") {
		address = strings.TrimSpace(address)
		if !strings.Contains(address, "://") {
			address = "nats://" + address
		}
		if u, err := url.Parse(address); err != nil || u.Hostname() == "" {
			return fmt.Errorf("connect to nats: invalid address %d in the URL: use nats://host:port", i+1)
		}
	}
	return nil
}

// reconnecting returns the options of a connection that nats.go keeps up. While it is down, requests fail at once
// instead of being buffered and answered late.
func (d *dialer) reconnecting() []natsgo.Option {
	return []natsgo.Option{
		natsgo.MaxReconnects(-1),
		natsgo.ReconnectBufSize(-1),
		natsgo.IgnoreAuthErrorAbort(),
		natsgo.ReconnectWait(retryWait),
		natsgo.ReconnectJitter(retryWait, retryWait),
		natsgo.DisconnectErrHandler(func(_ *natsgo.Conn, err error) { d.lost(err) }),
		natsgo.ReconnectHandler(func(nc *natsgo.Conn) { d.regained(nc) }),
		natsgo.ClosedHandler(func(*natsgo.Conn) { d.status.connected.Store(false) }),
	}
}

// dialUntil dials until it succeeds, the server refuses for good, or ctx ends.
func (d *dialer) dialUntil(ctx context.Context, more ...natsgo.Option) (*natsgo.Conn, error) {
	options := append(append([]natsgo.Option(nil), d.options...), more...)
	for wait := retryWait; ; wait = min(2*wait, retryWaitMost) {
		nc, err := natsgo.Connect(d.url, options...)
		if err == nil {
			d.status.connected.Store(true)
			return nc, nil
		}
		err = d.explain(err)
		d.status.failed(err.Error())
		if isRefusal(err) {
			return nil, err
		}
		d.logger.Warn("NATS does not answer, retrying", "err", err, "wait", wait)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(jitter(wait)):
		}
	}
}

// isRefusal reports whether a server refused the connection, as opposed to not answering.
func isRefusal(err error) bool {
	return isLogin(err) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.Is(err, natsgo.ErrSecureConnRequired) || errors.Is(err, natsgo.ErrSecureConnWanted)
}

func (d *dialer) lost(err error) {
	if d.status.connected.Swap(false) && err != nil { // without an error, the caller closed it
		d.status.failed(fmt.Sprintf("the connection to nats at %s was lost: %v", d.address(), err))
		d.logger.Warn("NATS connection lost, reconnecting", "url", d.address(), "err", err)
	}
}

func (d *dialer) regained(nc *natsgo.Conn) {
	d.status.connected.Store(true)
	d.status.reconnects.Add(1)
	d.logger.Info("NATS connection restored", "url", masked(nc.ConnectedUrl()))
}

func (d *dialer) logError(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
	d.logger.Error("NATS error", "err", err)
}

// jitter returns a random duration between d/2 and d, so that many clients do not retry at the same instant.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
