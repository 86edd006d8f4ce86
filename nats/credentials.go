package nats

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// credentials turns the files of o into options, and describes them for errors without repeating a secret. It reads
// each file, so that a wrong path is reported at the start and not as a refused connection.
func credentials(o Options) (l login, err error) {
	given := 0
	for _, name := range []string{o.CredentialsFile, o.NKeyFile, o.User, o.TokenFile} {
		if name != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return l, errors.New("more than one of credentials file, nkey file, user and token file is set: keep one")
	case (o.User == "") != (o.PasswordFile == ""):
		return l, errors.New("set both the user and the password file, or neither")
	case o.CredentialsFile != "":
		l = login{who: fmt.Sprintf("credentials file %q", o.CredentialsFile),
			fix: "check that they are for this server's operator and for an account that it knows"}
		l.opts, err = fromCredentialsFile(o.CredentialsFile)
	case o.NKeyFile != "":
		l = login{who: fmt.Sprintf("nkey file %q", o.NKeyFile),
			fix: "check that the server's configuration lists the public key of this nkey"}
		l.opts, err = fromNKeyFile(o.NKeyFile)
	case o.User != "":
		l = login{who: fmt.Sprintf("user %q and password file %q", o.User, o.PasswordFile),
			fix: "check that the server knows this user, and that the file holds the user's password"}
		l.opts, err = fromPasswordFile(o.User, o.PasswordFile)
	case o.TokenFile != "":
		l = login{who: fmt.Sprintf("token file %q", o.TokenFile), fix: "check that the file holds the server's token"}
		l.opts, err = fromTokenFile(o.TokenFile)
	default:
		l = login{who: "no credentials",
			fix: "the server asks for some: set a credentials file, an nkey file, a user with a password file, or a token file"}
	}
	return l, err
}

// unreadable describes a file that cannot be read.
func unreadable(what string, err error) error {
	if errors.Is(err, errEmpty) {
		return fmt.Errorf("read the %s: %w", what, err)
	}
	return fmt.Errorf("read the %s: %w: check the path, and that this user may read the file", what, err)
}

func fromCredentialsFile(path string) ([]natsgo.Option, error) {
	contents, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable("credentials file", err)
	}
	if _, err := nkeys.ParseDecoratedUserNKey(contents); err != nil { // the JWT is not checked: any text passes for one
		return nil, fmt.Errorf("credentials file %q has no user seed: create it with nsc generate creds", path)
	}
	return []natsgo.Option{natsgo.UserCredentials(path)}, nil
}

func fromNKeyFile(path string) ([]natsgo.Option, error) {
	if _, err := os.ReadFile(path); err != nil {
		return nil, unreadable("nkey file", err)
	}
	option, err := natsgo.NkeyOptionFromSeed(path)
	if err != nil {
		return nil, fmt.Errorf("nkey file %q has no user seed, which starts with SU: create it with nk -gen user", path)
	}
	return []natsgo.Option{option}, nil
}

func fromPasswordFile(user, path string) ([]natsgo.Option, error) {
	if _, err := readSecret(path); err != nil {
		return nil, unreadable("password file", err)
	}
	return []natsgo.Option{natsgo.UserInfoHandler(func() (string, string) {
		password, _ := readSecret(path) // on an error the server refuses the empty password, and that is logged
		return user, password
	})}, nil
}

func fromTokenFile(path string) ([]natsgo.Option, error) {
	if _, err := readSecret(path); err != nil {
		return nil, unreadable("token file", err)
	}
	return []natsgo.Option{natsgo.TokenHandler(func() string {
		token, _ := readSecret(path)
		return token
	})}, nil
}

// errEmpty ends the message about a file that holds no secret.
var errEmpty = errors.New("is empty: write the secret into it")

// readSecret reads a secret from a file, without a newline at the end.
func readSecret(path string) (string, error) {
	contents, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(contents), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s %w", path, errEmpty)
	}
	return secret, nil
}

// tlsOptions returns the options for TLS, none if it is not configured. It reads the certificates once, so that an
// error names the file. Client certificates are read again for each handshake.
func tlsOptions(o Options) ([]natsgo.Option, error) {
	if o.TLSCAFile == "" && o.TLSCertFile == "" && o.TLSKeyFile == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLSCAFile != "" {
		pem, err := os.ReadFile(o.TLSCAFile)
		if err != nil {
			return nil, unreadable("TLS authority file", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("TLS authority file %q has no PEM certificate", o.TLSCAFile)
		}
	}
	if (o.TLSCertFile == "") != (o.TLSKeyFile == "") {
		return nil, errors.New("set both the TLS certificate file and the key file, or neither")
	}
	if o.TLSCertFile != "" {
		if _, err := tls.LoadX509KeyPair(o.TLSCertFile, o.TLSKeyFile); err != nil {
			return nil, fmt.Errorf("load the TLS certificate and key: %w", err)
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(o.TLSCertFile, o.TLSKeyFile)
			return &pair, err
		}
	}
	return []natsgo.Option{natsgo.Secure(config)}, nil
}
