package deliver

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// MailServer is a server that takes mail.
type MailServer struct {
	Host string
	Port int
	// TLS is one of the values of [TLSModes]; empty stands for StartTLS.
	TLS string
	// CAFile holds the authorities that verify the server, instead of those of the system.
	CAFile string
	// Username and PasswordFile are both set or both empty.
	Username, PasswordFile string
	// From is the address that mail comes from, such as "Belfry <belfry@example.com>".
	From string
	// Timeout bounds how long the server may take to answer; 0 stands for 30 s.
	Timeout time.Duration
}

// The ways to encrypt mail on its way to the server. Without encryption, no password is sent
// to another machine.
const (
	StartTLS = "starttls"
	TLS      = "tls"
	NoTLS    = "none"
)

// TLSModes lists them.
var TLSModes = []string{StartTLS, TLS, NoTLS}

// Mailbox is a recipient of mail.
type Mailbox struct {
	Server  *MailServer
	Address string
}

// String returns the address.
func (m Mailbox) String() string { return "mail to " + m.Address }

// Send sends a mail to one recipient in one transaction.
func (m Mailbox) Send(ctx context.Context, message Message) error {
	letter, err := m.compose(message)
	if err != nil {
		return PermanentError{err}
	}
	client, err := m.Server.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 4*timeout)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, letter); err != nil {
		return m.explain(letter, err)
	}
	return nil
}

// compose writes the mail.
func (m Mailbox) compose(message Message) (*mail.Msg, error) {
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := letter.From(m.Server.From); err != nil {
		return nil, fmt.Errorf("invalid sender %q: %w", m.Server.From, err)
	}
	if err := letter.To(m.Address); err != nil {
		return nil, fmt.Errorf("invalid recipient %q: %w", m.Address, err)
	}
	letter.SetMessageIDWithValue(message.ID + "." + Key(m) + "@" + m.Server.domain())
	letter.SetDateWithValue(message.At)
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.Subject(message.Subject)
	letter.SetBodyString(mail.TypeTextPlain, message.Text)
	if message.HTML != "" {
		letter.AddAlternativeString(mail.TypeTextHTML, message.HTML)
	}
	for _, f := range message.Inline {
		letter.EmbedReadSeeker(f.Name, bytes.NewReader(f.Data), mail.WithFileContentType(mail.ContentType(f.Type)),
			mail.WithFileContentID("<"+f.Name+">"))
	}
	for _, f := range message.Attachments {
		letter.AttachReadSeeker(f.Name, bytes.NewReader(f.Data), mail.WithFileContentType(mail.ContentType(f.Type)))
	}
	return letter, nil
}

// domain returns the part of the sender's address that identifies it.
func (s *MailServer) domain() string {
	if a, err := netmail.ParseAddress(s.From); err == nil {
		if _, domain, ok := strings.Cut(a.Address, "@"); ok {
			return domain
		}
	}
	return "localhost"
}

// client returns a client for one mail.
func (s *MailServer) client() (*mail.Client, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		authorities, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the authorities of the mail server: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, PermanentError{fmt.Errorf("%s has no certificate", s.CAFile)}
		}
	}
	options := []mail.Option{
		mail.WithPort(s.Port), mail.WithTimeout(cmp.Or(s.Timeout, timeout)), mail.WithTLSConfig(config),
	}
	switch s.TLS {
	case TLS:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Username != "" {
		password, err := secret("password of the mail server", s.PasswordFile)
		if err != nil {
			return nil, err
		}
		// Which mechanism is chosen depends on what the server offers; none sends the password
		// in the clear over a connection that is not encrypted.
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.Username),
			mail.WithPassword(password))
	}
	client, err := mail.NewClient(s.Host, options...)
	if err != nil {
		return nil, PermanentError{fmt.Errorf("mail server %s: %w", s.Host, err)}
	}
	return client, nil
}

// explain says who has refused what. A reply of 5xx is for good, unless it is about how to log
// in, which somebody may mend meanwhile.
func (m Mailbox) explain(letter *mail.Msg, err error) error {
	said := fmt.Errorf("%s by %s:%d: %w", m, m.Server.Host, m.Server.Port, err)
	if sent, ok := errors.AsType[*mail.SendError](err); ok && !sent.IsTemp() && sent.ErrorCode() >= 500 {
		return PermanentError{said}
	}
	return said
}
