package service

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"belfry/insights/query"
)

// paths lists a request for each operation that depends on Prometheus.
var paths = []string{
	"/api/v1/analytics", "/api/v1/analytics?granularity=minute",
	"/api/v1/analytics?channel=email", "/api/v1/recommendations",
	"/api/v1/experiments", "/api/v1/anomalies", "/api/v1/forecasts",
}

// stages lists those of which replySame has series.
var stages = []string{"sent", "delivered", "opened", "engaged", "failed"}

// replySame answers that every series has the same value at all times.
func replySame(value string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, promQL string) {
		value := value
		if strings.Contains(promQL, "timestamp(") {
			value = strconv.FormatInt(noon.Unix()-30, 10)
		}
		ranged := strings.HasSuffix(r.URL.Path, "query_range")
		kind, points := "vector", fmt.Sprintf(`"value":[%d,%q]`, noon.Unix(), value)
		switch {
		case ranged:
			kind, points = "matrix", samples(formTime(r, "start"), formTime(r, "end"), formStep(r), value)
		case strings.HasSuffix(promQL, "]"): // raw samples
			at := formTime(r, "time")
			kind, points = "matrix", samples(at.Add(-10*time.Minute), at, 10*time.Second, value)
		}
		var all []string
		for _, stage := range stages {
			all = append(all, fmt.Sprintf(`{"metric":{"stage":%q,"channel":"email","category":"marketing",`+
				`"template":"a","local_hour":"9","local_weekday":"mon","recent_sends":"0","segment":"new",`+
				`"experiment":"x","variant":"a"},%s}`, stage, points))
		}
		respondWith(w, kind, "["+strings.Join(all, ",")+"]")
	}
}

// samples returns the samples of a series at every step.
func samples(at, end time.Time, step time.Duration, value string) string {
	var points []byte
	for ; !at.After(end); at = at.Add(step) {
		points = append(points, ",["...)
		points = strconv.AppendFloat(points, float64(at.UnixMilli())/1000, 'f', 3, 64)
		points = append(points, `,"`+value+`"]`...)
	}
	return `"values":[` + strings.TrimPrefix(string(points), ",") + "]"
}

func formTime(r *http.Request, name string) time.Time {
	var seconds float64
	_, _ = fmt.Sscan(r.Form.Get(name), &seconds)
	return time.UnixMilli(int64(math.Round(seconds * 1000)))
}

func formStep(r *http.Request) time.Duration {
	var seconds float64
	_, _ = fmt.Sscan(r.Form.Get("step"), &seconds)
	return time.Duration(seconds * float64(time.Second))
}

func fails(status int, text string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// hangs answers when the client no longer listens.
func hangs(_ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() }

// large answers with 50 MB.
func large(w http.ResponseWriter, _ *http.Request, _ string) {
	_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`)
	chunk := strings.Repeat(`{"metric":{"a":"b"},"value":[1,"1"]},`, 1000)
	for range 50 << 20 / len(chunk) {
		if _, err := io.WriteString(w, chunk); err != nil {
			return // the client has had enough
		}
	}
}

// Whatever Prometheus does, each operation answers with a status and a reason, by its
// schema, and without a number that is none.
func TestDegenerate(t *testing.T) {
	for _, c := range []struct {
		name    string
		respond func(http.ResponseWriter, *http.Request, string)
		status  int // 200, or 503 with the state
		state   query.State
	}{
		{"nothing", replyNothing, http.StatusOK, query.NoData},
		{"all zero", replySame("0"), http.StatusOK, ""},
		{"all the same", replySame("100"), http.StatusOK, ""},
		{"not a number", replySame("NaN"), http.StatusOK, ""},
		{"infinite", replySame("+Inf"), http.StatusOK, ""},
		{"huge", replySame("1e308"), 0, ""},
		{"an error", fails(500, "out of memory"), http.StatusServiceUnavailable, query.Failed},
		{"refused queries", fails(422, `{"status":"error","errorType":"execution","error":"too many samples"}`),
			http.StatusServiceUnavailable, query.Failed},
		{"a login page", fails(200, "<html>"), http.StatusServiceUnavailable, query.Failed},
		{"no credentials", fails(401, "no"), http.StatusServiceUnavailable, query.Failed},
		{"cut off", fails(200, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{`),
			http.StatusServiceUnavailable, query.Truncated},
		{"too late", hangs, http.StatusServiceUnavailable, query.Slow},
		{"50 MB", large, http.StatusServiceUnavailable, query.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{Prometheus: newFake(t, c.respond).URL}
			if c.state == query.Slow {
				o.queryTimeout = 50 * time.Millisecond
			}
			s := serve(t, o)
			for _, path := range paths {
				s.answers(t, path, c.status, c.state)
			}
			s.answers(t, "/api/v1/health", 0, c.state)
			s.scraped(t)
			s.drawn(t)
		})
	}
	t.Run("down", func(t *testing.T) {
		server := newFake(t, replyNothing)
		server.Close()
		s := serve(t, Options{Prometheus: server.URL})
		for _, path := range append(paths, "/api/v1/health") {
			s.answers(t, path, http.StatusServiceUnavailable, query.Unreachable)
		}
	})
}

// answers checks the answer of an operation. A status of 0 stands for 200 and 503.
func (s *Service) answers(t *testing.T, path string, status int, state query.State) {
	t.Helper()
	r := s.get(t, path)
	text := string(body(t, r))
	if status != 0 && r.StatusCode != status ||
		r.StatusCode != http.StatusOK && r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s: %s, want %d\n%.500s", path, r.Status, status, text)
	}
	s.valid(t, path, r)
	var answer struct {
		Status any         `json:"status"` // of an answer, or a problem's number
		State  query.State `json:"state"`
		Detail string      `json:"detail"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s: %v\n%.500s", path, err, text)
	}
	got, reason := answer.State, answer.Detail
	if of, ok := answer.Status.(map[string]any); ok {
		got = query.State(fmt.Sprint(of["state"]))
		reason, _ = of["reason"].(string)
	}
	if state != "" && got != state || got != query.OK && reason == "" {
		t.Errorf("%s: state %q for the reason %q, want %q", path, got, reason, state)
	}
}

// scraped checks that the metrics can be scraped, and that no value is NaN or infinite.
func (s *Service) scraped(t *testing.T) string {
	t.Helper()
	r := s.get(t, "/metrics")
	text := string(body(t, r))
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "notification_") && notFinite.MatchString(line) {
			t.Errorf("metric %s", line)
		}
	}
	if r.StatusCode != http.StatusOK || !strings.Contains(text, "belfry_insights_answer_age_seconds") {
		t.Errorf("metrics: %s\n%.500s", r.Status, text)
	}
	return text
}

// notFinite matches how Go prints numbers that are not finite.
var notFinite = regexp.MustCompile(`\bNaN\b|[+-]Inf\b`)

// drawn checks that the page is drawn.
func (s *Service) drawn(t *testing.T) {
	t.Helper()
	r := s.get(t, "/")
	if text := string(body(t, r)); r.StatusCode != http.StatusOK || !strings.Contains(text, "</html>") ||
		notFinite.MatchString(text) {
		t.Errorf("page: %s\n%.500s", r.Status, text)
	}
}

// Large answers do not fill the memory, however many clients ask.
func TestMemoryStaysBounded(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, large).URL})
	for i := range 4 {
		s.get(t, fmt.Sprintf("/api/v1/analytics?last=%dd", i+1))
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 100<<20 {
		t.Errorf("%d MB are in use afterwards", m.HeapAlloc>>20)
	}
	if m.Sys > 1<<30 {
		t.Errorf("%d MB were needed", m.Sys>>20)
	}
}
