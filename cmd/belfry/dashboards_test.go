package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	dashboards "belfry/dashboards-gen"
)

// The stories of custom dashboards run the program from outside.
func TestDashboardStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/dashboards"})
}

// Every dashboard can be drawn and recorded, whatever Prometheus answers, and an
// unknown name is refused with the known ones.
func TestPreviewDrawsEveryDashboard(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/values"):
			io.WriteString(w, `{"status":"success","data":["email"]}`)
		case strings.HasSuffix(r.URL.Path, "/query_range"):
			io.WriteString(w, `{"status":"success","data":{"resultType":"matrix","result":[`+
				`{"metric":{"channel":"email","le":"30.0"},`+
				`"values":[[1770000000,"1"],[1770000060,"NaN"],[1770000120,"+Inf"]]}]}}`)
		default:
			io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`+
				`{"metric":{"channel":"email"},"value":[1770000000,"0.5"]}]}}`)
		}
	}))
	defer server.Close()
	preview := func(args ...string) (int, string) {
		var out bytes.Buffer
		p := &process{stdout: &out, stderr: &out, getenv: os.Getenv}
		args = append([]string{"dashboards", "preview", "--prometheus", server.URL}, args...)
		return run(context.Background(), args, p), out.String()
	}
	dir, recorded := t.TempDir(), t.TempDir()
	if code, out := preview("--record", recorded, dir); code != 0 {
		t.Fatalf("exit %d: %s", code, out)
	}
	for _, d := range dashboards.All() {
		name := shortUID(d.UID)
		content, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		if err != nil {
			t.Error(err)
			continue
		}
		decoder := xml.NewDecoder(bytes.NewReader(content))
		for err == nil {
			_, err = decoder.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("the picture of %s is not XML: %v", d.UID, err)
		}
		if !bytes.Contains(content, []byte("not Grafana")) {
			t.Errorf("the picture of %s does not say what it is", d.UID)
		}
		if _, err := os.Stat(filepath.Join(recorded, name+".ndjson")); err != nil {
			t.Error(err)
		}
	}
	if code, out := preview("--only", "operation", dir); code != 1 || !strings.Contains(out, "operations") {
		t.Errorf("an unknown dashboard: exit %d: %s", code, out)
	}
}
