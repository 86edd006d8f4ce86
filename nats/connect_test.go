package nats

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// runServer runs a NATS server with options that the embedded one does not offer.
func runServer(t *testing.T, o *server.Options) (url string) {
	t.Helper()
	srv, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	if !srv.ReadyForConnections(patience) {
		t.Fatal("server does not start")
	}
	return srv.ClientURL()
}

func bareOptions() *server.Options {
	return &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true}
}

// file writes a file into a directory of the test and returns its path.
func file(t *testing.T, name, contents string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConnectOptionErrors(t *testing.T) {
	empty := file(t, "empty", "\n")
	text := file(t, "text", "not a secret of any kind")
	missing := filepath.Join(t.TempDir(), "missing")
	const noFile = ": no such file or directory: check the path, and that this user may read the file"
	for _, test := range []struct {
		options Options
		want    string // after "connect to nats: "
	}{
		{Options{URL: "nats://u:hunter2@ho st"}, "invalid address 1 in the URL: use nats://host:port"},
		{Options{URL: "nats://a:4222,,"}, "invalid address 2 in the URL: use nats://host:port"},
		{Options{CredentialsFile: missing}, "read the credentials file: open " + missing + noFile},
		{
			Options{CredentialsFile: text},
			`credentials file "` + text + `" has no user seed: create it with nsc generate creds`,
		},
		{Options{NKeyFile: missing}, "read the nkey file: open " + missing + noFile},
		{
			Options{NKeyFile: text},
			`nkey file "` + text + `" has no user seed, which starts with SU: create it with nk -gen user`,
		},
		{
			Options{User: "belfry", PasswordFile: empty},
			"read the password file: " + empty + " is empty: write the secret into it",
		},
		{Options{User: "belfry"}, "set both the user and the password file, or neither"},
		{Options{PasswordFile: text}, "set both the user and the password file, or neither"},
		{Options{TokenFile: missing}, "read the token file: open " + missing + noFile},
		{
			Options{TokenFile: text, NKeyFile: text},
			"more than one of credentials file, nkey file, user and token file is set: keep one",
		},
		{Options{TLSCAFile: missing}, "read the TLS authority file: open " + missing + noFile},
		{Options{TLSCAFile: text}, `TLS authority file "` + text + `" has no PEM certificate`},
		{Options{TLSCertFile: text}, "set both the TLS certificate file and the key file, or neither"},
		{
			Options{TLSCertFile: text, TLSKeyFile: text},
			"load the TLS certificate and key: tls: failed to find any PEM data in certificate input",
		},
	} {
		_, err := Connect(t.Context(), test.options)
		if want := "connect to nats: " + test.want; err == nil || err.Error() != want {
			t.Errorf("error is\n%v\nwant\n%s", err, want)
		}
	}
}

func TestConnectWithUser(t *testing.T) {
	o := bareOptions()
	o.Users = []*server.User{{Username: "belfry", Password: "right"}}
	url := runServer(t, o)
	right, wrong := file(t, "right", "right\n"), file(t, "wrong", "wrong\n")
	connect(t, Options{URL: url, User: "belfry", PasswordFile: right})

	_, err := Connect(within(t, patience), Options{URL: url, User: "belfry", PasswordFile: wrong})
	want := "connect to nats at " + url + ` with user "belfry" and password file "` + wrong + `": ` +
		"nats: Authorization Violation: check that the server knows this user, and that the file holds the user's password"
	if err == nil || !strings.EqualFold(err.Error(), want) {
		t.Errorf("error is\n%v\nwant\n%s", err, want)
	}
	_, err = Connect(within(t, patience), Options{URL: url})
	if err == nil || !errors.Is(err, natsgo.ErrAuthorization) || !strings.Contains(err.Error(), "with no credentials") {
		t.Errorf("without credentials: %v", err)
	}
}

func TestConnectWithToken(t *testing.T) {
	o := bareOptions()
	o.Authorization = "token of the test"
	connect(t, Options{URL: runServer(t, o), TokenFile: file(t, "token", "token of the test\n")})
}

func TestConnectWithNKey(t *testing.T) {
	seed, user := userKey(t)
	o := bareOptions()
	o.Nkeys = []*server.NkeyUser{{Nkey: user}}
	connect(t, Options{URL: runServer(t, o), NKeyFile: file(t, "user.nk", seed)})
}

func TestConnectWithCredentials(t *testing.T) {
	operator, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	account, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	seed, user := userKey(t)
	accountJWT := encode(t, operator, jwt.NewAccountClaims(public(t, account)))
	userJWT := encode(t, account, jwt.NewUserClaims(user))
	contents, err := jwt.FormatUserConfig(userJWT, []byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	o := bareOptions()
	o.TrustedKeys = []string{public(t, operator)}
	resolver := &server.MemAccResolver{}
	if err := resolver.Store(public(t, account), accountJWT); err != nil {
		t.Fatal(err)
	}
	o.AccountResolver = resolver
	connect(t, Options{URL: runServer(t, o), CredentialsFile: file(t, "user.creds", string(contents))})

	noSeed := file(t, "user.jwt", "-----BEGIN NATS USER JWT-----\n"+userJWT+"\n------END NATS USER JWT------\n")
	_, err = Connect(t.Context(), Options{CredentialsFile: noSeed})
	if err == nil || !strings.Contains(err.Error(), "has no user seed") {
		t.Errorf("credentials without a seed: %v", err)
	}
}

func userKey(t *testing.T) (seed, publicKey string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return string(secret), public(t, pair)
}

func public(t *testing.T, pair nkeys.KeyPair) string {
	t.Helper()
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encode(t *testing.T, by nkeys.KeyPair, claims jwt.Claims) string {
	t.Helper()
	token, err := claims.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// The server demands TLS and a certificate of ours; without its authority we do not trust it.
func TestConnectWithTLS(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	authority := x509.NewCertPool()
	contents, err := os.ReadFile(certFile)
	if err != nil || !authority.AppendCertsFromPEM(contents) {
		t.Fatal("no certificate", err)
	}
	o := bareOptions()
	o.TLSConfig = &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: authority, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	o.TLSTimeout = patience.Seconds()
	url := runServer(t, o)
	connect(t, Options{URL: url, TLSCAFile: certFile, TLSCertFile: certFile, TLSKeyFile: keyFile})

	_, err = Connect(within(t, patience), Options{URL: url})
	want := "set the TLS CA file to the authority that signed the server's certificate"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want it to say %q", err, want)
	}
}

// certificate creates a self-signed certificate for 127.0.0.1. Edits change it before it is signed.
func certificate(t *testing.T, edits ...func(*x509.Certificate)) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, edit := range edits {
		edit(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return file(t, "cert.pem", encoded("CERTIFICATE", der)), file(t, "key.pem", encoded("PRIVATE KEY", private))
}

// Nobody listens: Connect waits until its context ends, and says both. The log tells no password.
func TestConnectToNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = Connect(ctx, Options{
		URL: "nats://belfry:hunter2@" + address, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	question := "connect to nats at nats://" + address + ": nats: no servers available for connection: " +
		"nobody listens there: start the server, or correct the host and the port"
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), question) {
		t.Errorf("error is %v", err)
	}
	if !strings.Contains(log.String(), "NATS does not answer, retrying") {
		t.Errorf("log is %q", log.String())
	}
	if strings.Contains(log.String()+err.Error(), "hunter2") {
		t.Errorf("the password is repeated: %v\n%s", err, log.String())
	}
}

// A server that comes later is waited for, one that goes is waited for again, and the status follows.
func TestConnectFollowsTheServer(t *testing.T) {
	srv := startServer(t)
	url := srv.URL()
	srv.stop()
	var status Status
	lines := make(logLines, 100)
	connected := make(chan *natsgo.Conn)
	go func() {
		nc, err := Connect(within(t, patience), Options{
			URL: url, Status: &status, Logger: slog.New(slog.NewTextHandler(lines, nil)),
		})
		if err != nil {
			t.Error(err)
		}
		connected <- nc
	}()
	if status.Connected() {
		t.Error("connected to a server that is down")
	}
	srv.up()
	nc := await(t, connected, "the connection")
	defer nc.Close()
	if !status.Connected() || status.Reconnects() != 0 {
		t.Errorf("connected %v, reconnects %d", status.Connected(), status.Reconnects())
	}
	srv.stop()
	lines.await(t, "NATS connection lost, reconnecting")
	if status.Connected() {
		t.Error("connected to a server that has gone")
	}
	srv.up()
	lines.await(t, "NATS connection restored")
	if !status.Connected() || status.Reconnects() != 1 {
		t.Errorf("after a restart: connected %v, reconnects %d", status.Connected(), status.Reconnects())
	}
}

// logLines receives the lines of a log, for tests that wait for one.
type logLines chan string

func (l logLines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

func (l logLines) await(t *testing.T, want string) {
	t.Helper()
	for !strings.Contains(await(t, l, "the log line "+want), want) {
	}
}

// An error about a missing permission names it.
func TestPermissionsMissing(t *testing.T) {
	o := bareOptions()
	o.JetStream, o.StoreDir = true, t.TempDir()
	o.Users = []*server.User{{Username: "belfry", Password: "secret", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Deny: []string{"$JS.API.STREAM.>", "notify.>"}},
	}}}
	url, password := runServer(t, o), file(t, "password", "secret")
	nc := connect(t, Options{URL: url, User: "belfry", PasswordFile: password})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := EnsureStreams(ctx, nc, StreamOptions{})
	want := `Permissions Violation for Publish to "$JS.API.STREAM.INFO.NOTIFY_00": give this user the permission at ` + url
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("EnsureStreams: %v", err)
	}

	p, err := NewPublisher(t.Context(), Options{URL: url, User: "belfry", PasswordFile: password},
		PublisherOptions{Partitions: 1, AckWait: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	publishNumbered(t, p, 1, 1)
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = p.Close(ctx)
	want = `Permissions Violation for Publish to "notify.0.sent": give this user the permission`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Close: %v", err)
	}
}

func TestNoJetStream(t *testing.T) {
	nc := connect(t, Options{URL: runServer(t, bareOptions())})
	err := EnsureStreams(within(t, patience), nc, StreamOptions{})
	want := "the server at " + nc.ConnectedUrl() + ", or this account on it, has no JetStream: enable it"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v", err)
	}
}
