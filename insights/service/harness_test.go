package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// noon is the time at which the services of the tests are.
var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// fake is a server with Prometheus's API. It answers each query with the result that
// respond returns for it, in JSON.
type fake struct {
	*httptest.Server
	respond func(w http.ResponseWriter, r *http.Request, promQL string)
}

func newFake(t *testing.T, respond func(w http.ResponseWriter, r *http.Request, promQL string)) *fake {
	t.Helper()
	f := &fake{respond: respond}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		f.respond(w, r, r.Form.Get("query"))
	}))
	t.Cleanup(f.Close)
	return f
}

// respondWith writes an answer of Prometheus.
func respondWith(w io.Writer, kind, result string) {
	fmt.Fprintf(w, `{"status":"success","data":{"resultType":%q,"result":%s}}`, kind, result)
}

// replyNothing answers that there is no series.
func replyNothing(w http.ResponseWriter, r *http.Request, promQL string) {
	if strings.HasSuffix(r.URL.Path, "query_range") || strings.HasSuffix(promQL, "]") {
		respondWith(w, "matrix", "[]")
		return
	}
	respondWith(w, "vector", "[]")
}

// serve returns a service that reads the server and has asked all questions once.
func serve(t *testing.T, o Options) *Service {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	o.Lifecycle = true
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t.Context())
	return s
}

// get sends a GET request with headers, as name and value in turn.
func (s *Service) get(t *testing.T, path string, headers ...string) *http.Response {
	t.Helper()
	return s.request(t, http.MethodGet, path, headers...)
}

func (s *Service) request(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Result()
}

// body reads the body of a response, which stays readable.
func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	return b
}

// valid checks a response against what the OpenAPI document of the service says of it:
// its status, its media type, and the schema of its body.
func (s *Service) valid(t *testing.T, path string, r *http.Response) {
	t.Helper()
	document := body(t, s.get(t, "/openapi.json"))
	path, _, _ = strings.Cut(path, "?")
	var parsed struct {
		Paths map[string]struct {
			Get struct {
				Responses map[string]struct {
					Content map[string]struct{ Schema json.RawMessage }
				}
			}
		}
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatal(err)
	}
	responses := parsed.Paths[path].Get.Responses
	status := fmt.Sprint(r.StatusCode)
	if _, ok := responses[status]; !ok || r.Header.Get("Content-Type") == problemType {
		status = "default"
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if _, ok := responses[status].Content[media]; !ok {
		t.Fatalf("%s: the document does not know %s with %s", path, status, media)
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	pointer := strings.NewReplacer("~", "~0", "/", "~1").Replace
	at := fmt.Sprintf("/paths/%s/get/responses/%s/content/%s/schema", pointer(path), status, pointer(media))
	if err := schemaAt(t, document, at).Validate(decoded(t, body(t, r))); err != nil {
		t.Errorf("%s: %v\n%.2000s", path, err, body(t, r))
	}
}

// compiled holds what schemaAt has compiled, by document and pointer.
var compiled sync.Map

// schemaAt returns the schema at a place of a document, which it compiles once.
func schemaAt(t *testing.T, document []byte, pointer string) *jsonschema.Schema {
	t.Helper()
	key := [2]string{string(document), pointer}
	if known, ok := compiled.Load(key); ok {
		return known.(*jsonschema.Schema)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("file:///openapi.json", decoded(t, document)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("file:///openapi.json#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	compiled.Store(key, schema)
	return schema
}

func decoded(t *testing.T, document []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, document)
	}
	return value
}
