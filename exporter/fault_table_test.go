package exporter_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/truth"
	"belfry/rules"
	"belfry/rules/settings"
)

// outcome says what an exporter does about a fault.
type outcome string

const (
	goesOn  outcome = "goes on"   // and /-/ready says so
	waits   outcome = "not ready" // and continues by itself once the cause is gone
	halts   outcome = "halts"     // until a person decides, or has removed the cause
	refuses outcome = "refuses to start"
	exits   outcome = "exits"
)

// kind is a kind of fault: what follows from it, and what tells a person.
type kind struct {
	fault string // what is wrong; it names the kind
	does  outcome
	then  string // what that means for the numbers
	// metric shows the fault: a counter grows, a gauge has the value. What does not run has none.
	metric catalog.Metric
	labels []string
	value  float64
	// log has the parts of one line of the log. Faults that only a metric shows have none.
	log []string
	// alerts lists those that fire. calm says why none has to.
	alerts []rules.Alert
	calm   string
	test   string // which proves the kind
	// disk says that the test needs a file system of its own, which not all machines allow.
	disk bool
}

// seen is what a person can see of an exporter.
type seen struct {
	metrics string // empty if it does not answer
	status  int    // of /-/ready
	log     string
}

func (r *running) seen() seen {
	_, metrics := r.get("/metrics", "text/plain;version=0.0.4")
	status, _ := r.get("/-/ready", "")
	return seen{metrics, status, r.log.String()}
}

func (p *program) seen() seen {
	_, metrics := p.get("/metrics")
	status, _ := p.get("/-/ready")
	return seen{metrics, status, p.log.String()}
}

// healthy remembers what is shown before a fault.
func (r *running) healthy() { r.in.before = r.seen().metrics }

// proves checks that a person sees of a fault what the table says, and that the alerts that
// it names fire if the fault stays, and no others.
func (r *running) proves(fault string) {
	r.t.Helper()
	proves(r.t, fault, r.in.before, r.seen)
}

func (p *program) proves(fault string) {
	p.t.Helper()
	proves(p.t, fault, p.in.before, p.seen)
}

// refused does what proves does for an exporter that does not start, with an error that the
// program would log.
func refused(t *testing.T, fault string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: the exporter starts", fault)
		return
	}
	proves(t, fault, "", func() seen { return seen{log: err.Error()} })
}

// proven lists the kinds that tests of this process have proven.
var proven struct {
	sync.Mutex
	kinds map[string]bool
}

func proves(t *testing.T, fault, before string, look func() seen) {
	t.Helper()
	k, ok := kindOf(fault)
	if !ok {
		t.Fatalf("the table of faults does not have %q", fault)
	}
	if test, _, _ := strings.Cut(t.Name(), "/"); test != k.test {
		t.Errorf("the table of faults says that %s proves %q", k.test, fault)
	}
	var s seen
	var missing error
	if !poll(func() bool {
		s = look()
		missing = k.in(before, s)
		return missing == nil
	}) {
		t.Errorf("%s: %v\n%s", fault, missing, s.log)
	}
	if got, want := alertsOn(t, before, s.metrics), k.alertNames(); !slices.Equal(got, want) {
		t.Errorf("%s: the alerts %q fire, the table of faults says %q", fault, got, want)
	}
	proven.Lock()
	defer proven.Unlock()
	if proven.kinds == nil {
		proven.kinds = map[string]bool{}
	}
	proven.kinds[fault] = true
}

func kindOf(fault string) (kind, bool) {
	for _, s := range faults {
		for _, k := range s.kinds {
			if k.fault == fault {
				return k, true
			}
		}
	}
	return kind{}, false
}

// in returns an error that says what of the kind is not seen.
func (k kind) in(before string, s seen) error {
	if !hasLine(s.log, k.log) {
		return fmt.Errorf("no line of the log says %q", k.log)
	}
	switch {
	case k.stopped() && s.metrics != "":
		return errors.New("it answers scrapes")
	case k.stopped():
		return nil
	case k.does == goesOn && s.status != http.StatusOK, k.does != goesOn && s.status != http.StatusServiceUnavailable:
		return fmt.Errorf("/-/ready has status %d", s.status)
	}
	halted, _ := valueIn(s.metrics, catalog.PartitionHalted)
	if (halted > 0) != (k.does == halts) {
		return fmt.Errorf("%v partitions are halted", halted)
	}
	was, _ := valueIn(before, k.metric, k.labels...)
	now, shown := valueIn(s.metrics, k.metric, k.labels...)
	if _, counts := k.metric.(catalog.Counter); counts && now <= was || !counts && (!shown || now != k.value) {
		return fmt.Errorf("%s%q is %v after %v", k.metric.Desc().Name, k.labels, now, was)
	}
	return nil
}

// stopped reports whether the exporter does not run because of the fault.
func (k kind) stopped() bool { return k.does == refuses || k.does == exits }

func (k kind) alertNames() []string {
	var names []string
	for _, a := range k.alerts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return names
}

// valueIn returns the sum of the series of a family in an exposition whose labels include
// the pairs, and whether there is one.
func valueIn(exposition string, m catalog.Metric, pairs ...string) (sum float64, ok bool) {
	families, err := truth.ReadExposition(strings.NewReader(exposition))
	if err != nil {
		return 0, false
	}
	for _, f := range families {
		if f.GetName() == m.Desc().Name {
			return sumOf(f, pairs)
		}
	}
	return 0, false
}

// unproven returns the kinds that no test has proven, after all tests have run.
func unproven() (missing []string) {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return nil
		}
	}
	for _, s := range faults {
		for _, k := range s.kinds {
			if !proven.kinds[k.fault] && !k.disk {
				missing = append(missing, fmt.Sprintf("%s (%s)", k.fault, k.test))
			}
		}
	}
	return missing
}

// FAULTS.md is the table of faults for people. Each kind says what a person sees of it and
// which alert fires, and what stops counting pages.
func TestFaultTable(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range faults {
		for _, k := range s.kinds {
			if seen[k.fault] {
				t.Errorf("%s: it is there twice", k.fault)
			}
			seen[k.fault] = true
			if err := k.check(); err != nil {
				t.Errorf("%s: %v", k.fault, err)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("%d kinds", len(seen))
	}
	const file = "FAULTS.md"
	want := document()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("run go test ./exporter -run TestFaultTable -update (-want +got)\n%s", diff)
	}
}

// check returns an error unless the kind is complete.
func (k kind) check() error {
	pages := slices.ContainsFunc(k.alerts, func(a rules.Alert) bool { return a.Severity == settings.Critical })
	switch {
	case k.then == "" || k.test == "":
		return errors.New("it does not say what follows, or which test proves it")
	case k.does != goesOn && !pages:
		return errors.New("nothing pages")
	case (len(k.alerts) > 0) == (k.calm != ""):
		return errors.New("it needs either alerts or why none is needed")
	case k.stopped() == (k.metric != nil):
		return errors.New("it needs a metric if the exporter runs")
	case len(k.log) == 0 && k.does != goesOn:
		return errors.New("nothing is logged")
	}
	return nil
}

// document renders the table for people.
func document() string {
	var b strings.Builder
	b.WriteString(introduction)
	for _, s := range faults {
		fmt.Fprintf(&b, "\n## %s\n\n| what is wrong | what happens | metric | log line | alerts | test |\n", s.title)
		b.WriteString("|---|---|---|---|---|---|\n")
		for _, k := range s.kinds {
			fmt.Fprintf(&b, "| %s | **%s**: %s | %s | %s | %s | %s |\n",
				k.fault, k.does, k.then, k.metricText(), k.logText(), k.alertText(), k.test)
		}
	}
	return b.String()
}

func (k kind) metricText() string {
	if k.stopped() {
		return "`up` is 0"
	}
	labels := []string{}
	for i := 0; i < len(k.labels); i += 2 {
		labels = append(labels, fmt.Sprintf("%s=%q", k.labels[i], k.labels[i+1]))
	}
	name := k.metric.Desc().Name
	if len(labels) > 0 {
		name += "{" + strings.Join(labels, ", ") + "}"
	}
	if _, counts := k.metric.(catalog.Counter); counts {
		return "`" + name + "` grows"
	}
	return fmt.Sprintf("`%s` is %v", name, k.value)
}

func (k kind) logText() string {
	if len(k.log) == 0 {
		return "–"
	}
	return "`" + strings.Join(k.log, "` … `") + "`"
}

func (k kind) alertText() string {
	if k.calm != "" {
		return "none: " + k.calm
	}
	var links []string
	for _, a := range k.alerts {
		name := strings.TrimPrefix(a.Name, settings.Prefix)
		links = append(links, fmt.Sprintf("[%s](../rules/runbooks/%s.md)", name, a.Name))
	}
	return strings.Join(links, ", ")
}
