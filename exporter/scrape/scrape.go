package scrape

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
)

// Source returns families. They may be in any order; each call returns new ones.
type Source func() []*dto.MetricFamily

// Gatherer gathers the families of a registry and of sources. It implements
// prometheus.Gatherer and is safe for concurrent use.
type Gatherer struct {
	registry *prometheus.Registry
	sources  []Source
	leftOut  *prometheus.CounterVec
	log      *slog.Logger

	mu  sync.Mutex
	bad map[string]string // families that the last scrape left out: what is wrong with each
}

// New returns a gatherer. The registry must hold metrics of the program's own making;
// whatever depends on a file or on events belongs into a source.
func New(log *slog.Logger, registry *prometheus.Registry, sources ...Source) *Gatherer {
	leftOut := catalog.FamiliesLeftOut
	g := &Gatherer{
		registry: registry, sources: sources, log: log, bad: map[string]string{},
		leftOut: prometheus.NewCounterVec(prometheus.CounterOpts{Name: leftOut.Name, Help: leftOut.Help},
			[]string{catalog.LabelFamily.Name}),
	}
	registry.MustRegister(g.leftOut)
	return g
}

// Gather implements prometheus.Gatherer. It returns all families that Prometheus can
// take, ordered by name, and never an error. The count of those left out includes this
// scrape, except for families of the registry.
func (g *Gatherer) Gather() ([]*dto.MetricFamily, error) {
	var families []*dto.MetricFamily
	bad := map[string]string{}
	for _, source := range g.sources {
		families = append(families, source()...)
	}
	judge(families, bad)
	for name := range bad {
		g.leftOut.WithLabelValues(nameOf(name)).Inc()
	}
	own, err := g.registry.Gather() // judges its own
	if err != nil {                 // own holds what is right, and the error does not name the family
		bad[catalog.Unknown] = err.Error()
		g.leftOut.WithLabelValues(catalog.Unknown).Inc()
	}
	families = append(families, own...)
	sortByName(families)
	findTwice(families, bad)
	families = slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return bad[f.GetName()] != "" })
	g.report(bad)
	return families, nil
}

// report logs what is wrong with a family when it is left out for the first time, and
// when it is back.
func (g *Gatherer) report(bad map[string]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, what := range bad {
		if g.bad[name] != what {
			g.log.Error("a metric family is left out of scrapes", "family", nameOf(name), "because", what)
		}
	}
	for name := range g.bad {
		if bad[name] == "" {
			g.log.Info("a metric family is back in scrapes", "family", nameOf(name))
		}
	}
	g.bad = bad
}

// failures logs why families could not be gathered or encoded.
type failures struct{ log *slog.Logger }

// Println implements [promhttp.Logger].
func (f failures) Println(v ...any) { f.log.Error(strings.TrimSpace(fmt.Sprintln(v...))) }

// judge orders families by name and adds to bad what is wrong with those that
// Prometheus could not take.
func judge(families []*dto.MetricFamily, bad map[string]string) {
	sortByName(families)
	for _, f := range families {
		if what := problem(f); what != "" {
			bad[f.GetName()] = what
		}
	}
	findTwice(families, bad)
}

func sortByName(families []*dto.MetricFamily) {
	slices.SortStableFunc(families, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
}

// findTwice adds to bad the names that several families have, which are in order. None
// of them is kept.
func findTwice(families []*dto.MetricFamily, bad map[string]string) {
	for i, f := range families {
		if i > 0 && f.GetName() == families[i-1].GetName() {
			bad[f.GetName()] = "two sources have the family"
		}
	}
}
