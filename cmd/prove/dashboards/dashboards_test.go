package dashboards

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	dashboards "belfry/dashboards-gen"
	"belfry/rules/promapi"
)

func prometheus(t *testing.T, url string) v1.API {
	t.Helper()
	api, err := promapi.New(url, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// The short variant of `prove dashboards`, with three days instead of a year: every
// query of every dashboard gets an answer.
func TestThreeDays(t *testing.T) {
	var out strings.Builder
	b := bench{
		past: 4 * day, fine: 30 * time.Minute, samples: 60e6, opens: 1, limit: time.Minute, dir: t.TempDir(),
		ranges: []time.Duration{time.Hour, 3 * day},
	}
	if err := b.run(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, d := range dashboards.All() {
		if n := strings.Count(out.String(), "  "+d.Title+"  "); n != len(b.ranges) {
			t.Errorf("%s is reported %d times, want once for each of %d ranges:\n%s", d.Title, n, len(b.ranges),
				out.String())
		}
	}
}

// A dashboard that takes too long is reported with its slowest panels.
func TestMissesFail(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/values") {
			io.WriteString(w, `{"status":"success","data":["email"]}`)
			return
		}
		io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}))
	defer server.Close()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	b := bench{opens: 1, limit: time.Nanosecond, ranges: []time.Duration{time.Hour}}
	err = b.measure(t.Context(), &out, all, prometheus(t, server.URL), time.Now())
	if err == nil || !strings.Contains(err.Error(), "took longer") ||
		!strings.Contains(out.String(), "the slowest panels") {
		t.Errorf("no dashboard opens in a nanosecond, got: %v\n%s", err, out.String())
	}
}
