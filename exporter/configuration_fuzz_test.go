package exporter_test

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"gopkg.in/yaml.v3"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/scrape"
	"belfry/exporter/state"
	"belfry/exporter/truth"
)

// FuzzConfigurationText holds check, start, reload and scrape together for texts: a
// configuration is refused, or it scrapes.
func FuzzConfigurationText(f *testing.F) {
	for _, folder := range []string{"configurations", "mistakes"} {
		paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil || len(paths) == 0 {
			f.Fatalf("%d files in %s: %v", len(paths), folder, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add(string(exporter.DefaultConfig))
	f.Fuzz(func(t *testing.T, text string) { scrapesIfValid(t, text) })
}

// FuzzConfiguration does the same for configurations that are made up from a seed:
// most of them are valid, with odd names, sizes and repetitions.
func FuzzConfiguration(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { scrapesIfValid(t, invented(seed)) })
}

// At least a third of what is made up is valid, or the test would show little.
func TestInventedConfigurations(t *testing.T) {
	valid := 0
	const n = 60
	for seed := range uint64(n) {
		if scrapesIfValid(t, invented(1000+seed)) {
			valid++
		}
	}
	if valid < n/3 {
		t.Errorf("%d of %d invented configurations are valid", valid, n)
	}
}

// scrapesIfValid reports whether the text is a valid configuration. If it is, an
// exporter must start with it, reload it, fold events of every channel, and answer
// every scrape with all families.
func scrapesIfValid(t *testing.T, text string) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "b.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := exporter.LoadConfig(path)
	if err != nil {
		return false
	}
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("%s\nThe configuration is valid:\n%s", fmt.Sprintf(format, args...), text)
	}
	e, err := exporter.New(c, exporter.Options{StateDir: t.TempDir(), UserKey: []byte("key"), Partitions: []int{0}})
	if err != nil {
		fail("start: %v", err)
	}
	defer e.Close()
	for range 2 {
		if what := scrapeProblem(e, c); what != "" {
			fail("%s", what)
		}
		if err := e.Reload(c); err != nil {
			fail("reload: %v", err)
		}
	}
	if what := foldProblem(c); what != "" {
		fail("%s", what)
	}
	return true
}

// scrapeProblem says what a scrape lacks of the configuration.
func scrapeProblem(e *exporter.Exporter, c *exporter.Config) string {
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	families, err := truth.ReadExposition(w.Body)
	if err != nil || w.Code != http.StatusOK {
		return fmt.Sprintf("status %d, %v", w.Code, err)
	}
	arms := 0
	for _, x := range c.Experiments {
		arms += len(x.Variants)
	}
	channels := len(catalog.Channels) + len(c.ExtraChannels)
	return cmpSeries(families, map[string]int{
		catalog.FamiliesLeftOut.Name: 0, catalog.ExperimentInfo.Name: arms,
		catalog.Objective.Name: channels * len(c.Objectives.Targets), catalog.BuildInfo.Name: 1,
	})
}

func cmpSeries(families []*dto.MetricFamily, want map[string]int) string {
	got := map[string]int{}
	for _, f := range families {
		for _, m := range f.Metric {
			if v := m.GetGauge().GetValue(); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Sprintf("%s is %v", f.GetName(), v)
			}
		}
		got[f.GetName()] = len(f.Metric)
	}
	for name, n := range want {
		if got[name] != n {
			return fmt.Sprintf("%s has %d series, want %d", name, got[name], n)
		}
	}
	return ""
}

// foldProblem folds an event of each channel with many values, and says why a scrape
// could not show them.
func foldProblem(c *exporter.Config) string {
	s := fold.New(c.FoldOptions(0), state.NewMemory(c.FoldOptions(0).AttributionWindow))
	for i, channel := range c.FoldOptions(0).Channels {
		for j := range 3 {
			line := fmt.Sprintf(`{"eventId":"e%d-%d","type":"notification.failed","timestamp":"2026-03-02T10:00:00Z",`+
				`"data":{"notificationId":"n%d-%d","userId":"u%d","channel":%s,"provider":"p%d","errorCode":"%d"}}`,
				i, j, i, j, i, strconv.QuoteToGraphic(channel), j, 500+j)
			s.Fold(fold.Message{Data: []byte(line)})
		}
	}
	gathered := scrape.New(slog.New(slog.DiscardHandler), prometheus.NewRegistry(), func() []*dto.MetricFamily {
		return new(metrics.Exposition).Families([]metrics.Part{{Partition: "0", Snapshot: s.Snapshot(), Now: s.Now()}})
	})
	families, err := gathered.Gather()
	if err != nil {
		return err.Error()
	}
	return cmpSeries(families, map[string]int{catalog.FamiliesLeftOut.Name: 0})
}

// invented makes up a configuration.
func invented(seed uint64) string {
	i := inventor{rand.New(rand.NewPCG(seed, 11))}
	file := map[string]any{}
	values := map[string]func() any{
		"partitions": func() any { return i.one(1, 2, 8, 64, 0, 65, -1) },
		"stream": func() any {
			return map[string]any{"max_age": i.duration(), "max_bytes": i.one("1MiB", "1GB", "8EiB", "1KiB", "0"),
				"replicas": i.one(1, 3, 5, 0)}
		},
		"attribution_window": func() any { return i.duration() }, "max_event_age": func() any { return i.duration() },
		"max_event_lead": func() any { return i.duration() },
		"stage_windows":  func() any { return map[string]any{i.value(catalog.LabelStage): i.duration()} },
		"extra_channels": func() any { return i.words() },
		"label_limits": func() any {
			return map[string]any{i.label(): i.one(1, 2, 50, 1000, 0, 60_000, 64_000, 65_000, -1)}
		},
		"family_limits": func() any { return map[string]any{i.family(): i.size(), i.family(): i.size()} },
		"optional_families": func() any {
			return []any{i.one(catalog.CountryStages.Name, catalog.AppVersionStages.Name, i.family())}
		},
		"faults": func() any {
			fault := i.one("recipient", "provider", "platform", "unknown", "none").(string)
			return map[string]any{fault: append(i.words().([]string), "5.*", "*_full")}
		},
		"objectives": i.objectives, "experiments": i.experiments,
	}
	for _, key := range slices.Sorted(maps.Keys(values)) { // the order must follow from the seed
		if i.IntN(4) == 0 {
			file[key] = values[key]()
		}
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		panic(err) // plain maps, strings and numbers always marshal
	}
	return string(text)
}

// inventor chooses values: mostly right ones, some odd and some wrong.
type inventor struct{ *rand.Rand }

// one returns one of the values; the first are the likelier ones.
func (i inventor) one(values ...any) any {
	return values[min(i.IntN(len(values)), i.IntN(len(values)))]
}

func (i inventor) value(of *catalog.Label) string { return of.Values[i.IntN(len(of.Values))] }

func (i inventor) label() string { return i.one("campaign", "template", "error_code", "x").(string) }

func (i inventor) family() string {
	f := catalog.All[i.IntN(len(catalog.All))]
	if f.Source != catalog.Fold && i.IntN(10) > 0 {
		return catalog.Stages.Name
	}
	return f.Name
}

func (i inventor) duration() any {
	return i.one("1h", "30d", "1ms", "10y", "0s", "90y", "-1h", "1", "")
}

func (i inventor) size() any {
	return i.one(1, 2, 50, 1000, 0, 70_000, 1_000_000_000, math.MaxInt64, -1)
}

// word returns a name, which may have any characters. Those that nobody sees are refused.
func (i inventor) word() string {
	if i.IntN(40) == 0 {
		return i.one("\u2028", "\t", "a\nb", "\u0085", "\u00ad", "\ufeff", "\x00").(string)
	}
	return i.one("voice", "fax", "a", "exp 7", "ü", "🔥", `"`, `\`, "{}", "a,b=c", "1", "true", "null", "~", "0x1",
		"1e3", " a ", "other", "unknown", "none", "all", "__name__", "partition", "le", "a@b.example", "https://x.example",
		"\u3000", "\ufffd", "\xff", strings.Repeat("x", 300), "", " ", "email").(string)
}

func (i inventor) words() any {
	var all []string
	for range i.IntN(4) {
		all = append(all, i.word())
	}
	if i.IntN(50) == 0 {
		for n := range 2000 {
			all = append(all, fmt.Sprint("c", n))
		}
	}
	return all
}

func (i inventor) target() any {
	return i.one(0.99, 0.5, 1e-9, 30, 0, 1, math.MaxFloat64, math.Inf(1), math.NaN(), math.Copysign(0, -1), -1)
}

func (i inventor) objectives() any {
	targets := func() map[string]any {
		return map[string]any{i.value(catalog.LabelObjective): i.target(), i.value(catalog.LabelObjective): i.target()}
	}
	all := targets()
	if i.IntN(2) == 0 {
		all["channels"] = map[string]any{i.one("email", "push", i.word()).(string): targets()}
	}
	return all
}

func (i inventor) experiments() any {
	var all []any
	for range 1 + i.IntN(3) {
		control := i.word()
		all = append(all, map[string]any{
			"name": i.word(), "control": control, "variants": append([]string{control, i.word()}, i.word()),
			"planned_users": i.size(),
		})
	}
	return all
}
