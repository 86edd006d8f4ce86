package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// The variables of servers stand for the flags of all commands that always use the
// server.
func TestFromEnvironment(t *testing.T) {
	for _, c := range []struct {
		command  string
		has, not string
	}{
		{"alerts list", "BELFRY_NATS_URL BELFRY_NATS_CREDS_FILE BELFRY_NATS_USER BELFRY_NATS_PASSWORD_FILE " +
			"BELFRY_NATS_TOKEN_FILE BELFRY_NATS_NKEY_FILE BELFRY_NATS_TLS_CA_FILE BELFRY_NATS_TLS_CERT_FILE " +
			"BELFRY_NATS_TLS_KEY_FILE", ""},
		{"alerts ack", "BELFRY_NATS_URL BELFRY_ALERTMANAGER_URL BELFRY_HTTP_CONFIG_FILE", ""},
		{"alerts unack", "BELFRY_NATS_URL BELFRY_ALERTMANAGER_URL", ""},
		{"alerts history", "BELFRY_NATS_URL", ""},
		{"alerts watch", "BELFRY_NATS_URL", ""},
		{"alerts serve", "BELFRY_NATS_URL BELFRY_ALERTMANAGER_URL BELFRY_PROMETHEUS_URL BELFRY_HTTP_CONFIG_FILE", ""},
		{"deadletters list", "BELFRY_NATS_URL", ""},
		{"deadletters show", "BELFRY_NATS_URL", ""},
		{"deadletters requeue", "BELFRY_NATS_URL", ""},
		{"forget", "BELFRY_NATS_URL", ""},
		{"insights serve", "BELFRY_PROMETHEUS_URL BELFRY_HTTP_CONFIG_FILE", ""},
		{"insights analytics", "BELFRY_PROMETHEUS_URL BELFRY_HTTP_CONFIG_FILE", ""},
		{"simulate", "BELFRY_NATS_CREDS_FILE", "BELFRY_NATS_URL"},
	} {
		var out bytes.Buffer
		p := &process{stdin: &bytes.Buffer{}, stdout: &out, stderr: &out, getenv: os.Getenv}
		run(context.Background(), append(strings.Fields(c.command), "--help"), p)
		for _, name := range strings.Fields(c.has) {
			if !strings.Contains(out.String(), "($"+name+")") {
				t.Errorf("the help of %s does not name %s", c.command, name)
			}
		}
		if c.not != "" && strings.Contains(out.String(), "($"+c.not+")") {
			t.Errorf("the help of %s names %s", c.command, c.not)
		}
	}
}
