package exporter_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// stateOf is one that a partition and the connection of its exporter can be in.
type stateOf struct {
	partition.Status
	connected bool
}

// statesOf returns every combination of what can be true of a partition.
func statesOf() (all []stateOf) {
	for bits := range 1 << 9 {
		is := func(n int) bool { return bits>>n&1 == 1 }
		s := stateOf{connected: is(0)}
		s.Sequence, s.Exposed, s.Withheld, s.Reading, s.FenceBroken, s.NoRoom = 5, is(1), is(2), is(3), is(4), is(5)
		if is(6) {
			s.Halted = "the disk is broken"
		}
		if is(7) {
			s.Unread = "the server does not answer"
		}
		if is(8) {
			s.Target = 9
		}
		if !(s.Exposed && s.Withheld) { // numbers that are withheld are not shown
			all = append(all, s)
		}
	}
	return all
}

// exposition shows a state as that of a partition and an installation of its own.
func (s stateOf) exposition(n int) string {
	var b strings.Builder
	s.Partition = strconv.Itoa(n)
	show := func(m catalog.Metric, value float64) {
		fmt.Fprintf(&b, "%s{%s=%q,%s=%q} %v\n", m.Desc().Name,
			catalog.LabelPartition.Name, s.Partition, expr.Job.Name, "job-"+s.Partition, value)
	}
	exporter.Collect(&s.Status, func(m catalog.Metric, value float64, labels ...string) {
		if len(labels) == 0 {
			show(m, value)
		}
	})
	connected := 0.0
	if s.connected {
		connected = 1
	}
	show(catalog.NATSConnected, connected)
	return b.String()
}

// No state of a partition that does not read is ready, and none is without words. Each
// pages, as does one that shows no numbers, and none that reads and shows them does.
func TestEveryStateThatDoesNotReadPages(t *testing.T) {
	var shown []stateOf // those that look different to Prometheus
	var all strings.Builder
	seen := map[string]bool{}
	for _, s := range statesOf() {
		reads := s.Reading && s.Halted == ""
		if s.Ready() && !reads {
			t.Errorf("%+v is ready", s)
		}
		well := partition.Status{Sequence: s.Sequence, Exposed: true, Reading: true}
		if !s.Ready() && s.String() == well.String() {
			t.Errorf("%+v sounds well: %s", s, s.String())
		}
		if look := s.exposition(0); !seen[look] {
			seen[look] = true
			all.WriteString(s.exposition(len(shown)))
			shown = append(shown, s)
		}
	}
	paged := pagedPartitions(t, all.String())
	for n, s := range shown {
		works := s.Exposed && s.Reading && s.Halted == "" && s.connected && !s.FenceBroken
		if paged[strconv.Itoa(n)] == works {
			t.Errorf("paged: %v for %+v", !works, s)
		}
	}
	if len(shown) < 32 {
		t.Errorf("only %d states look different", len(shown))
	}
}

// pagedPartitions returns the partitions that somebody is paged about if the exposition
// stays.
func pagedPartitions(t *testing.T, exposition string) map[string]bool {
	t.Helper()
	pages := map[string]bool{}
	for _, a := range rules.Alerts() {
		if a.Severity == settings.Critical {
			pages[a.Name] = true
		}
	}
	w := newWatcher(t)
	w.scrape(exposition, illFor)
	paged := map[string]bool{}
	for _, f := range w.server.Fired(w.now) {
		if !pages[f.Labels.Get(catalog.LabelAlertName.Name)] {
			continue
		}
		if p := f.Labels.Get(catalog.LabelPartition.Name); p != "" {
			paged[p] = true
		} else if _, n, ok := strings.Cut(f.Labels.Get(expr.Job.Name), "job-"); ok {
			paged[n] = true
		}
	}
	return paged
}
