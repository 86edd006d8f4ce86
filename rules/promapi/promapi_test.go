package promapi_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"belfry/rules/promapi"
)

const (
	vector = `{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1770000000,"2"]}]}`
	answer = `{"status":"success","data":` + vector + `}`
)

// query returns the value of the only element of a vector.
func query(t *testing.T, address string, o promapi.Options) (model.SampleValue, error) {
	t.Helper()
	api, err := promapi.New(address, o)
	if err != nil {
		return 0, err
	}
	vector, err := promapi.Query[model.Vector](t.Context(), api, "a", time.Unix(1_770_000_000, 0))
	if err != nil {
		return 0, err
	}
	return vector[0].Value, nil
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestAnswersAreDecoded(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"of Prometheus":          reply(http.StatusOK, answer),
		"in another order":       reply(http.StatusOK, `{"data":`+vector+`,"status":"success"}`),
		"where POST is not done": onlyGet,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := query(t, serve(t, handler)+"/", promapi.Options{})
			if err != nil || got != 2 {
				t.Errorf("got %v, %v; want 2", got, err)
			}
		})
	}
}

func onlyGet(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "read only", http.StatusMethodNotAllowed)
		return
	}
	io.WriteString(w, answer)
}

// Every error says where the fault is and what to do.
func TestErrorsAreExplained(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"a mistake in the query", reply(http.StatusBadRequest,
			`{"status":"error","errorType":"bad_data","error":"parse error"}`), "URL: parse error"},
		{"a query that takes too long",
			reply(http.StatusServiceUnavailable, `{"status":"error","errorType":"timeout","error":"query timed out"}`),
			"URL: query timed out"},
		{"no credentials", reply(http.StatusUnauthorized, "Unauthorized"),
			"URL answers 401 Unauthorized: set basic_auth or authorization in the HTTP configuration file"},
		{"a server that starts", reply(http.StatusServiceUnavailable, "Service Unavailable\n"),
			"URL answers 503 Service Unavailable: Service Unavailable"},
		{"a page", reply(http.StatusOK, "<!DOCTYPE html>"),
			"URL answers 200 OK, which is not an answer of Prometheus: check the address and its path prefix"},
		{"no such path", reply(http.StatusNotFound, "404 page not found"),
			"URL answers 404 Not Found, which is not an answer of Prometheus"},
		{"other JSON", reply(http.StatusOK, `{"name": "another"}`),
			"URL answers 200 OK, which is not an answer of Prometheus"},
		{"a result of another type",
			reply(http.StatusOK, `{"status":"success","data":{"resultType":"matrix","result":[]}}`),
			"query a: the result is a model.Matrix, not a model.Vector"},
		{"half an answer", reply(http.StatusOK, answer[:80]),
			"truncated answer of Prometheus at URL: it ends after 80 bytes"},
		{"a lost connection", cut, "truncated answer of Prometheus at URL: unexpected EOF"},
		{"a large answer", reply(http.StatusOK, answer+strings.Repeat(" ", 1<<20)),
			"the answer of Prometheus at URL exceeds 1 MiB: ask for less time or fewer series"},
		{"a slow answer", slow, "URL does not answer within 300ms: ask for less time or fewer series"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, c.handler)
			_, err := query(t, url, promapi.Options{Timeout: 300 * time.Millisecond, MaxBytes: 1 << 20})
			if want := strings.ReplaceAll(c.want, "URL", url); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	_, err := query(t, "http://user:secret@127.0.0.1:1", promapi.Options{})
	const want = "Prometheus at http://user:xxxxx@127.0.0.1:1 cannot be reached: " +
		"dial tcp 127.0.0.1:1: connect: connection refused: check that it is running"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for _, address := range []string{"localhost:9090", "127.0.0.1:9090", "", "ftp://a"} {
		if _, err := promapi.New(address, promapi.Options{}); err == nil ||
			!strings.Contains(err.Error(), "use a URL such as http://127.0.0.1:9090") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// slow does not answer until the client gives up.
func slow(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // before that, the server does not watch the connection
	<-r.Context().Done()
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, answer)
}

// guarded requires credentials and a header.
func guarded(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if r.Header.Get("Authorization") != "Bearer token" && (user != "ana" || password != "secret") ||
		r.Header.Get("X-Scope-OrgID") != "one" {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	io.WriteString(w, answer)
}

func TestHTTPConfiguration(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(guarded))
	defer server.Close()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	write("token", "token\n")
	write("password", "secret")
	const trusted, header = "tls_config: {ca_file: ca.pem}\n", "http_headers: {X-Scope-OrgID: {values: [one]}}\n"
	for i, c := range []struct{ content, want string }{
		{trusted + header + "basic_auth: {username: ana, password_file: password}", ""},
		{trusted + header + "authorization: {credentials_file: token}", ""},
		{trusted + header, "answers 401 Unauthorized: set basic_auth"},
		{trusted + header + "authorization: {credentials_file: gone}",
			"ask Prometheus at " + server.URL + ": unable to read authorization credentials"},
		{header, "is not trusted: tls: failed to verify certificate: " +
			"x509: certificate signed by unknown authority: set tls_config"},
		{"basic_aut: {}", "read " + dir},
		{"tls_config: {ca_file: gone}", "use " + dir},
	} {
		client, err := promapi.HTTPClient(write(fmt.Sprintf("%d.yaml", i), c.content))
		if err == nil {
			_, err = query(t, server.URL, promapi.Options{Client: client})
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\ngot  %v\nwant %s", c.content, err, c.want)
		}
	}
	if _, err := promapi.HTTPClient(filepath.Join(dir, "gone")); err == nil {
		t.Error("a missing file was accepted")
	}
}
