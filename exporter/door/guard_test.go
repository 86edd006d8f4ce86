package door

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	here      = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	elsewhere = &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}
)

// admitted returns the status that a guard gives to a request, 200 if it admits it.
func admitted(g *Guard, to net.Addr, authorization string) int {
	request := httptest.NewRequest("POST", "http://127.0.0.1/", strings.NewReader("{}"))
	request = request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, to))
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	if g.Admit(w, request) {
		return http.StatusOK
	}
	return w.Code
}

// A token that nobody could send, or that anybody guesses, is refused at the start.
func TestCheckRefusesTokens(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text *string
		want string
	}{
		"missing":    {nil, "no such file or directory"},
		"empty":      {new(string), "has 0 characters: use 16 or more"},
		"blank":      {text("\n \n"), "has 0 characters: use 16 or more"},
		"short":      {text("0123456789abcde\n"), "has 15 characters: use 16 or more"},
		"in 2 lines": {text("0123456789abcdef\n0123456789abcdef\n"), "has a line break"},
		"with NUL":   {text("0123456789abcdef\x00"), "which nobody sees"},
		"good":       {text("0123456789abcdef\r\n"), ""},
	} {
		g := &Guard{TokenFile: filepath.Join(dir, name)}
		if c.text != nil {
			if err := os.WriteFile(g.TokenFile, []byte(*c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := g.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil && c.text != nil && strings.Contains(err.Error(), "01234") {
			t.Errorf("%s: the error repeats the token: %v", name, err)
		}
	}
	if err := (&Guard{TokenFile: dir}).Check(); err == nil {
		t.Error("a directory is a token")
	}
	if err := (&Guard{}).Check(); err != nil {
		t.Errorf("no token: %v", err)
	}
}

func text(s string) *string { return &s }

// The file is read for each request. While it is gone or unfit nobody is admitted, from
// this machine neither.
func TestATokenIsReplacedWhileItRuns(t *testing.T) {
	const first, second = "0123456789abcdef", "fedcba9876543210"
	g := &Guard{TokenFile: filepath.Join(t.TempDir(), "token"), Open: func() bool { return true }}
	for _, step := range []struct {
		token string // "" removes the file
		sent  string
		want  int
	}{
		{token: first, sent: "Bearer " + first, want: 200},
		{token: first, sent: "bearer " + first, want: 200}, // the scheme's case does not matter: RFC 7235, 2.1
		{token: first, sent: "Bearer " + second, want: 401},
		{token: first, sent: "Bearer " + first + "0", want: 401},
		{token: first, sent: "Bearer", want: 401},
		{token: first, sent: "Basic " + first, want: 401},
		{token: first, sent: first, want: 401},
		{token: first, sent: "", want: 401},
		{token: second, sent: "Bearer " + first, want: 401},
		{token: second, sent: "Bearer " + second, want: 200},
		{token: "short", sent: "Bearer short", want: 503},
		{token: "", sent: "Bearer ", want: 503},
		{token: "", sent: "Bearer " + second, want: 503},
		{token: second, sent: "Bearer " + second, want: 200},
	} {
		var err error
		if step.token == "" {
			err = os.Remove(g.TokenFile)
			if os.IsNotExist(err) {
				err = nil
			}
		} else {
			err = os.WriteFile(g.TokenFile, []byte(step.token+"\n"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, to := range map[string]net.Addr{"this machine": here, "another": elsewhere} {
			if got := admitted(g, to, step.sent); got != step.want {
				t.Errorf("token %q, %q from %s: status %d, want %d", step.token, step.sent, name, got, step.want)
			}
		}
	}
}

// Without a token this machine is admitted, and others only while something else asks who
// they are.
func TestWithoutAToken(t *testing.T) {
	asks := true
	for _, c := range []struct {
		g    *Guard
		to   net.Addr
		asks bool
		want int
	}{
		{&Guard{}, here, false, 200}, {&Guard{}, elsewhere, false, 403}, {&Guard{}, nil, false, 403},
		{&Guard{}, &net.TCPAddr{IP: net.IPv6loopback}, false, 200},
		{&Guard{}, &net.UnixAddr{Name: "x"}, false, 403},
		{&Guard{Open: func() bool { return asks }}, elsewhere, true, 200},
		{&Guard{Open: func() bool { return asks }}, elsewhere, false, 403},
		{&Guard{Open: func() bool { return asks }}, here, false, 200},
	} {
		if asks = c.asks; admitted(c.g, c.to, "") != c.want {
			t.Errorf("%+v to %v, asked %t: not %d", c.g, c.to, c.asks, c.want)
		}
	}
}
