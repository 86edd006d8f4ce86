// Package delivertest runs a real mail server in a test.
package delivertest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Letter is a mail that the server took.
type Letter struct {
	ID, To string
	Raw    string
}

// Server takes mail on a port of this machine. It demands STARTTLS, and the user and password if
// they are set. Its fields are set before it starts.
type Server struct {
	User, Password string
	// Refuse returns the error for a recipient, nil to take it.
	Refuse func(to string) error
	// Data is called when a mail has been read and before it is answered, which an error
	// refuses. It may be nil.
	Data func(l Letter) error
	// Cut has the server hang up after so many bytes of each mail, 0 for never.
	Cut func() int64

	// Authority is the certificate that verifies the server, as PEM.
	Authority []byte

	server   *smtp.Server
	listener net.Listener
	mu       sync.Mutex
	letters  []Letter
	news     chan struct{} // closed when there is another letter
}

// Start starts the server.
func (s *Server) Start() error {
	certificate, err := s.certificate()
	if err != nil {
		return err
	}
	s.news = make(chan struct{})
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c, known: s.User == ""}, nil
	}))
	s.server.Domain, s.server.TLSConfig = "localhost", &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	s.server.ErrorLog = silent{}
	go func() { _ = s.server.Serve(s.listener) }() // it ends with an error when it is closed
	return nil
}

// Port returns the port.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close ends the server.
func (s *Server) Close() error { return s.server.Close() }

// Letters returns what it has taken so far.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

// Await waits until what it has taken meets a condition. The error is that of the context.
func (s *Server) Await(ctx context.Context, met func([]Letter) bool) error {
	for {
		s.mu.Lock()
		all, news := slices.Clone(s.letters), s.news
		s.mu.Unlock()
		if met(all) {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// certificate makes a certificate that is its own authority.
func (s *Server) certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	s.Authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	known  bool
	to     []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.User || password != s.server.Password {
			return errors.New("wrong user or password")
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if _, encrypted := s.conn.TLSConnectionState(); !encrypted {
		return &smtp.SMTPError{Code: 530, Message: "STARTTLS first"}
	}
	if !s.known {
		return &smtp.SMTPError{Code: 530, Message: "log in first"}
	}
	s.to = nil
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.Refuse != nil {
		if err := s.server.Refuse(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.server.Cut != nil {
		if n := s.server.Cut(); n > 0 {
			if _, err := io.CopyN(io.Discard, r, n); err != nil {
				return err
			}
			return s.conn.Conn().Close()
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	for _, to := range s.to {
		l := Letter{ID: parsed.Header.Get("Message-ID"), To: to, Raw: string(raw)}
		if s.server.Data != nil {
			if err := s.server.Data(l); err != nil {
				return err
			}
		}
		s.server.mu.Lock()
		s.server.letters = append(s.server.letters, l)
		close(s.server.news)
		s.server.news = make(chan struct{})
		s.server.mu.Unlock()
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
