package nats

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// overTLS runs a server with TLS, whose certificate is self-signed and edited.
func overTLS(t *testing.T, auth tls.ClientAuthType, edits ...func(*x509.Certificate)) (url, certFile string) {
	t.Helper()
	certFile, keyFile := certificate(t, edits...)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	o := bareOptions()
	o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: auth}
	o.TLSTimeout = patience.Seconds()
	return runServer(t, o), certFile
}

// greeter listens and says one line to whoever connects.
func greeter(t *testing.T, line string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(line))
		}
	}()
	return listener.Addr().String()
}

func withUser(o *server.Options, name, password string) *server.Options {
	o.Users = []*server.User{{Username: name, Password: password}}
	return o
}

// hintCases holds what is wrong with a connection, and what the error says. $URL stands for the address.
func hintCases(t *testing.T) map[string]struct {
	o    Options
	want []string
} {
	other, ca := overTLS(t, tls.NoClientCert, func(c *x509.Certificate) {
		c.IPAddresses, c.DNSNames = []net.IP{net.IPv4(10, 0, 0, 7)}, []string{"nats.example.com", "*.nats.example.com"}
	})
	nameless, namelessCA := overTLS(t, tls.NoClientCert, func(c *x509.Certificate) { c.IPAddresses = nil })
	expired, expiredCA := overTLS(t, tls.NoClientCert, func(c *x509.Certificate) {
		c.NotAfter = time.Date(2026, time.January, 2, 12, 0, 0, 0, time.UTC)
	})
	early, earlyCA := overTLS(t, tls.NoClientCert, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(1, 0, 0), time.Now().AddDate(2, 0, 0)
	})
	unknown, _ := overTLS(t, tls.NoClientCert)
	demanding, demandingCA := overTLS(t, tls.RequireAnyClientCert)
	plain := runServer(t, bareOptions())
	users := runServer(t, withUser(bareOptions(), "belfry", "right"))
	web := httptest.NewServer(nil)
	t.Cleanup(web.Close)
	seed, _ := userKey(t)
	key, wrong := file(t, "user.nk", seed), file(t, "wrong", "hunter2")
	type c = struct {
		o    Options
		want []string
	}
	return map[string]c{
		"certificate without the address": {Options{URL: other, TLSCAFile: ca}, []string{
			"the server's certificate is for nats.example.com, *.nats.example.com, 10.0.0.7: " +
				"use one of these in the address, or give the server one that names 127.0.0.1"}},
		"certificate without names": {Options{URL: nameless, TLSCAFile: namelessCA}, []string{
			"the server's certificate names no host: give the server one that names 127.0.0.1"}},
		"expired certificate": {Options{URL: expired, TLSCAFile: expiredCA}, []string{
			"the server's certificate expired on 2026-01-02: renew it on the server"}},
		"certificate of the future": {Options{URL: early, TLSCAFile: earlyCA}, []string{
			"the server's certificate is valid from " + day(time.Now().AddDate(1, 0, 0)) + ": check the clocks"}},
		"unknown authority": {Options{URL: unknown}, []string{
			"set the TLS CA file to the authority that signed the server's certificate"}},
		"another authority": {Options{URL: unknown, TLSCAFile: ca}, []string{
			"is not signed by an authority in \"" + ca + "\": set the TLS CA file to the one that signed it"}},
		"no client certificate": {Options{URL: demanding, TLSCAFile: demandingCA}, []string{
			"set the client certificate and key that it asks for"}},
		"TLS to a server without it": {Options{URL: strings.Replace(plain, "nats:", "tls:", 1)}, []string{
			"the server does not offer TLS: use nats:// instead of tls:// and set no TLS files"}},
		"TLS files for a server without it": {Options{URL: plain, TLSCAFile: ca}, []string{
			"the server does not offer TLS"}},
		"wrong password": {Options{URL: users, User: "belfry", PasswordFile: wrong}, []string{
			`with user "belfry" and password file`, "check that the server knows this user, and that the file holds"}},
		"no credentials": {Options{URL: users}, []string{"with no credentials", "the server asks for some: set"}},
		"unknown nkey": {Options{URL: users, NKeyFile: key}, []string{
			"with nkey file", "this server does not take nkeys or JWTs"}},
		"unknown token": {Options{URL: users, TokenFile: wrong}, []string{
			"with token file", "check that the file holds the server's token"}},
		"web server": {Options{URL: web.Listener.Addr().String()}, []string{
			"does not greet as NATS does: check the port"}},
		"another protocol": {Options{URL: greeter(t, "SSH-2.0-x\r\n")}, []string{
			"what answers there is not NATS: check the port"}},
		"unknown name": {Options{URL: "nats://u:hunter2@nats.invalid:4222"}, []string{
			"at nats://nats.invalid:4222:", `check the name "nats.invalid" in the address, and the DNS of this machine`}},
		"nobody listens": {Options{URL: "nats://hunter2@127.0.0.1:1,nats://u:hunter2@127.0.0.1:2"}, []string{
			"at nats://127.0.0.1:1,nats://127.0.0.1:2:", "nobody listens there: start the server, or correct"}},
	}
}

// Each error says where the connection failed, why, and what to do, and repeats no secret. Those that may end by
// themselves are logged with the same text, and tried again.
func TestConnectionHints(t *testing.T) {
	for name, c := range hintCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			c.o.Logger = slog.New(slog.NewTextHandler(&log, nil))
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := Connect(ctx, c.o)
			if err == nil {
				t.Fatal("it connects")
			}
			said := err.Error()
			for _, want := range append(c.want, "connect to nats at "+masked(strings.Split(c.o.URL, ",")[0])) {
				if !strings.Contains(said, want) {
					t.Errorf("error is\n%s\nwant it to say\n%s", said, want)
				}
			}
			if strings.Contains(said+log.String(), "hunter2") {
				t.Errorf("a secret is repeated:\n%s\n%s", said, log.String())
			}
		})
	}
}
