package catalog

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestWorstCaseStaysWithinTheBudget(t *testing.T) {
	if got := WorstCase(); got > Budget {
		t.Errorf("worst case is %d series per partition, budget %d", got, Budget)
		for _, f := range All {
			if f.Source.PerPartition() {
				t.Logf("%7d %s", f.WorstCase(), f.Name)
			}
		}
	}
}

func TestEveryFamilyIsWellNamed(t *testing.T) {
	name := regexp.MustCompile(`^(notification|belfry)_[a-z0-9_]+$`)
	for _, f := range All {
		if !name.MatchString(f.Name) {
			t.Errorf("%s: does not match %s", f.Name, name)
		}
		if got := strings.HasSuffix(f.Name, "_total"); got != (f.Kind == KindCounter) {
			t.Errorf("%s is a %s: all counters and nothing else end in _total", f.Name, f.Kind)
		}
		if f.Help == "" || strings.HasSuffix(f.Help, ".") || strings.ContainsRune(f.Help, '\n') {
			t.Errorf("%s: help %q must be one sentence without its full stop", f.Name, f.Help)
		}
		if !slices.IsSorted(f.Buckets) || (f.Kind == KindHistogram) != (len(f.Buckets) > 0) {
			t.Errorf("%s: buckets %v", f.Name, f.Buckets)
		}
	}
}

// The unit of a family and its name say the same, by the naming conventions of
// Prometheus: base units, spelled out, before _total. Money has no unit in its
// name, because the label currency says which, and neither have figures of which the label
// unit does.
func TestUnitsAgreeWithNames(t *testing.T) {
	for _, f := range All {
		if want := unitOf(f); f.Unit != want {
			t.Errorf("%s: unit %q, but the name and labels say %q", f.Name, f.Unit, want)
		}
	}
}

// unitOf reads the unit off the name.
func unitOf(f *Family) Unit {
	name := strings.TrimSuffix(f.Name, "_total")
	for _, s := range []struct {
		suffix string
		unit   Unit
	}{
		{"_timestamp_seconds", UnitTimestamp}, {"_seconds", UnitSeconds}, {"_seconds_to_acknowledge", UnitSeconds},
		{"_seconds_to_resolve", UnitSeconds}, {"_bytes", UnitBytes}, {"_bytes_per_second", UnitBytesPerSecond},
		{"_ratio", UnitRatio},
	} {
		if strings.HasSuffix(name, s.suffix) {
			return s.unit
		}
	}
	if f.Has(LabelCurrency) && !f.Has(LabelUnit) {
		return UnitMoney
	}
	return UnitNone
}

func TestLabelsOfAFamilyAreDistinct(t *testing.T) {
	for _, f := range All {
		seen := map[string]bool{LabelPartition.Name: f.Source.PerPartition()}
		for _, l := range f.Labels {
			if seen[l.Name] {
				t.Errorf("%s: label %s twice", f.Name, l.Name)
			}
			seen[l.Name] = true
		}
	}
}

// No label may hold personal data: ids of users and notifications, addresses, device
// tokens and message texts never become labels.
func TestNoLabelNamesAPerson(t *testing.T) {
	personal := regexp.MustCompile(`user_?id|notification_?id|e?mail_?address|phone|token|session|subject|url|message`)
	for _, f := range All {
		for _, l := range f.Labels {
			if personal.MatchString(l.Name) {
				t.Errorf("%s: label %s could identify a user", f.Name, l.Name)
			}
		}
	}
}

func TestEventTypesRoundTrip(t *testing.T) {
	for et := EventType(0); et < NumEventTypes; et++ {
		got, ok := ParseEventType(et.FullName())
		if !ok || got != et {
			t.Errorf("ParseEventType(%q) = %v, %v", et.FullName(), got, ok)
		}
	}
	if _, ok := ParseEventType("delivered"); ok {
		t.Error(`"delivered" without its prefix is taken for an event type`)
	}
}

// The reference and every generated file follow the order of All, which Go
// derives from the order of declarations and of files.
func TestFamiliesOfAQuestionStandTogether(t *testing.T) {
	var questions []string
	for _, f := range All {
		if n := len(questions); n == 0 || questions[n-1] != f.Question {
			questions = append(questions, f.Question)
		}
	}
	if got := len(slices.Compact(slices.Sorted(slices.Values(questions)))); got != len(questions) {
		t.Errorf("a question occurs twice in the order of All: %q", questions)
	}
	if All[0] != Events.Family {
		t.Errorf("All starts with %s, want %s", All[0].Name, Events.Name)
	}
}
