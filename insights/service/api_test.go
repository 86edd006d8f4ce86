package service

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Every error is a problem by RFC 9457 that says what to do.
func TestProblems(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL})
	for _, c := range []struct {
		method, path string
		status       int
		want         string
		headers      []string
	}{
		{"GET", "/api/v1/health?chanel=email", 400, `unknown parameter "chanel"; none is defined`, nil},
		{"GET", "/api/v1/health?a=%zz", 400, `invalid query string: invalid URL escape "%zz"`, nil},
		{"GET", "/api/v1/helth", 404, `unknown path "/api/v1/helth"; did you mean "/api/v1/health"?`, nil},
		{"POST", "/api/v1/health", 405, "POST is not supported: use GET", nil},
		{"GET", "/api/v1/health", 406, "no format that the header Accept: image/png allows; " +
			"this answer is available as json", []string{"Accept", "image/png"}},
	} {
		r := s.request(t, c.method, c.path, c.headers...)
		var problem Problem
		if err := json.Unmarshal(body(t, r), &problem); err != nil {
			t.Fatalf("%s: %v", c.path, err)
		}
		if r.StatusCode != c.status || problem.Status != c.status || !strings.HasPrefix(problem.Detail, c.want) ||
			r.Header.Get("Content-Type") != problemType {
			t.Errorf("%s %s: %d, %+v, want %d, %s", c.method, c.path, r.StatusCode, problem, c.status, c.want)
		}
		if c.status == 400 || c.status == 406 {
			s.valid(t, c.path, r)
		}
	}
	if r := s.request(t, "POST", "/api/v1/health"); r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q", r.Header.Get("Allow"))
	}
}

// A client that has the answer is told so, and one that accepts gzip gets it.
func TestEncoding(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL})
	const path = "/openapi.json"
	plain := s.get(t, path)
	tag := plain.Header.Get("ETag")
	if again := s.get(t, path, "If-None-Match", `"other", `+tag); again.StatusCode != http.StatusNotModified ||
		len(body(t, again)) > 0 || again.Header.Get("ETag") != tag {
		t.Errorf("with its tag: %s, %d bytes", again.Status, len(body(t, again)))
	}
	if other := s.get(t, path, "If-None-Match", `W/"other"`); other.StatusCode != http.StatusOK {
		t.Errorf("with another tag: %s", other.Status)
	}
	for accept, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.5": "gzip", "gzip;q=0": "", "gzip; q=0.0": "", "br": "", "": "",
	} {
		r := s.get(t, path, "Accept-Encoding", accept)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding: %s: encoded as %q, want %q", accept, got, want)
			continue
		}
		if want == "" {
			continue
		}
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(unpacked); err != nil || string(all) != string(body(t, plain)) {
			t.Errorf("unpacked %d bytes, %v", len(all), err)
		}
	}
}

// The document is OpenAPI 3.1, and every schema in it compiles.
func TestOpenAPI(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL})
	document := body(t, s.get(t, "/openapi.json"))
	var parsed struct {
		OpenAPI    string
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document, &parsed); err != nil || parsed.OpenAPI != "3.1.0" {
		t.Fatalf("version %q, %v", parsed.OpenAPI, err)
	}
	for name := range parsed.Components.Schemas {
		schemaAt(t, document, "/components/schemas/"+name)
	}
	if strings.Contains(string(document), `{"oneOf":[{"oneOf":`) {
		t.Error("a choice of null stands in another")
	}
	if yaml := s.get(t, "/openapi.yaml"); yaml.StatusCode != http.StatusOK {
		t.Errorf("as YAML: %s", yaml.Status)
	}
}
