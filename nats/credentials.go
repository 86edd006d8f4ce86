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
func credentials(o Options) (who string, options []natsgo.Option, err error) {
	given := 0
	for _, name := range []string{o.CredentialsFile, o.NKeyFile, o.User, o.TokenFile} {
		if name != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return "", nil, errors.New("more than one of credentials file, nkey file, user and token file is set: keep one")
	case (o.User == "") != (o.PasswordFile == ""):
		return "", nil, errors.New("set both the user and the password file, or neither")
	case o.CredentialsFile != "":
		options, err = fromCredentialsFile(o.CredentialsFile)
		return fmt.Sprintf("credentials file %q", o.CredentialsFile), options, err
	case o.NKeyFile != "":
		options, err = fromNKeyFile(o.NKeyFile)
		return fmt.Sprintf("nkey file %q", o.NKeyFile), options, err
	case o.User != "":
		options, err = fromPasswordFile(o.User, o.PasswordFile)
		return fmt.Sprintf("user %q and password file %q", o.User, o.PasswordFile), options, err
	case o.TokenFile != "":
		options, err = fromTokenFile(o.TokenFile)
		return fmt.Sprintf("token file %q", o.TokenFile), options, err
	}
	return "no credentials", nil, nil
}

func fromCredentialsFile(path string) ([]natsgo.Option, error) {
	contents, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the credentials file: %w", err)
	}
	if _, err := nkeys.ParseDecoratedUserNKey(contents); err != nil { // the JWT is not checked: any text passes for one
		return nil, fmt.Errorf("credentials file %q has no user seed: create it with nsc generate creds", path)
	}
	return []natsgo.Option{natsgo.UserCredentials(path)}, nil
}

func fromNKeyFile(path string) ([]natsgo.Option, error) {
	if _, err := os.ReadFile(path); err != nil {
		return nil, fmt.Errorf("read the nkey file: %w", err)
	}
	option, err := natsgo.NkeyOptionFromSeed(path)
	if err != nil {
		return nil, fmt.Errorf("nkey file %q has no user seed, which starts with SU: create it with nk -gen user", path)
	}
	return []natsgo.Option{option}, nil
}

func fromPasswordFile(user, path string) ([]natsgo.Option, error) {
	if _, err := readSecret(path); err != nil {
		return nil, fmt.Errorf("read the password file: %w", err)
	}
	return []natsgo.Option{natsgo.UserInfoHandler(func() (string, string) {
		password, _ := readSecret(path) // on an error the server refuses the empty password, and that is logged
		return user, password
	})}, nil
}

func fromTokenFile(path string) ([]natsgo.Option, error) {
	if _, err := readSecret(path); err != nil {
		return nil, fmt.Errorf("read the token file: %w", err)
	}
	return []natsgo.Option{natsgo.TokenHandler(func() string {
		token, _ := readSecret(path)
		return token
	})}, nil
}

// readSecret reads a secret from a file, without a newline at the end.
func readSecret(path string) (string, error) {
	contents, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(contents), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is empty", path)
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
			return nil, fmt.Errorf("read the TLS authority file: %w", err)
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
