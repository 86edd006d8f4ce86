package anomaly_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/insights/anomaly"
	"belfry/insights/forecast"
	"belfry/insights/query"
	"belfry/insights/watched"
	"belfry/rules"
	"belfry/rules/promapi"
)

// platform answers like the Prometheus of a platform with two channels, from begins on,
// and the channel unknown on which nothing is sent. Email stops at an hour. Sent
// notifications of the channel banded have a band of the rules.
type platform struct {
	begins, stops time.Time
	banded        string
	now           time.Time
}

// noon is when the tests look.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

// lately is when enough is known by noon, and little has to be judged.
var lately = noon.Add(-16 * 24 * time.Hour)

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	promQL := r.Form.Get("query")
	if !strings.HasSuffix(r.URL.Path, "query_range") {
		var found []any
		if p.banded != "" && promQL == rules.VolumeSeason.Lower.Name {
			found = append(found, map[string]any{"metric": map[string]string{"channel": p.banded},
				"value": []any{noon.Unix(), "1"}})
		}
		answer(w, "vector", found)
		return
	}
	from, _ := strconv.ParseFloat(r.Form.Get("start"), 64)
	until, _ := strconv.ParseFloat(r.Form.Get("end"), 64)
	var found []any
	for i, channel := range []string{"email", "push", catalog.Unknown} {
		var values [][2]any
		for at := int64(from); at <= int64(until); at += 300 {
			t := time.Unix(at, 0).UTC()
			if x := p.value(promQL, channel, t) * float64(1+i); !t.After(p.now) && !t.Before(p.begins) {
				values = append(values, [2]any{at, fmt.Sprint(x)})
			}
		}
		found = append(found, map[string]any{"metric": map[string]string{"channel": channel}, "values": values})
	}
	answer(w, "matrix", found)
}

func answer(w http.ResponseWriter, kind string, found []any) {
	if found == nil {
		found = []any{}
	}
	json.NewEncoder(w).Encode(map[string]any{
		"status": "success", "data": map[string]any{"resultType": kind, "result": found},
	})
}

// value returns what is counted at a time: a wave with a little irregularity.
func (p *platform) value(promQL, channel string, at time.Time) float64 {
	n := float64(at.Unix() / 300)
	sent := math.Round(600 + 300*math.Sin(2*math.Pi*n/288) + 20*math.Sin(n*n))
	if channel == "email" && !at.Before(p.stops) || channel == catalog.Unknown {
		sent = 0
	}
	switch {
	case strings.Contains(promQL, `"sent"`):
		return sent
	case strings.Contains(promQL, `"delivered"`):
		return math.Round(0.98 * sent)
	case strings.Contains(promQL, `"opened"`):
		return math.Round(0.2 * sent)
	}
	if channel == catalog.Unknown {
		return math.NaN()
	}
	return 1.5 + 0.1*math.Sin(n*n)
}

func (p *platform) source(t *testing.T) *query.Source {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	api, err := promapi.New(server.URL, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return query.New(api, query.Options{Now: func() time.Time { return p.now }})
}

func find(t *testing.T, r anomaly.Report, name, channel string) anomaly.Watched {
	t.Helper()
	for _, w := range r.Series {
		if w.Series == name && w.Channel == channel {
			return w
		}
	}
	t.Fatalf("no %s of %s in %d series, %v", name, channel, len(r.Series), r.Status)
	return anomaly.Watched{}
}

// TestWatch finds the channel that stopped, and leaves it to the rules where they have a
// band.
func TestWatch(t *testing.T) {
	p := &platform{begins: lately, stops: noon.Add(-time.Hour), now: noon}
	var w anomaly.Watcher
	r := w.Watch(t.Context(), p.source(t))
	if len(r.Series) != 8 || r.Status.State != query.OK || len(r.Queries) == 0 {
		t.Fatalf("%d series, %v, %v", len(r.Series), r.Status, r.Queries)
	}
	email := find(t, r, watched.Volume, "email")
	if !email.Anomalous || !email.Alerts() || email.Since == nil || email.Since.Before(p.stops) ||
		email.Since.After(p.stops.Add(15*time.Minute)) || *email.Value != 0 || *email.Expected < 1 {
		t.Errorf("email: %+v", email)
	}
	for _, one := range r.Series {
		if one.Channel == "push" && (one.Anomalous || one.State != anomaly.Normal || one.Expected == nil) {
			t.Errorf("push: %s: %+v", one.Series, one)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	p.banded = "email"
	email = find(t, w.Watch(t.Context(), p.source(t)), watched.Volume, "email")
	if !email.Anomalous || email.Alerts() || email.DecidedBy != anomaly.ByRules {
		t.Errorf("email with a band: %+v", email)
	}
}

// TestRestart checks that what a Watcher keeps changes no answer.
func TestRestart(t *testing.T) {
	p := &platform{begins: lately, stops: noon.Add(-time.Hour), now: noon.Add(-2 * time.Hour)}
	source := p.source(t)
	var kept anomaly.Watcher
	var r anomaly.Report
	for ; !p.now.After(noon); p.now = p.now.Add(7 * time.Minute) {
		r = kept.Watch(t.Context(), source)
	}
	p.now = r.GeneratedAt
	var fresh anomaly.Watcher
	if diff := cmp.Diff(r, fresh.Watch(t.Context(), source)); diff != "" {
		t.Error("kept and fresh differ:\n" + diff)
	}
}

// TestNothing gives a status without series where there is no server.
func TestNothing(t *testing.T) {
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	api, err := promapi.New(nobody.URL, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	down := query.New(api, query.Options{Now: func() time.Time { return noon }})
	var a anomaly.Watcher
	var f forecast.Watcher
	if r := a.Watch(t.Context(), down); r.Status.State != query.Unreachable || len(r.Series) != 0 {
		t.Errorf("anomalies without a server: %+v", r)
	}
	if r := f.Watch(t.Context(), down); r.Status.State != query.Unreachable || len(r.Series) != 0 {
		t.Errorf("forecasts without a server: %+v", r)
	}
}

// TestForecasts forecasts the wave a day ahead.
func TestForecasts(t *testing.T) {
	p := &platform{stops: noon.Add(time.Hour), now: noon.Add(20 * time.Minute)}
	var w forecast.Watcher
	r := w.Watch(t.Context(), p.source(t))
	if len(r.Series) != 8 || r.Status.State != query.OK {
		t.Fatalf("%d series, %v", len(r.Series), r.Status)
	}
	for _, one := range r.Series {
		if len(one.Ahead) != 3 || len(one.Points) != 168 || one.Model == "" {
			t.Fatalf("%s of %s: %+v", one.Series, one.Channel, one)
		}
		if one.Series == watched.Volume && one.Channel == "email" {
			tomorrow, now := one.Ahead[1], one.History[len(one.History)-1].Value
			if math.Abs(tomorrow.Mean-now) > 0.1*now || !(tomorrow.Lo95 < now && now < tomorrow.Hi95) {
				t.Errorf("tomorrow %+v, now %v per second", tomorrow, now)
			}
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}
