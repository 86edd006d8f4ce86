package scrape

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
)

// series returns a gauge with the labels, given as names and values in turn.
func series(labels ...string) *dto.Metric {
	m := &dto.Metric{Gauge: &dto.Gauge{Value: proto.Float64(1)}}
	for i := 0; i < len(labels); i += 2 {
		m.Label = append(m.Label, &dto.LabelPair{Name: &labels[i], Value: &labels[i+1]})
	}
	return m
}

func family(name string, kind dto.MetricType, list ...*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &name, Help: proto.String("help"), Type: &kind, Metric: list}
}

// badFamilies holds what Prometheus cannot take, with what is said about it.
func badFamilies() map[string]struct {
	families []*dto.MetricFamily
	says     string
} {
	const gauge = dto.MetricType_GAUGE
	type c = struct {
		families []*dto.MetricFamily
		says     string
	}
	return map[string]c{
		"a series twice": {[]*dto.MetricFamily{family("bad", gauge, series("a", "1"), series("a", "2"), series("a", "1"))},
			`series {a="1"} is there twice`},
		"no labels, twice": {[]*dto.MetricFamily{family("bad", gauge, series(), series())}, `series {} is there twice`},
		"a value":          {[]*dto.MetricFamily{family("bad", gauge, series("a", "\xff"))}, `a="\xff" is not UTF-8 text`},
		"a label name":     {[]*dto.MetricFamily{family("bad", gauge, series("\xff", "1"))}, `"\xff" is not UTF-8 text`},
		"an empty name":    {[]*dto.MetricFamily{family("bad", gauge, series("", "1"))}, `label name "" is not UTF-8 text`},
		"a label twice":    {[]*dto.MetricFamily{family("bad", gauge, series("a", "1", "a", "2"))}, "has the label a twice"},
		"no value":         {[]*dto.MetricFamily{family("bad", dto.MetricType_COUNTER, series())}, "no value of a counter"},
		"two sources": {[]*dto.MetricFamily{family("bad", gauge, series("a", "1")), family("bad", gauge)},
			"two sources"},
		"a name of nothing": {[]*dto.MetricFamily{family("", gauge, series())}, "is not UTF-8 text"},
	}
}

// One bad family never takes the others with it: it is left out, counted and logged,
// once, and back when it is right again.
func TestBadFamilies(t *testing.T) {
	for name, c := range badFamilies() {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			good := family("good", dto.MetricType_GAUGE, series("a", "1"), series("a", "2"), series("b", "1"))
			wrong := true
			g := New(slog.New(slog.NewTextHandler(&log, nil)), prometheus.NewRegistry(), func() []*dto.MetricFamily {
				if wrong {
					return append([]*dto.MetricFamily{good}, c.families...)
				}
				return []*dto.MetricFamily{good}
			})
			for scrape := range 2 {
				got := get(t, g)
				of := c.families[0].GetName()
				if len(got["good"].GetMetric()) != 3 || got[of] != nil {
					t.Fatalf("scrape %d: %v", scrape, got)
				}
				left := got[catalog.FamiliesLeftOut.Name].GetMetric()
				if len(left) != 1 || left[0].Label[0].GetValue() != of || left[0].Counter.GetValue() != float64(scrape+1) {
					t.Errorf("scrape %d counts %v", scrape, left)
				}
			}
			if n := strings.Count(log.String(), "left out"); n != 1 {
				t.Errorf("logged %d times:\n%s", n, log.String())
			}
			if unquoted := strings.ReplaceAll(log.String(), `\`, ""); !strings.Contains(unquoted,
				strings.ReplaceAll(c.says, `\`, "")) {
				t.Errorf("%s is not logged:\n%s", c.says, log.String())
			}
			wrong = false
			get(t, g)
			if !strings.Contains(log.String(), "back") {
				t.Errorf("its return is not logged:\n%s", log.String())
			}
		})
	}
}

// get scrapes, and returns the families by name.
func get(t *testing.T, g *Gatherer) map[string]*dto.MetricFamily {
	t.Helper()
	server := httptest.NewServer(g.Handler(g))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %v\n%s", response.Status, err, body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return families
}

// What the registry itself cannot gather does not hide the rest.
func TestBadRegistry(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(invalid{})
	g := New(slog.New(slog.DiscardHandler), registry, func() []*dto.MetricFamily {
		return []*dto.MetricFamily{family("good", dto.MetricType_GAUGE, series())}
	})
	for scrape := range 2 {
		got := get(t, g)
		if got["good"] == nil || len(got[catalog.FamiliesLeftOut.Name].GetMetric()) != scrape {
			t.Errorf("scrape %d: %v", scrape, got)
		}
	}
}

// invalid collects a metric that cannot be written.
type invalid struct{}

func (invalid) Describe(to chan<- *prometheus.Desc) {
	to <- prometheus.NewDesc("bad", "help", nil, nil)
}

func (invalid) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.NewInvalidMetric(prometheus.NewDesc("bad", "help", nil, nil), io.ErrUnexpectedEOF)
}

// A client that is gone before the end of a scrape is not worth a line, and a failure to
// gather is.
func TestFailuresAreLogged(t *testing.T) {
	for _, c := range []struct {
		write, gather error
		logged        bool
	}{{&net.OpError{Op: "write", Err: io.ErrClosedPipe}, nil, false}, {nil, io.ErrShortWrite, true}} {
		var log bytes.Buffer
		g := New(slog.New(slog.NewTextHandler(&log, nil)), prometheus.NewRegistry())
		gather := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			return []*dto.MetricFamily{family("good", dto.MetricType_GAUGE, series())}, c.gather
		})
		w := failing{httptest.NewRecorder(), c.write}
		g.Handler(gather).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if logged := log.Len() > 0; logged != c.logged {
			t.Errorf("%v, %v: logged %t: %s", c.write, c.gather, logged, log.String())
		}
	}
}

// failing is a client to which nothing can be written.
type failing struct {
	http.ResponseWriter
	err error
}

func (f failing) Write(p []byte) (int, error) { return len(p), f.err }
