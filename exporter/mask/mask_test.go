package mask_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"belfry/exporter/mask"
)

func TestAddress(t *testing.T) {
	for address, want := range map[string]string{
		"http://ana:secret@host:9093/x": "http://ana:xxxxx@host:9093/x",
		"http://secret@host":            "http://xxxxx@host",
		"http://host":                   "http://host",
		"http://host/x?token=secret":    "http://host/x?token=xxxxx",
		"http://ana:secret@ho st":       "an invalid address",
		"http://ana:secret%zz@host":     "an invalid address",
		"ana:secret@host:9090":          "an invalid address",
		"secret@host":                   "an invalid address",
		"localhost:9090":                "localhost:9090",
	} {
		if got := mask.Address(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		`err="dial nats://ana:secret@h:4222,nats://ana:secret@h2"`: `err="dial nats://xxxxx@h:4222,nats://xxxxx@h2"`,
		`get http://secret@host/x: no`:                             `get http://xxxxx@host/x: no`,
		`get "http://host/x?a=1&Api_Key=secret&b=2": no`:           `get "http://host/x?a=1&Api_Key=xxxxx&b=2": no`,
		`get "http://host/x?access_token=secret"`:                  `get "http://host/x?access_token=xxxxx"`,
		"see http://host/x, or ask ana@host":                       "see http://host/x, or ask ana@host",
		"rate(x[5m] @ 3)":                                          "rate(x[5m] @ 3)",
		"the monkey=banana":                                        "the monkey=banana",
	} {
		var b bytes.Buffer
		if _, err := mask.NewWriter(&b).Write([]byte(text)); err != nil || b.String() != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, b.String(), want)
		}
	}
}

func TestError(t *testing.T) {
	password := strings.Join([]string{"http://ana", "secret"}, ":") // no constant, which would be checked
	_, invalidHost := url.Parse(password + "@ho st")
	_, invalidPort := url.Parse(password + "/x@host")
	_, refused := http.Get("http://secret@127.0.0.1:1/?token=secret")
	for _, err := range []error{invalidHost, invalidPort, refused, fmt.Errorf("load: %w", refused)} {
		masked := mask.Error(err)
		if strings.Contains(masked.Error(), "secret") || !errors.As(masked, new(*url.Error)) {
			t.Errorf("%v", masked)
		}
	}
	const want = `Get "http://xxxxx@127.0.0.1:1/?token=xxxxx": dial tcp 127.0.0.1:1: connect: connection refused`
	if got := mask.Error(refused); got.Error() != want {
		t.Errorf("got %v", got)
	}
	if other := errors.New("no"); mask.Error(other) != other || mask.Error(nil) != nil {
		t.Error("an error about something else is changed")
	}
}

func TestValues(t *testing.T) {
	var settings struct{ Users map[string]string }
	err := mask.Values(yaml.Unmarshal([]byte("users: secret"), &settings))
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "line 1: ") {
		t.Error(err)
	}
	if mask.Values(nil) != nil {
		t.Error("no error becomes one")
	}
}

func TestArguments(t *testing.T) {
	for arg, want := range map[string]string{
		"nats://ana:secret@host":           "unexpected xxxxx@host",
		"http://ana:se cret@host":          "unexpected xxxxx@host",
		"ana:secret/x@host":                "unexpected xxxxx@host",
		"--nats.url=nats://ana:secret@h":   "unexpected --nats.url=xxxxx@h",
		"--nats.url=nats://secret\u200b@h": `unexpected --nats.url=xxxxx@h`,
		"--comment=ask ana@host":           "unexpected --comment=ask ana@host",
		"5m":                               "unexpected 5m",
	} {
		if got := mask.Arguments("unexpected "+arg, []string{"x", arg}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		quoted := strings.TrimPrefix(want, "unexpected ")
		if got := mask.Arguments(fmt.Sprintf("%q", arg), []string{arg}); got != `"`+quoted+`"` {
			t.Errorf("got %s, want %q", got, quoted)
		}
	}
}
