package fold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// withOptional returns options under which some optional families count.
func withOptional(families ...catalog.Counter) fold.Options {
	o := options()
	o.Optional = map[*catalog.Family]bool{}
	for _, c := range families {
		o.Optional[c.Family] = true
	}
	return o
}

// shownOptional returns the series of optional families that are not 0, without their
// common prefix.
func shownOptional(s *fold.State) (lines []string) {
	for line := range strings.Lines(nonZero(s)) {
		if strings.Contains(line, "country") || strings.Contains(line, "app_version") {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "notification_"))
		}
	}
	return lines
}

func of(id, kind, notification, context string) fold.Message {
	return fold.Message{Data: fmt.Appendf(nil, `{"eventId":%q,"eventType":"notification.%s",`+
		`"timestamp":"2026-03-02T10:00:00Z","notificationId":%q,"userId":"u","data":{"channel":"email","category":"c",`+
		`"priority":"low","templateId":"t","context":{%s}}}`, id, kind, notification, context)}
}

// All stages count under the country and the version of sent, or those that another
// event knows. Without either they are unknown.
func TestOptionalFamilies(t *testing.T) {
	s := newState(withOptional(catalog.CountryStages, catalog.AppVersionStages))
	for _, m := range []fold.Message{
		of("e1", "sent", "n1", `"userLocation":{"country":"DE","city":"Berlin"},"appVersion":"5.2","platform":"ios"`),
		of("e2", "opened", "n1", `"userLocation":"FR","appVersion":"5.3"`),
		of("e3", "sent", "n2", `"platform":"web"`),
		of("e4", "failed", "n2", `"userLocation":"US"`),
	} {
		s.Fold(m)
	}
	want := []string{
		`app_version_stage_total{app_version="5.2",platform="ios",stage="engaged"} 1`,
		`app_version_stage_total{app_version="5.2",platform="ios",stage="opened"} 1`,
		`app_version_stage_total{app_version="5.2",platform="ios",stage="sent"} 1`,
		`app_version_stage_total{app_version="unknown",platform="web",stage="failed"} 1`,
		`app_version_stage_total{app_version="unknown",platform="web",stage="sent"} 1`,
		`country_stage_total{channel="email",country="DE",stage="engaged"} 1`,
		`country_stage_total{channel="email",country="DE",stage="opened"} 1`,
		`country_stage_total{channel="email",country="DE",stage="sent"} 1`,
		`country_stage_total{channel="email",country="US",stage="failed"} 1`,
		`country_stage_total{channel="email",country="unknown",stage="sent"} 1`,
	}
	if diff := cmp.Diff(want, shownOptional(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A family that is off shows nothing and leaves nothing in the records, each by itself.
func TestOptionalFamiliesAreOff(t *testing.T) {
	for _, on := range [][]catalog.Counter{nil, {catalog.CountryStages}, {catalog.AppVersionStages}} {
		o := withOptional(on...)
		records := state.NewMemory(o.AttributionWindow)
		s := fold.New(o, records)
		s.Fold(of("e1", "sent", "n1", `"userLocation":"DE","appVersion":"5.2"`))
		im := s.Image()
		for _, f := range catalog.Optional() {
			if got, want := len(im.Table.Families[f.Name].Keys) > 0, o.Optional[f]; got != want {
				t.Errorf("%s is counted: %v, want %v", f.Name, got, want)
			}
			if _, shown := s.Sets()[f]; shown != o.Optional[f] {
				t.Errorf("%s is among the families shown: %v", f.Name, shown)
			}
		}
		for value, on := range map[string]bool{
			"DE": o.Optional[catalog.CountryStages.Family], "5.2": o.Optional[catalog.AppVersionStages.Family],
		} {
			if got := strings.Contains(fmt.Sprint(im.Table.Symbols), value); got != on {
				t.Errorf("the state holds %s: %v, want %v", value, got, on)
			}
		}
	}
}

// A family that is switched off and on again continues where it was.
func TestOptionalFamiliesContinue(t *testing.T) {
	on, off := withOptional(catalog.CountryStages), withOptional()
	records := state.NewMemory(on.AttributionWindow)
	s := fold.New(on, records)
	restart := func(o fold.Options) {
		var err error
		if s, err = fold.Restore(o, records, s.Image()); err != nil {
			t.Fatal(err)
		}
	}
	s.Fold(of("e1", "sent", "n1", `"userLocation":"DE"`))
	restart(off)
	s.Fold(of("e2", "delivered", "n1", `"userLocation":"DE"`))
	s.Fold(of("e3", "sent", "n2", `"userLocation":"DE"`))
	if got := shownOptional(s); got != nil {
		t.Errorf("shown while off: %q", got)
	}
	restart(on)
	s.Fold(of("e4", "opened", "n1", ""))
	s.Fold(of("e5", "opened", "n2", ""))
	s.Fold(of("e6", "sent", "n3", `"userLocation":"DE"`))
	want := []string{
		`country_stage_total{channel="email",country="DE",stage="engaged"} 1`,
		`country_stage_total{channel="email",country="DE",stage="opened"} 1`,
		`country_stage_total{channel="email",country="DE",stage="sent"} 2`,
		`country_stage_total{channel="email",country="unknown",stage="engaged"} 1`,
		`country_stage_total{channel="email",country="unknown",stage="opened"} 1`,
	}
	if diff := cmp.Diff(want, shownOptional(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
