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

// Options says how to reach NATS. The zero value is an unauthenticated server at its usual place on this machine.
//
// Secrets are files, and are read again at each connection, so that they can be exchanged while the program runs.
// No more than one of CredentialsFile, NKeyFile, User and TokenFile may be given.
type Options struct {
	// URL is the server, or several of one cluster separated by commas.
	URL string
	// Name is what the server's own monitoring calls this client.
	Name string

	// CredentialsFile holds a user's JWT and seed, as nsc writes it.
	CredentialsFile string
	// NKeyFile holds a user's nkey seed.
	NKeyFile string
	// User and PasswordFile go together.
	User         string
	PasswordFile string
	// TokenFile holds a token.
	TokenFile string

	// TLSCAFile verifies the server instead of the system's authorities.
	TLSCAFile string
	// TLSCertFile and TLSKeyFile go together and show the server who we are.
	TLSCertFile string
	TLSKeyFile  string

	// Logger gets a line for each lost and each regained connection; nil discards them.
	Logger *slog.Logger
	// Status follows the connection for whoever exposes it as a metric; nil does not.
	Status *Status
}

// Status is the state of a connection, to be read at any time by anybody. The zero value is "not connected".
type Status struct {
	connected  atomic.Bool
	reconnects atomic.Uint64
}

// Connected says whether the connection stands.
func (s *Status) Connected() bool { return s.connected.Load() }

// Reconnects counts how often a lost connection was regained.
func (s *Status) Reconnects() uint64 { return s.reconnects.Load() }

const (
	pingInterval  = 10 * time.Second // with two missed pings a dead peer is noticed in half a minute
	dialTimeout   = 2 * time.Second
	writeTimeout  = 10 * time.Second // a peer that takes nothing for so long is as good as dead
	retryWait     = 250 * time.Millisecond
	retryWaitMost = 5 * time.Second
)

// Connect connects, and keeps trying until it has done so or ctx ends: a server that is absent is waited for.
// What waiting cannot mend, a wrong option, an unreadable file or a server that refuses us, is an error at once.
//
// Once connected it reconnects for ever by itself. The caller closes the connection.
func Connect(ctx context.Context, o Options) (*natsgo.Conn, error) {
	d, err := newDialer(o)
	if err != nil {
		return nil, err
	}
	return d.dialUntil(ctx, d.reconnecting()...)
}

// dialer is Options checked and turned into those of nats.go.
type dialer struct {
	url     string
	who     string // the credentials in words, for errors
	options []natsgo.Option
	logger  *slog.Logger
	status  *Status
}

func newDialer(o Options) (*dialer, error) {
	d := &dialer{url: cmp.Or(o.URL, natsgo.DefaultURL), logger: orDiscard(o.Logger), status: cmp.Or(o.Status, &Status{})}
	if err := checkURLs(d.url); err != nil {
		return nil, err
	}
	d.options = []natsgo.Option{
		natsgo.Name(o.Name),
		natsgo.Timeout(dialTimeout),
		natsgo.PingInterval(pingInterval),
		natsgo.FlusherTimeout(writeTimeout),
		natsgo.ErrorHandler(d.logError),
	}
	who, credentials, err := credentials(o)
	if err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	d.who = who
	secure, err := tlsOptions(o)
	if err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	d.options = append(append(d.options, credentials...), secure...)
	return d, nil
}

// checkURLs finds the address that nats.go would not understand, without repeating it: it may hold a password.
func checkURLs(urls string) error {
	for i, address := range strings.Split(urls, ",") {
		address = strings.TrimSpace(address)
		if !strings.Contains(address, "://") {
			address = "nats://" + address
		}
		if u, err := url.Parse(address); err != nil || u.Hostname() == "" {
			return fmt.Errorf("connect to nats: address %d of the url is not one: expected nats://host:port", i+1)
		}
	}
	return nil
}

// reconnecting is for a connection that nats.go keeps alive. It does not keep requests while it has none:
// whoever asks learns at once that nobody is there, instead of getting an answer to an old question later.
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

// dialUntil dials until it works, nothing can make it work, or ctx ends.
func (d *dialer) dialUntil(ctx context.Context, more ...natsgo.Option) (*natsgo.Conn, error) {
	options := append(append([]natsgo.Option(nil), d.options...), more...)
	for wait := retryWait; ; wait = min(2*wait, retryWaitMost) {
		nc, err := natsgo.Connect(d.url, options...)
		if err == nil {
			d.status.connected.Store(true)
			return nc, nil
		}
		err = d.explain(err)
		if isRefusal(err) {
			return nil, err
		}
		d.logger.Warn("nats does not answer, trying again", "error", err, "wait", wait)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(jitter(wait)):
		}
	}
}

func (d *dialer) explain(err error) error {
	switch {
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return fmt.Errorf("connect to nats: %w: give the file of the authority that signed the server's certificate", err)
	case isRefusal(err):
		return fmt.Errorf("connect to nats with %s: %w: check that the server knows this user", d.who, err)
	case errors.Is(err, natsgo.ErrNoServers):
		return fmt.Errorf("connect to nats: %w: is it running, and is the address right?", err)
	default:
		return fmt.Errorf("connect to nats: %w", err)
	}
}

// isRefusal tells a server that does not want us from one that is not there.
func isRefusal(err error) bool {
	if errors.As(err, new(*tls.CertificateVerificationError)) {
		return true
	}
	for _, refusal := range []error{
		natsgo.ErrAuthorization, natsgo.ErrAuthExpired, natsgo.ErrAuthRevoked, natsgo.ErrAccountAuthExpired,
		natsgo.ErrNkeysNotSupported, natsgo.ErrSecureConnRequired, natsgo.ErrSecureConnWanted,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

func (d *dialer) lost(err error) {
	if d.status.connected.Swap(false) && err != nil { // without one we closed it ourselves
		d.logger.Warn("connection to nats lost, reconnecting", "error", err)
	}
}

func (d *dialer) regained(nc *natsgo.Conn) {
	d.status.connected.Store(true)
	d.status.reconnects.Add(1)
	d.logger.Info("connection to nats regained", "url", nc.ConnectedUrlRedacted())
}

func (d *dialer) logError(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
	d.logger.Error("nats reports an error", "error", err)
}

// jitter spreads what many clients would else do in the same instant: half of d and up to half of it more.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
