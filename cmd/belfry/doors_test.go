package main

import (
	"net"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"
)

// A daemon of this program listens on this machine only, and lets nobody reload or
// profile it, unless a flag says so.
func TestDoorsAreShutByDefault(t *testing.T) {
	app := kingpin.New("belfry", "")
	daemons := 0
	for _, add := range subcommands {
		c := add(app).clause
		for _, f := range c.Model().Flags {
			switch {
			case f.Name == "web.listen-address":
				daemons++
				host, _, err := net.SplitHostPort(f.Default[0])
				if err != nil || len(f.Default) != 1 || !net.ParseIP(host).IsLoopback() {
					t.Errorf("%s listens on %q (%v)", c.FullCommand(), f.Default, err)
				}
			case strings.HasPrefix(f.Name, "web.enable-") && (!f.IsBoolFlag() || len(f.Default) > 0):
				t.Errorf("%s has --%s by default: %q", c.FullCommand(), f.Name, f.Default)
			}
		}
	}
	if daemons != 2 {
		t.Errorf("%d commands listen, not 2", daemons)
	}
}

// What runs without flags for its doors answers none of the requests that open them.
func TestDaemonsAnswerNoRequestThatChangesThem(t *testing.T) {
	store := natsStore(t)
	for _, c := range []struct {
		args   []string
		reload int // the status of POST /-/reload
	}{
		{[]string{"alerts", "serve", "--nats.url=" + store}, 404},
		{[]string{"insights", "serve", "--prometheus.url=http://127.0.0.1:1"}, 403},
	} {
		d := startDaemon(t, c.args...)
		for _, r := range []struct {
			method, path string
			want         int
		}{
			{"POST", "/-/reload", c.reload}, {"PUT", "/-/reload", c.reload}, {"POST", "/-/quit", 404},
			{"GET", "/debug/pprof/", 404}, {"GET", "/debug/pprof/cmdline", 404}, {"GET", "/debug/vars", 404},
			{"GET", "/-/healthy", 200},
		} {
			if status, _ := d.ask(r.method, r.path); status != r.want {
				t.Errorf("belfry %s: %s %s: status %d, want %d", c.args[0], r.method, r.path, status, r.want)
			}
		}
		d.stop()
	}
}

// A hangup reloads the plans of experiments, whatever --web.enable-lifecycle says.
func TestHangupReloadsInsights(t *testing.T) {
	d := startDaemon(t, "insights", "serve", "--prometheus.url=http://127.0.0.1:1")
	d.hangUp()
	d.await("the plans to be read again", func() bool { return strings.Contains(d.log.String(), "plans") })
	d.stop()
}
