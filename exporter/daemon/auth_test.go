package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter/daemon"
)

func TestReadAuthentication(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	for _, c := range []struct {
		text  string
		want  daemon.Authentication
		wrong string
	}{
		{"", daemon.Authentication{}, ""},
		{"tls_server_config: {cert_file: a, key_file: b}", daemon.Authentication{}, ""},
		{"basic_auth_users: {}", daemon.Authentication{}, ""},
		{"basic_auth_users: {ana: x}", daemon.Authentication{Passwords: true}, ""},
		{
			"tls_server_config: {client_auth_type: RequireAndVerifyClientCert}",
			daemon.Authentication{Certificates: true}, "",
		},
		{"tls_server_config: {client_auth_type: RequireAnyClientCert}", daemon.Authentication{}, ""},
		{"tls_server_config: {client_auth_type: VerifyClientCertIfGiven}", daemon.Authentication{}, ""},
		{"basic_auth_users: hunter2", daemon.Authentication{}, "into map[string]string"},
		{"basic_auth_users: {", daemon.Authentication{}, "web.yml: yaml: line 1"},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := daemon.ReadAuthentication(file)
		if got != c.want || got.Any() != (got.Passwords || got.Certificates) || (err == nil) != (c.wrong == "") ||
			err != nil && (!strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %+v, %v", c.text, got, err)
		}
	}
	if got, err := daemon.ReadAuthentication(""); got.Any() || err != nil {
		t.Errorf("no file: %+v, %v", got, err)
	}
	if got, err := daemon.ReadAuthentication(file + "x"); got.Any() || err == nil {
		t.Errorf("a file that does not exist: %+v, %v", got, err)
	}
}
