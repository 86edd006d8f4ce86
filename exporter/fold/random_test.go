package fold_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/state"
	"belfry/exporter/truth"
)

var (
	sequences = flag.Int("sequences", 12, "random sequences of events to fold")
	firstSeed = flag.Uint64("seed", 1, "seed of the first random sequence")
	length    = flag.Int("length", 400, "events in each random sequence")
)

// randomOptions returns options whose every part matters. Odd seeds admit few label
// values, and some few label sets.
func randomOptions(seed uint64) fold.Options {
	o := options()
	o.Partitions, o.PartitionOf, o.UserKey = 2, oddKeys, []byte("key")
	o.KeepLabelValues = true // the truth does not let them expire
	if seed%2 == 1 {
		o.Table.LabelLimits = map[*catalog.Label]int{
			catalog.LabelCategory: 1, catalog.LabelProvider: 3, catalog.LabelTemplate: 2, catalog.LabelExperiment: 2,
			catalog.LabelCountry: 2, catalog.LabelAppVersion: 1, catalog.LabelVariant: 2, catalog.LabelCampaign: 1,
			catalog.LabelErrorCode: 1, catalog.LabelName: 2,
		}
	}
	o.Optional = map[*catalog.Family]bool{
		catalog.CountryStages.Family: seed%4 > 0, catalog.AppVersionStages.Family: seed%4 > 1,
	}
	if seed%7 == 6 {
		o.Table.SetLimits = map[*catalog.Family]int{
			catalog.Stages.Family: 40, catalog.ExperimentMoments.Family: 30, catalog.Errors.Family: 3,
			catalog.CountryStages.Family: 40,
			catalog.TimeToOpen.Family:    2, catalog.TemplateInfo.Family: 2, catalog.ComponentCPU.Family: 1,
		}
	}
	return o
}

// oddKeys puts every key of odd length into another partition than the one that is
// folded.
func oddKeys(key string, _ int) int { return len(key) % 2 }

// truthOptions returns the same options for the reference.
func truthOptions(o fold.Options) truth.Options {
	return truth.Options{
		Partitions: o.Partitions, PartitionOf: o.PartitionOf, AttributionWindow: o.AttributionWindow,
		StageWindows: o.StageWindows, Faults: o.Faults, LabelLimits: o.Table.LabelLimits, UserKey: o.UserKey,
		Optional: o.Optional,
	}
}

// For random sequences of events three foldings agree: in memory from scratch,
// in a store that keeps hardly anything in memory and crashes now and then, and
// the reference.
//
//	go test ./exporter/fold -run Random -sequences 5000 -seed 1000
func TestRandomSequences(t *testing.T) {
	for i := range *sequences {
		seed := *firstSeed + uint64(i)
		o := randomOptions(seed)
		messages := write(seed, *length, o.UserKey)
		disagree := func(messages []fold.Message) string { return disagreement(t, o, seed, messages) }
		if disagree(messages) == "" {
			continue
		}
		messages = shrink(messages, disagree)
		t.Fatalf("seed %d, shrunk to %d of %d messages:\n%s%s",
			seed, len(messages), *length, listed(messages), disagree(messages))
	}
}

// disagreement folds the messages in all three ways and returns the difference.
func disagreement(t *testing.T, o fold.Options, seed uint64, messages []fold.Message) string {
	want, s := truth.New(truthOptions(o)), newState(o)
	for i, message := range messages {
		want.Read(0, message.Data, message.Time)
		foldOne(s, message)
		if o.Table.SetLimits != nil || i%compareEvery != 0 && i != len(messages)-1 {
			continue // the truth does not know limits on sets
		}
		if d := want.Compare(exposition(s)); d != nil {
			return fmt.Sprintf("the fold differs from the truth after message %d:\n%v\n", i, d)
		}
	}
	for _, f := range catalog.Optional() { // which Compare lets be missing
		if shown := s.Sets()[f] > 0; shown != (want.Total(catalog.Counter{Family: f}) > 0) {
			return fmt.Sprintf("%s: shown is %v\n", f.Name, shown)
		}
	}
	if d := cmp.Diff(exactly(s), exactly(foldStored(t, o, seed, messages))); d != "" {
		return "the fold with a store that crashed differs (-memory +store):\n" + d
	}
	return ""
}

// The fold is compared with the truth after each compareEvery messages: gauges may
// differ for a while only.
const compareEvery = 10

// exactly returns all that the fold exposes, to the last bit, by labels.
func exactly(s *fold.State) map[string]string {
	series := map[string]string{}
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			name := family.GetName() + fmt.Sprint(m.Label)
			m.Label = nil
			series[name] = m.String()
		}
	}
	return series
}

// foldOne folds a message from memory that is overwritten afterwards.
func foldOne(s *fold.State, m fold.Message) {
	m.Data = slices.Clone(m.Data)
	s.Fold(m)
	for i := range m.Data {
		m.Data[i] = '#'
	}
}

// shrink leaves out messages as long as the rest still fails.
func shrink(messages []fold.Message, disagree func([]fold.Message) string) []fold.Message {
	for size := len(messages) / 2; size > 0; {
		smaller := false
		for from := 0; from+size <= len(messages); {
			rest := slices.Delete(slices.Clone(messages), from, from+size)
			if disagree(rest) == "" {
				from += size
				continue
			}
			messages, smaller = rest, true
		}
		if !smaller || size > len(messages) {
			size /= 2
		}
	}
	return messages
}

func listed(messages []fold.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "at %d: %s\n", m.Time, m.Data)
	}
	return b.String()
}

// unsteady folds in a process that crashes now and then.
type unsteady struct {
	*rand.Rand
	t       testing.TB
	options fold.Options
	dir     string
	caches  [2]*state.Cache // too small for filters, and large enough
	store   *state.Store
	fold    *fold.State
	place   uint64 // messages folded
	pending *state.Pending
	written bool
}

// foldStored folds the messages in a store that keeps as little in memory as it can,
// with checkpoints, some of which are half done when the process crashes.
func foldStored(t testing.TB, o fold.Options, seed uint64, messages []fold.Message) *fold.State {
	u := &unsteady{
		Rand: rand.New(rand.NewPCG(seed, 11)), t: t, options: o, dir: filepath.Join(t.TempDir(), "state"),
		caches: [...]*state.Cache{state.NewCache(8<<20, 1), state.NewCache(1<<30, 1)},
	}
	for _, cache := range u.caches {
		defer cache.Close()
	}
	u.open()
	defer func() { u.close() }()
	for u.place < uint64(len(messages)) {
		foldOne(u.fold, messages[u.place])
		u.place++
		if err := u.store.Err(); err != nil {
			t.Fatal(err)
		}
		if u.IntN(200) == 0 {
			u.close()
			u.open()
			continue
		}
		if u.IntN(50) == 0 {
			u.fold.Snapshot() // a scrape changes nothing
		}
		u.checkpointStep()
	}
	return u.fold
}

func (u *unsteady) open() {
	store, latest, err := state.Open(state.Options{
		Dir: u.dir, Window: u.options.AttributionWindow, OverlayBytes: 1, Cache: u.caches[u.IntN(2)],
	})
	if err != nil {
		u.t.Fatal(err)
	}
	u.store, u.place, u.pending = store, 0, nil
	if latest == nil {
		u.fold = fold.New(u.options, store)
		return
	}
	u.place = latest.Place.Sequence
	if u.fold, err = fold.Restore(u.options, store, latest.Fold); err != nil {
		u.t.Fatal(err)
	}
}

func (u *unsteady) close() {
	if err := u.store.Close(); err != nil {
		u.t.Fatal(err)
	}
}

// checkpointStep takes the next step of a checkpoint now and then. The fold goes on
// between the steps.
func (u *unsteady) checkpointStep() {
	switch {
	case u.pending == nil && u.IntN(12) == 0:
		pending, err := u.store.Take(state.Checkpoint{Place: state.Place{Sequence: u.place}, Fold: u.fold.Image()})
		if err != nil {
			u.t.Fatal(err)
		}
		u.pending, u.written = pending, false
	case u.pending != nil && !u.written && u.IntN(3) == 0:
		if _, err := u.pending.Write(); err != nil {
			u.t.Fatal(err)
		}
		u.written = true
	case u.pending != nil && u.written && u.IntN(3) == 0:
		u.pending.Finish(nil)
		u.pending = nil
	}
}
