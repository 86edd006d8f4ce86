package event_test

import (
	"encoding/json"
	"os"
	"testing"

	"belfry/exporter/event"
)

// testdata/earlier.json holds the verdicts of the version before values were repaired,
// on every case of the corpus where they differ from today's. They are its own.
func TestReadAsBeforeGivesTheVerdictsOfTheEarlierVersion(t *testing.T) {
	text, err := os.ReadFile("testdata/earlier.json")
	if err != nil {
		t.Fatal(err)
	}
	var earlier map[string]string
	if err := json.Unmarshal(text, &earlier); err != nil {
		t.Fatal(err)
	}
	d := event.NewDecoder(nil)
	d.ReadAsBefore(true)
	var e event.Event
	for _, c := range readCorpus(t) {
		want, differs := earlier[c.Name]
		if !differs {
			want = c.verdict
		}
		if r := d.Decode(c.message(), &e); verdict(r) != want {
			t.Errorf("%s: got %v, the earlier version said %s", c.Name, r, want)
		}
		if len(d.Repairs()) > 0 {
			t.Errorf("%s: repaired %v", c.Name, d.Repairs())
		}
	}
	if len(earlier) < 200 {
		t.Errorf("%d cases differ", len(earlier))
	}
}
