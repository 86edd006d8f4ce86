package exporter_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Without flags nobody can profile, reload or end the exporter by a request. A hangup
// reloads it all the same.
func TestDoorsAreShutByDefault(t *testing.T) {
	in := install(t, 1)
	p := in.start()
	await(t, "an answer", func() bool { status, _ := p.get("/-/healthy"); return status == http.StatusOK })
	for _, r := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/debug/pprof/", 404}, {"GET", "/debug/pprof/cmdline", 404}, {"GET", "/debug/pprof/profile", 404},
		{"GET", "/debug/vars", 404}, {"POST", "/-/reload", 403}, {"PUT", "/-/reload", 403}, {"POST", "/-/quit", 404},
	} {
		request, err := http.NewRequest(r.method, p.url+r.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != r.want {
			t.Errorf("%s %s: status %d, want %d", r.method, r.path, response.StatusCode, r.want)
		}
	}
	if p.log.has("configuration is applied") {
		t.Error("a request has reloaded the configuration")
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Skipf("no hangup on this system: %v", err)
	}
	await(t, "the configuration to be reloaded", p.has("configuration is applied"))
}

// The exporter shows no password in its log, on its pages or in its metrics, whether NATS
// answers or not, nor when it refuses to start.
func TestNoCredentialIsShown(t *testing.T) {
	const secret = "hunter2"
	in := install(t, 1)
	open := strings.Replace(in.server.URL(), "://", "://ana:"+secret+"@", 1)
	for said, address := range map[string]string{
		"numbers are on /metrics": open, "NATS does not answer": "nats://ana:" + secret + "@127.0.0.1:1",
	} {
		p := in.start("--nats.url="+address, "--web.enable-pprof", "--web.enable-lifecycle", "--log.level=debug")
		await(t, said, p.has(said))
		for _, path := range []string{
			"/", "/-/ready", "/metrics", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2",
		} {
			if _, body := p.get(path); body == "" || strings.Contains(body, secret) {
				t.Errorf("%s shows it, or nothing:\n%s", path, body)
			}
		}
		p.stop()
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log shows it:\n%s", p.log)
		}
	}
	web := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(web, []byte("basic_auth_users: "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{
		"--nats.url=nats://ana:" + secret + "@ho st", "--nats.url=nats://ana:" + secret + "/x@h",
		"--nats.url=nats://ana:" + secret + "@h\u200b", "nats://ana:" + secret + "@h", "ana:" + secret + "@h",
		"--web.config.file=" + web,
	} {
		p := in.start(arg)
		p.awaitExit()
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("%s: it is shown:\n%s", arg, p.log)
		}
	}
}

// The environment is not shown by the help, which says what the defaults are.
func TestHelpShowsNoCredential(t *testing.T) {
	t.Setenv("BELFRY_EXPORTER_NATS_URL", "nats://ana:hunter2@127.0.0.1:1")
	p := install(t, 1).start("--help")
	<-p.exited
	text := p.log.String()
	if strings.Contains(text, "hunter2") || !strings.Contains(text, "nats://xxxxx@127.0.0.1:1") {
		t.Error(text)
	}
}
