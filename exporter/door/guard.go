package door

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"belfry/exporter/glyph"
)

// Guard decides whether a request may change something.
type Guard struct {
	// TokenFile holds a bearer token that requests must carry. It is read for each
	// request, so that it can be replaced. Empty means none.
	TokenFile string
	// Open reports whether requests of other machines need no token, because something
	// else authenticates them now, such as a web configuration with users. It is called
	// for each request without a token file; nil means no.
	Open func() bool
	// Hint completes "refused from other machines: ..." and says what to set.
	Hint string
}

// minToken is the least length of a token, which nobody guesses: 16 hexadecimal digits
// have 64 bits.
const minToken = 16

// Check returns an error if the token cannot be read. Call it at the start.
func (g *Guard) Check() error {
	if g.TokenFile == "" {
		return nil
	}
	_, err := g.token()
	return err
}

func (g *Guard) token() (string, error) {
	text, err := os.ReadFile(g.TokenFile)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < minToken {
		return "", fmt.Errorf("the token in %s has %d characters: use %d or more, such as those of openssl rand -hex 32",
			g.TokenFile, len(token), minToken)
	}
	if err := glyph.Check(token); err != nil { // which no header can carry
		return "", fmt.Errorf("the token in %s: %w", g.TokenFile, err)
	}
	return token, nil
}

var (
	sameOrigin = http.NewCrossOriginProtection()

	errForeign = errors.New("refused from a page of another origin")
	errHost    = errors.New("refused for this host name: use localhost or an IP address")
	errToken   = errors.New("send the bearer token of the token file")
)

// Admit answers a request that may not change anything, and reports whether it may.
// Nothing of its body is read.
func (g *Guard) Admit(w http.ResponseWriter, r *http.Request) bool {
	status, err := g.judge(r)
	if err == nil {
		return true
	}
	w.Header().Set("Connection", "close") // and the body stays unread
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	http.Error(w, err.Error(), status)
	return false
}

func (g *Guard) judge(r *http.Request) (status int, err error) {
	if sameOrigin.Check(r) != nil {
		return http.StatusForbidden, errForeign
	}
	if g.TokenFile != "" {
		return g.judgeToken(r)
	}
	switch local := isLocal(r); {
	case local && !isLocalName(r.Host):
		return http.StatusForbidden, errHost // a foreign name that leads here
	case !local && (g.Open == nil || !g.Open()):
		return http.StatusForbidden, errors.New("refused from other machines: " + g.Hint)
	}
	return 0, nil
}

func (g *Guard) judgeToken(r *http.Request) (status int, err error) {
	want, err := g.token()
	if err != nil {
		return http.StatusServiceUnavailable, errors.New("the token file cannot be read")
	}
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	x, y := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(x[:], y[:]) == 0 {
		return http.StatusUnauthorized, errToken
	}
	return 0, nil
}

// isLocal reports whether a request came over the loopback interface, and no proxy says
// that it passed the request on.
func isLocal(r *http.Request) bool {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	tcp, ok := address.(*net.TCPAddr)
	for _, proxied := range []string{"Forwarded", "X-Forwarded-For", "Via"} {
		ok = ok && r.Header.Get(proxied) == ""
	}
	return ok && tcp.IP.IsLoopback()
}

// isLocalName reports whether a browser cannot have come to the host by a name that
// somebody else owns.
func isLocalName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.EqualFold(host, "localhost") || net.ParseIP(strings.Trim(host, "[]")) != nil
}

// SameSite refuses what a page of another site requests in somebody's browser.
func SameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
			http.Error(w, errForeign.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
