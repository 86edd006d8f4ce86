package dashboards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/promqltest"

	"belfry/dashboards-gen/panel"
)

// firing returns the series of an alert that fires since a time, in seconds since 1970.
func firing(name, severity, more string, since int) []string {
	labels := fmt.Sprintf(`alertname="Notification%s",rule="Notification%s",severity=%q%s`, name, name, severity, more)
	return []string{
		fmt.Sprintf(`ALERTS{%s,alertstate="firing"} 1x5`, labels),
		fmt.Sprintf(`ALERTS_FOR_STATE{%s} %dx5`, labels, since),
	}
}

// worst returns the recorded value of an alert.
func worst(name, severity, more string, value float64) string {
	return fmt.Sprintf(`notification_alert_value{alertname="Notification%s",rule="Notification%s",severity=%q%s} %vx5`,
		name, name, severity, more, value)
}

// The most urgent alerts are on top, and of these the causes. Each says its worst value and
// the unit, since when, and whether somebody is on it, if that is known.
func TestAlertsFiringNow(t *testing.T) {
	series := slices.Concat(
		firing("MetricsLeftOut", "warning", `,instance="a"`, 10),
		firing("MetricsLeftOut", "warning", `,instance="b"`, 20),
		firing("ProviderDown", "critical", `,channel="email",provider="ses"`, 30),
		firing("ErrorRateHigh", "critical", `,channel="email"`, 40),
		firing("ChannelDown", "critical", `,channel="sms"`, 50),
		firing("QueueStuck", "critical", "", 60),
		firing("AlertUnacknowledged", "emergency", `,channel="sms"`, 70),
		firing("CostBudgetForecast", "info", `,currency="EUR"`, 25),
		firing("CostBudgetForecast", "info", `,currency="USD"`, 26),
		firing("DiskFull", "page", "", 90), // of other rules
		[]string{
			`ALERTS{alertname="NotificationWatchdog",alertstate="firing",severity="info"} 1x5`,
			`ALERTS{alertname="NotificationRetryStorm",alertstate="pending",severity="warning"} 1x5`,
			`ALERTS_FOR_STATE{alertname="NotificationRetryStorm",severity="warning"} 5x5`,
			`notification_alert_acknowledged{alertname="NotificationProviderDown",rule="NotificationProviderDown",` +
				`channel="email"} 1x5`,
			worst("ProviderDown", "critical", `,channel="email",provider="ses",unit="%"`, 97.5),
			worst("ProviderDown", "critical", `,channel="email",provider="mailgun",unit="%"`, 55), // pending
			worst("ErrorRateHigh", "critical", `,channel="email",unit="%"`, 12),
			worst("ErrorRateHigh", "warning", `,channel="email",unit="%"`, 99), // another alert of the name
			worst("QueueStuck", "critical", `,unit="s"`, 420),
			worst("MetricsLeftOut", "warning", "", 3),
			worst("CostBudgetForecast", "info", `,currency="EUR"`, 11000),
			worst("CostBudgetForecast", "info", `,currency="USD"`, 12000),
		},
	)
	const polls = `belfry_alerts_last_poll_timestamp_seconds{upstream="alertmanager"} 300x5`
	want := []string{
		"4 AlertUnacknowledged sms – 70000 0",
		"3.3 ChannelDown sms – 50000 0",
		"3.2 ProviderDown email ses 97.5 % 30000 1",
		"3.1 ErrorRateHigh email 12 % 40000 1", // of the same channel
		"3 QueueStuck 420 s 60000 0",
		"2 MetricsLeftOut 3 10000 0",             // since the first
		"1 CostBudgetForecast 12000 USD 25000 0", // of both currencies the greater amount
		"0 DiskFull – 90000 0",
	}
	if diff := gocmp.Diff(want, table(t, alertTable(alertsWidth), append(series, polls))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, row := range want { // without the alerts service
		if strings.HasSuffix(row, " 0") {
			want[i] = strings.TrimSuffix(row, " 0") + " –"
		}
	}
	if diff := gocmp.Diff(want, table(t, alertTable(alertsWidth), series)); diff != "" {
		t.Errorf("who is on it is not known (-want +got):\n%s", diff)
	}
}

// table returns the rows of a table in the order of its first query: that query's figure, the
// labels, and the other figures.
func table(t *testing.T, p panel.Panel, series []string) []string {
	t.Helper()
	storage := promqltest.LoadedStorage(t, "load 1m\n  "+strings.Join(series, "\n  ")+"\n")
	defer storage.Close()
	engine := promqltest.NewTestEngine(t, false, 5*time.Minute, 1000)
	var order []string
	rows := map[string]string{}
	for i, q := range p.Queries {
		asked, err := engine.NewInstantQuery(t.Context(), storage, nil, q.Of.Where().String(), time.Unix(60, 0))
		if err != nil {
			t.Fatal(err)
		}
		found, err := asked.Exec(t.Context()).Vector()
		if err != nil {
			t.Fatal(err)
		}
		figures := map[string]string{}
		for _, sample := range found {
			key := labels.NewBuilder(sample.Metric).Del("unit").Labels().String()
			if _, twice := figures[key]; twice {
				t.Errorf("%s has two rows in %s", key, q.Legend)
			}
			figures[key] = strings.TrimSpace(fmt.Sprint(sample.F, " ", sample.Metric.Get("unit")))
			if i == 0 {
				name := strings.TrimPrefix(sample.Metric.Get("alertname"), "Notification")
				order = append(order, key)
				of := sample.Metric
				words := []string{fmt.Sprint(sample.F), name, of.Get("channel"), of.Get("provider")}
				rows[key] = strings.Join(strings.Fields(strings.Join(words, " ")), " ")
			}
		}
		for key := range rows {
			if figure, ok := figures[key]; i > 0 && ok {
				rows[key] += " " + figure
			} else if i > 0 {
				rows[key] += " –"
			}
		}
	}
	var all []string
	for _, key := range order {
		all = append(all, rows[key])
	}
	return all
}

// The columns have the words of people, the order in which they are read, and room for what
// they hold on their part of a screen of 1600 pixels.
func TestAlertsAreReadable(t *testing.T) {
	p := shown(t, alertTable(alertsWidth))
	fixed, least := map[string]float64{}, map[string]float64{}
	for _, o := range p.FieldConfig.Overrides {
		heading := strings.Trim(string(o.Matcher.Options), `"`)
		least[heading] = max(least[heading], 90)
		for _, own := range o.Properties {
			if own.ID == "links" && heading != "Alert" {
				t.Errorf("the column %s has links, also where it is empty", heading)
			}
			width, err := strconv.ParseFloat(string(own.Value), 64)
			if own.ID == "custom.width" && err == nil {
				fixed[heading] = width
			} else if own.ID == "custom.minWidth" && err == nil {
				least[heading] = max(least[heading], width)
			}
		}
	}
	widths := 0.0
	for _, heading := range []string{
		"Severity", "Alert", "Channel", "Provider", "Value", "Unit", "Since", "Who is on it",
	} {
		if _, ok := least[heading]; !ok {
			t.Errorf("there is no column %q", heading)
		}
		widths += cmp.Or(fixed[heading], least[heading])
	}
	const wide = 920
	if widths > wide {
		t.Errorf("the columns need %v pixels, and have %v: %v %v", widths, wide, fixed, least)
	}
}
