package dashboards

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/promqltest"

	"belfry/dashboards-gen/panel"
)

// A resolved alert does not stay on a panel, and if nobody evaluates alerts the
// panel does not claim that there are none.
func TestAlertsAreCounted(t *testing.T) {
	const (
		critical = `alertstate="firing",severity="critical",channel="sms"}`
		watchdog = `ALERTS{alertname="NotificationWatchdog",rule="NotificationWatchdog",` +
			`alertstate="firing",severity="info"}`
		down   = `ALERTS{alertname="NotificationChannelDown",rule="NotificationChannelDown",` + critical
		burn   = `ALERTS{alertname="NotificationErrorBudgetBurn",rule="NotificationErrorBudgetBurn/1h",` + critical
		holds  = `notification_alert_condition{severity="critical",channel="sms",rule=`
		nobody = `notification_alert_acknowledged{channel="sms",rule=`
	)
	for _, test := range []struct {
		name         string
		series       []string
		firing, open []float64
		names        []float64
	}{
		{"no rules", nil, nil, nil, nil},
		{"nothing fires", []string{watchdog}, []float64{0}, []float64{0}, []float64{0}},
		{
			"one fires", []string{watchdog, down, holds + `"NotificationChannelDown"}`},
			[]float64{1}, []float64{1}, []float64{3.3},
		},
		{
			"one fires still, and its condition is over", []string{watchdog, down},
			[]float64{1}, []float64{0}, []float64{3.3},
		},
		{
			"a condition holds, and nothing fires yet", []string{watchdog, holds + `"NotificationChannelDown"}`},
			[]float64{0}, []float64{0}, []float64{0},
		},
		{"one is acknowledged, and another of its channel", []string{
			watchdog, down, burn, holds + `"NotificationChannelDown"}`, holds + `"NotificationErrorBudgetBurn/1h"}`,
			nobody + `"NotificationChannelDown"}`,
		}, []float64{2}, []float64{0}, []float64{3.3, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			load := "load 1m\n"
			for _, s := range test.series {
				load += "  " + s + " 1x5\n"
			}
			storage := promqltest.LoadedStorage(t, load)
			defer storage.Close()
			engine := promqltest.NewTestEngine(t, false, 5*time.Minute, 1000)
			ask := func(p panel.Panel) []float64 {
				var values []float64
				for _, q := range p.Queries {
					text := q.Of.Where().String()
					asked, err := engine.NewInstantQuery(t.Context(), storage, nil, text, time.Unix(60, 0))
					if err != nil {
						t.Fatal(err)
					}
					answer, err := asked.Exec(t.Context()).Vector()
					if err != nil {
						t.Fatal(err)
					}
					for _, sample := range answer {
						values = append(values, sample.F)
					}
				}
				return values
			}
			for _, drawn := range []struct {
				panel panel.Panel
				want  []float64
			}{{alertsFiring(), test.firing}, {unacknowledged(), test.open}, {alertNames(), test.names}} {
				if diff := cmp.Diff(drawn.want, ask(drawn.panel)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", drawn.panel.Title, diff)
				}
			}
		})
	}
}
