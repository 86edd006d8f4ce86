package fold_test

import (
	"fmt"
	"math"
	"testing"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
)

// Sums of money keep every cent at 10^12: after a thousand of the largest costs and
// values that an event may carry, thousands of small ones count in full.
func TestMoneyKeepsEveryCent(t *testing.T) {
	s := newState(options())
	n := 0
	convert := func(count int, cost, value float64) {
		for range count {
			n++
			m := fold.Message{Data: fmt.Appendf(nil, `{"eventId":"e%d","eventType":"notification.converted",`+
				`"timestamp":"2026-03-02T10:00:00Z","notificationId":"n%d","userId":"u","data":{"channel":"email",`+
				`"provider":"p","campaignId":"c","context":{"experimentVariant":"x:a"},`+
				`"cost":{"amount":%v,"currency":"EUR"},"value":{"amount":%v,"currency":"EUR"}}}`, n, n, cost, value)}
			if r := s.Fold(m); r != nil {
				t.Fatal(r)
			}
		}
	}
	sums := func() (all [3]float64) {
		for _, family := range exposition(s) {
			for _, m := range family.Metric {
				switch l := fmt.Sprint(labels(m)); {
				case family.GetName() == catalog.Cost.Name:
					all[0] = m.Counter.GetValue()
				case family.GetName() == catalog.ConversionValue.Name:
					all[1] = m.Counter.GetValue()
				case l == `{experiment="x",moment="y",outcome="value",variant="a"}`:
					all[2] = m.Counter.GetValue()
				}
			}
		}
		return all
	}
	convert(1000, 999_999_999.99, 999_999_999.99)
	before := sums()
	convert(20_000, 0.0004, 0.07)
	for i, after := range sums() {
		if want := [3]float64{8, 1400, 1400}[i]; math.Abs(after-before[i]-want) > 0.001 {
			t.Errorf("sum %d was %v and gained %v, want %v", i, before[i], after-before[i], want)
		}
	}
}
