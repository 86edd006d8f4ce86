package fold_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// testdata/earlier/state.tar.gz holds the state of a version that kept one record
// for all recipients of a notification id, after the events of before.ndjson.
func openEarlier(t *testing.T) *fold.State {
	t.Helper()
	dir := t.TempDir()
	extract(t, filepath.Join("testdata", "earlier", "state.tar.gz"), dir)
	o := options()
	o.UserKey = []byte("key")
	store, latest, err := state.Open(state.Options{
		Dir: filepath.Join(dir, "state"), Window: o.AttributionWindow, OverlayBytes: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(store.Err(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	s, err := fold.Restore(o, store, latest.Fold)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func extract(t *testing.T, archive, dir string) {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(plain); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, header.Name)
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(name, 0o700)
		} else if content, readErr := io.ReadAll(in); readErr == nil {
			err = os.WriteFile(name, content, 0o600)
		} else {
			err = readErr
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// read folds one event a line.
func read(t *testing.T, s *fold.State, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		if rejection := s.Fold(fold.Message{Data: []byte(strings.TrimSpace(line))}); rejection != nil {
			t.Fatalf("%s: %v", line, rejection)
		}
	}
}

// stages returns how many notifications reached each stage, and how many events
// were duplicates and orphans.
func stages(s *fold.State) map[string]float64 {
	counted := map[string]float64{}
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			switch family.GetName() {
			case catalog.Stages.Name:
				for _, l := range m.Label {
					if l.GetName() == catalog.LabelStage.Name && m.Counter.GetValue() != 0 {
						counted[l.GetValue()] += m.Counter.GetValue()
					}
				}
			case catalog.EventsDuplicate.Name, catalog.EventsOrphan.Name:
				counted[family.GetName()] += m.Counter.GetValue()
			case catalog.DeliveryLatency.Name:
				counted[family.GetName()] += float64(m.Histogram.GetSampleCount())
			}
		}
	}
	return counted
}

// An event that the earlier version counted is a duplicate, whoever received it.
func TestAnEarlierStateKnowsItsEvents(t *testing.T) {
	s := openEarlier(t)
	before, err := os.ReadFile(filepath.Join("testdata", "earlier", "before.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	want := counts(s)
	read(t, s, string(before))
	want[catalog.EventsDuplicate.Name+"{}"] += float64(bytes.Count(before, []byte("\n")))
	if d := difference(want, counts(s)); d != "" {
		t.Error(d)
	}
}

// The stages that the earlier version did not know begin at 0 beside its own.
func TestStagesOfAnEarlierStateAreBorn(t *testing.T) {
	for _, family := range exposition(openEarlier(t)) {
		if family.GetName() != catalog.Stages.Name && family.GetName() != catalog.FrequencyStages.Name {
			continue
		}
		for set, values := range valuesBeside(family, catalog.LabelStage) {
			if values != catalog.NumStages {
				t.Errorf("%s{%s} has %d stages, want %d", family.GetName(), set, values, catalog.NumStages)
			}
		}
	}
}

// The moments that the earlier version did not know begin at 0 beside its own. Its users
// have a covariate of 0.
func TestMomentsOfAnEarlierStateAreBorn(t *testing.T) {
	moments := func(s *fold.State, moment string) (series int, sum float64) {
		for _, family := range exposition(s) {
			for _, m := range family.Metric {
				if family.GetName() == catalog.ExperimentMoments.Name && hasLabel(m, catalog.LabelMoment, moment) {
					series, sum = series+1, sum+m.Counter.GetValue()
				}
			}
		}
		return series, sum
	}
	s := openEarlier(t)
	arms, _ := moments(s, "n")
	read(t, s, happened("e11", "opened", "n1", "u1", "10:00:05"))
	for _, moment := range catalog.LabelMoment.Values {
		series, sum := moments(s, moment)
		if series != arms || arms == 0 {
			t.Errorf("%d series of %s, want %d", series, moment, arms)
		}
		if strings.HasPrefix(moment, "c") && sum != 0 {
			t.Errorf("%s adds up to %v, want 0", moment, sum)
		}
	}
}

func hasLabel(m *dto.Metric, l *catalog.Label, value string) bool {
	return slices.ContainsFunc(m.Label, func(pair *dto.LabelPair) bool {
		return pair.GetName() == l.Name && pair.GetValue() == value
	})
}

// happened writes an event of the second of March 2026.
func happened(id, kind, notification, user, at string) string {
	data := "{}"
	if kind == "sent" {
		data = `{"channel":"push","category":"c","priority":"high","templateId":"t1"}`
	}
	return fmt.Sprintf(`{"eventId":%q,"eventType":"notification.%s","timestamp":"2026-03-02T%sZ",`+
		`"notificationId":%q,"userId":%q,"data":%s}`, id, kind, at, notification, user, data)
}

// A record of the earlier version continues for the user to whom it belongs. Its
// other recipients know from it how the notification was sent.
func TestAnEarlierRecordContinues(t *testing.T) {
	for name, test := range map[string]struct {
		events []string
		more   map[string]float64
	}{
		"one recipient": {
			[]string{
				happened("e11", "delivered", "n1", "u1", "10:00:05"),
				happened("e12", "failed", "n1", "u1", "10:00:02"),
			},
			map[string]float64{"delivered": 1, "recovered": 1, catalog.DeliveryLatency.Name: 1},
		},
		"of two recipients the other one is delivered": {
			[]string{happened("e11", "delivered", "n2", "u2", "10:01:05")},
			map[string]float64{"delivered": 1, catalog.DeliveryLatency.Name: 1},
		},
		"both recipients are delivered": {
			[]string{
				happened("e11", "delivered", "n2", "u2", "10:01:05"),
				happened("e12", "delivered", "n2", "u1", "10:01:09"),
			},
			map[string]float64{"delivered": 2, "recovered": 1, catalog.DeliveryLatency.Name: 2},
		},
		"the sent of an orphan, and that of another recipient": {
			[]string{
				happened("e11", "sent", "n3", "u3", "10:02:00"),
				happened("e12", "sent", "n3", "u9", "10:02:00"),
			},
			map[string]float64{"sent": 2, catalog.DeliveryLatency.Name: 1},
		},
		"a new recipient of an old id": {
			[]string{
				happened("e11", "sent", "n5", "u2", "10:04:05"),
				happened("e12", "opened", "n5", "u2", "10:04:06"),
				happened("e13", "opened", "n5", "u1", "10:04:07"),
			},
			map[string]float64{"sent": 1, "opened": 2, "engaged": 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openEarlier(t)
			want := stages(s)
			for series, more := range test.more {
				want[series] += more
			}
			read(t, s, strings.Join(test.events, "\n"))
			if diff := cmp.Diff(want, stages(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
