package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
)

// A flag that is not understood is named, with what to write instead.
func TestFlagsThatAreNotUnderstood(t *testing.T) {
	push := []string{"rules", "push", "--dir=."}
	for _, c := range []struct {
		args []string
		want string
	}{
		{append(push, "--prometheus.url=localhost:9090"),
			`--prometheus.url: "localhost:9090" is not a URL: write http://localhost:9090`},
		{append(push, "--prometheus.url=example.com/p/"),
			`--prometheus.url: "example.com/p/" is not a URL: write http://example.com/p/`},
		{append(push, "--prometheus.url=http://a", "--alertmanager.url=ftp://a"),
			`--alertmanager.url: "ftp://a" is not a URL: use one such as http://127.0.0.1:9090`},
		{append(push, "--prometheus=a:b"), `--prometheus: "a:b" is not a URL: use one such as http://127.0.0.1:9090`},
		{[]string{"alerts", "serve", "--alertmanager.url=alerts:9093"},
			`--alertmanager.url: "alerts:9093" is not a URL: write http://alerts:9093`},
		{[]string{"alerts", "ack", "abc", "--for=2"},
			`--for: invalid duration "2": the unit is missing: write 2s, 2m, 2h or 2d`},
		{[]string{"alerts", "history", "--since=1mo"},
			`--since: invalid duration "1mo": use a number and a unit, such as 30s, 5m or 1h30m; did you mean "30d"?`},
		{[]string{"rules", "push", "--dir=/nothing/here"},
			"--dir: there is no directory /nothing/here: make it, or correct the path"},
		{append(push, "--alertmanager-dir=values.go"), "--alertmanager-dir: values.go is a file: name a directory"},
		{append(push, "--rule=own.yaml"), "unknown long flag '--rule'; did you mean --rules?"},
		{[]string{"alerts", "ack", "abc", "--fro=2h"}, "unknown long flag '--fro'; did you mean --for?"},
	} {
		command := strings.Join(c.args[:2], " ")
		belfry(t, "", c.args...).expect(t, 2,
			"^belfry: "+regexp.QuoteMeta(c.want)+"; see belfry "+command+" --help\n$")
	}
}

// A command that is misspelled is named as it is spelled.
func TestUnknownCommands(t *testing.T) {
	for args, want := range map[string]string{
		"simualte":     `expected command but got "simualte"; did you mean simulate?; see belfry --help`,
		"alerts akc":   `expected command but got "akc"; did you mean ack?; see belfry alerts --help`,
		"something":    `expected command but got "something"; see belfry --help`,
		"check --rule": `unknown long flag '--rule'; see belfry check --help`,
	} {
		belfry(t, "", strings.Fields(args)...).expect(t, 2, "^belfry: "+regexp.QuoteMeta(want)+"\n$")
	}
}

func TestFlagsThatAreUnderstood(t *testing.T) {
	app := kingpin.New("test", "")
	var address string
	var length model.Duration
	addressVar(app.Flag("at", ""), &address)
	durationVar(app.Flag("for", ""), &length)
	if _, err := app.Parse([]string{"--at=https://example.com/p/", "--for=1h30m"}); err != nil {
		t.Fatal(err)
	}
	if address != "https://example.com/p" || length.String() != "1h30m" {
		t.Errorf("read as %s, %s", address, length)
	}
}
