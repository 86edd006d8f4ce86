package nats

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// explain says where a connection failed, why, and what to do.
func (d *dialer) explain(err error) error {
	with := ""
	if isLogin(err) {
		with = " with " + d.login.who
	}
	return fmt.Errorf("connect to nats at %s%s: %w: %s", d.address(), with, err, d.hint(err))
}

// address returns the servers without what logs in: passwords and tokens.
func (d *dialer) address() string {
	var all []string
	for address := range strings.SplitSeq(d.url, ",") {
		all = append(all, masked(address))
	}
	return strings.Join(all, ",")
}

// masked returns an address as scheme://host:port.
func masked(address string) string {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		address = "nats://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "?" // checkURLs has refused it
	}
	return u.Scheme + "://" + u.Host
}

// hint says what to do about a failed connection.
func (d *dialer) hint(err error) string {
	var verification *tls.CertificateVerificationError
	var unknownHost *net.DNSError
	switch {
	case errors.As(err, &verification):
		return d.certificateHint(verification)
	case errors.Is(err, natsgo.ErrSecureConnWanted):
		return "the server does not offer TLS: use nats:// instead of tls:// and set no TLS files, or enable TLS on it"
	case errors.Is(err, natsgo.ErrSecureConnRequired):
		return "the server wants TLS: set the TLS CA file, or use tls:// if this machine trusts its certificate"
	case errors.As(err, new(tls.RecordHeaderError)):
		return "what answers does not speak TLS: check the port, or connect with nats:// and no TLS files"
	case errors.As(err, new(tls.AlertError)) || errors.Is(err, natsgo.ErrTLS) ||
		strings.Contains(err.Error(), "remote error: tls"):
		return "the server ended the TLS handshake: set the client certificate and key that it asks for"
	case isLogin(err):
		return d.login.hint(err)
	case errors.As(err, &unknownHost):
		return fmt.Sprintf("check the name %q in the address, and the DNS of this machine", unknownHost.Name)
	case errors.Is(err, natsgo.ErrNoServers):
		return "nobody listens there: start the server, or correct the host and the port"
	case isSilent(err):
		return "something accepts connections there but does not greet as NATS does: check the port (clients use 4222, " +
			"8222 is for monitoring), and that the server does not wait for TLS first"
	case errors.Is(err, natsgo.ErrNoInfoReceived):
		return "what answers there is not NATS: check the port (clients use 4222)"
	default:
		return "check the address, and that the network lets this machine reach it"
	}
}

// isSilent reports whether a connection was made, but nothing came.
func isSilent(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Timeout() {
		return op.Op == "read"
	}
	return errors.Is(err, natsgo.ErrTimeout) && !errors.As(err, &op)
}

// certificateHint says what to do about a certificate that is not trusted.
func (d *dialer) certificateHint(err *tls.CertificateVerificationError) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		names := namesOf(host.Certificate)
		if names == "" {
			return "the server's certificate names no host: give the server one that names " + host.Host
		}
		return fmt.Sprintf("the server's certificate is for %s: use one of these in the address, "+
			"or give the server one that names %s", names, host.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		from, to := invalid.Cert.NotBefore, invalid.Cert.NotAfter
		if time.Now().Before(from) {
			return fmt.Sprintf("the server's certificate is valid from %s: check the clocks of both machines", day(from))
		}
		return fmt.Sprintf("the server's certificate expired on %s: renew it on the server", day(to))
	case d.authorityFile != "":
		return fmt.Sprintf("the server's certificate is not signed by an authority in %q: "+
			"set the TLS CA file to the one that signed it", d.authorityFile)
	default:
		return "set the TLS CA file to the authority that signed the server's certificate"
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// namesOf lists the hosts that a certificate names.
func namesOf(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return strings.Join(names, ", ")
}

// isLogin reports whether a server refused the credentials.
func isLogin(err error) bool {
	for _, refusal := range []error{
		natsgo.ErrAuthorization, natsgo.ErrAuthExpired, natsgo.ErrAuthRevoked, natsgo.ErrAccountAuthExpired,
		natsgo.ErrNkeysNotSupported,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// login describes what a client logs in with.
type login struct {
	who  string // for errors, without a secret
	fix  string // what to do if the server refuses it
	opts []natsgo.Option
}

func (l login) hint(err error) string {
	switch {
	case errors.Is(err, natsgo.ErrAuthExpired), errors.Is(err, natsgo.ErrAccountAuthExpired):
		return "they have expired: create new ones"
	case errors.Is(err, natsgo.ErrAuthRevoked):
		return "they were revoked: create new ones"
	case errors.Is(err, natsgo.ErrNkeysNotSupported):
		return "this server does not take nkeys or JWTs: set what it takes, such as a user and a password file"
	}
	return l.fix
}
