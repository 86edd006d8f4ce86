package query_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/promapi"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var queues = expr.Select(catalog.QueueMessages)

// against returns a Source that reads from a server with short limits.
func against(t *testing.T, handler http.HandlerFunc) *query.Source {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return source(t, server.URL, query.Options{Timeout: 300 * time.Millisecond})
}

func source(t *testing.T, url string, o query.Options) *query.Source {
	t.Helper()
	api, err := promapi.New(url, promapi.Options{MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	return query.New(api, o)
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// data returns an answer with a result.
func data(kind, result string) string {
	return fmt.Sprintf(`{"status":"success","data":{"resultType":%q,"result":[%s]}}`, kind, result)
}

// element returns an element of a vector at noon.
func element(queue, value string) string {
	return fmt.Sprintf(`{"metric":{"queue":%q},"value":[%d,%q]}`, queue, noon.Unix(), value)
}

// Each fault of a server is a state with a reason that says what to do.
func TestFaultsAreStates(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		state   query.State
		reason  string
	}{
		"late": {late, query.Slow, "Prometheus does not answer within 300ms: ask for less time or fewer series"},
		"large": {reply(200, data("vector", "")+strings.Repeat(" ", 1<<20)), query.TooLarge,
			"exceeds 1 MiB: ask for less time or fewer series"},
		"cut off":        {reply(200, data("vector", element("a", "1"))[:70]), query.Truncated, "it ends after 70 bytes"},
		"cut at a brace": {reply(200, data("vector", element("a", "1")+","+element("b", "2"))[:70]+"}"), query.Truncated, ""},
		"an error": {reply(422, `{"status":"error","errorType":"execution","error":"too many samples"}`), query.Failed,
			"too many samples"},
		"a page":      {reply(200, "<html>"), query.Failed, "is not an answer of Prometheus"},
		"starting":    {reply(503, "Service Unavailable"), query.Failed, "503"},
		"other types": {reply(200, data("matrix", "")), query.Failed, "the result is a model.Matrix, not a vector"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := against(t, c.handler).Instant(t.Context(), queues, noon)
			got := query.StatusOf(err)
			if got.State != c.state || !strings.Contains(got.Reason, c.reason) ||
				!strings.Contains(got.Reason, "query "+catalog.QueueMessages.Name) {
				t.Errorf("got %+v, want %s: %s", got, c.state, c.reason)
			}
		})
	}
	_, err := source(t, "http://127.0.0.1:1", query.Options{}).Instant(t.Context(), queues, noon)
	if got := query.StatusOf(err); got.State != query.Unreachable || !strings.Contains(got.Reason, "cannot be reached") {
		t.Errorf("nothing listens: %+v", got)
	}
	if got := query.StatusOf(nil); got != (query.Status{State: query.OK}) {
		t.Errorf("no error: %+v", got)
	}
}

// late does not answer until the client gives up.
func late(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // before that, the server does not watch the connection
	<-r.Context().Done()
}

func TestWorst(t *testing.T) {
	stale, slow := query.Status{State: query.Stale}, query.Status{State: query.Slow}
	if got := query.Worst(stale, slow, query.Status{State: query.OK}); got != slow {
		t.Errorf("got %+v", got)
	}
	if got := query.Worst(); got.State != query.OK || !got.Usable() || slow.Usable() {
		t.Errorf("got %+v", got)
	}
}

// What is not a finite number is never passed on.
func TestOnlyFiniteNumbers(t *testing.T) {
	histogram := fmt.Sprintf(`{"metric":{"queue":"h"},"histogram":[%d,{"count":"1","sum":"1","buckets":[]}]}`, noon.Unix())
	all := []string{element("b", "2"), element("n", "NaN"), element("i", "+Inf"), element("m", "-Inf"), element("a", "1"),
		histogram}
	s := against(t, reply(200, data("vector", strings.Join(all, ","))))
	got, err := s.Instant(t.Context(), queues, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := query.Vector{
		Answer: query.Answer{Queries: []string{"notification_queue_messages"}, Dropped: 4},
		Values: []query.Value{{query.Labels{"queue": "a"}, 1}, {query.Labels{"queue": "b"}, 2}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if v, ok := got.Find(query.Labels{"queue": "b"}); !ok || v != 2 || got.Sum() != 3 {
		t.Errorf("found %v, %v; sum %v", v, ok, got.Sum())
	}
	matrix := fmt.Sprintf(`{"metric":{"queue":"a"},"values":[[%d,"1"],[%d,"NaN"],[%d,"3"]]}`,
		noon.Unix(), noon.Unix()+60, noon.Unix()+120)
	s = against(t, reply(200, data("matrix", matrix+`,{"metric":{"queue":"b"},"values":[[0,"NaN"]]}`)))
	series, err := s.Range(t.Context(), queues, noon, noon.Add(2*time.Minute), time.Minute)
	if err == nil {
		points := []query.Point{{noon, 1}, {noon.Add(2 * time.Minute), 3}}
		want := []query.Series{{query.Labels{"queue": "a"}, points}}
		if d := cmp.Diff(want, series.Series); d != "" || series.Dropped != 2 {
			t.Errorf("%d dropped, %s", series.Dropped, d)
		}
	} else {
		t.Error(err)
	}
}

// A server that moves the times of a query would make sums wrong.
func TestShiftedTimesAreRefused(t *testing.T) {
	s := against(t, reply(200, data("matrix", fmt.Sprintf(`{"metric":{},"values":[[%d,"1"]]}`, noon.Unix()+1))))
	_, err := s.Range(t.Context(), queues, noon, noon.Add(time.Hour), time.Minute)
	if err == nil || !strings.Contains(err.Error(), "which was not asked: turn off the alignment of queries") {
		t.Error(err)
	}
}

func TestWarnings(t *testing.T) {
	body := strings.TrimSuffix(data("vector", element("a", "1")), "}") +
		`,"warnings":["PromQL warning: quantile value should be between 0 and 1","store is gone"]}`
	got, err := against(t, reply(200, body)).Instant(t.Context(), queues, noon)
	if want := (query.Status{State: query.Partial, Reason: "the server answered in part: store is gone"}); err != nil ||
		got.Status() != want {
		t.Errorf("got %+v, %v", got.Status(), err)
	}
}

// Mistakes of the caller are errors, and are not sent.
func TestMistakes(t *testing.T) {
	s := against(t, func(http.ResponseWriter, *http.Request) { t.Error("a query was sent") })
	wrong := expr.Sum(queues).By(catalog.LabelChannel)
	_, instant := s.Instant(t.Context(), wrong, noon)
	_, ranged := s.Range(t.Context(), wrong, noon, noon, time.Minute)
	_, step := s.Range(t.Context(), queues, noon, noon, 0)
	_, odd := s.Increase(t.Context(), rules.StageVolume, noon, noon.Add(time.Minute), nil)
	_, back := s.Increase(t.Context(), rules.StageVolume, noon, noon.Add(-time.Hour), nil)
	_, deltas := s.Deltas(t.Context(), catalog.Stages, []time.Time{noon, noon.Add(-1)}, nil)
	for i, err := range []error{instant, ranged, step, odd, back, deltas} {
		if err == nil {
			t.Errorf("mistake %d was accepted", i)
		}
	}
}

// No more queries run at once than there are places.
func TestConcurrencyIsBounded(t *testing.T) {
	entered, leave := make(chan bool, 9), make(chan bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- true
		<-leave
		io.WriteString(w, data("vector", element("a", "1")))
	}))
	defer server.Close()
	s := source(t, server.URL, query.Options{Concurrency: 2})
	done := make(chan error, 5)
	for range 5 {
		go func() {
			_, err := s.Instant(t.Context(), queues, noon)
			done <- err
		}()
	}
	for range 2 {
		<-entered
	}
	if n := len(entered); n != 0 {
		t.Errorf("%d more queries run", n)
	}
	for i := range 5 {
		leave <- true
		if err := <-done; err != nil {
			t.Error(err)
		}
		if i < 3 {
			<-entered
		}
	}
}

func TestAge(t *testing.T) {
	at := func(back time.Duration) string {
		return data("vector", fmt.Sprintf(`{"metric":{},"value":[%d,"%d"]}`, noon.Unix(), noon.Add(-back).Unix()))
	}
	for name, c := range map[string]struct {
		now, day string
		state    query.State
		age      time.Duration
	}{
		"new":   {at(time.Minute), "", query.OK, time.Minute},
		"ahead": {at(-time.Minute), "", query.OK, 0},
		"old":   {data("vector", ""), at(3 * time.Hour), query.Stale, 3 * time.Hour},
		"none":  {data("vector", ""), data("vector", ""), query.NoData, 0},
	} {
		s := against(t, func(w http.ResponseWriter, r *http.Request) {
			if r.ParseForm(); strings.Contains(r.Form.Get("query"), "[1d:1m]") {
				io.WriteString(w, c.day)
				return
			}
			io.WriteString(w, c.now)
		})
		got, err := s.Age(t.Context())
		if err != nil || got.Status.State != c.state || got.Age != c.age || len(got.Queries) == 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	got, err := source(t, "http://127.0.0.1:1", query.Options{}).Age(t.Context())
	if err == nil || got.Status.State != query.Unreachable {
		t.Errorf("got %+v, %v", got, err)
	}
}
