package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// totalFault matches the name of a case in which everything breaks at once, for
// an alert of one severity where there are several.
var totalFault = regexp.MustCompile(`^(\w+)(?: (\w+))?: total fault at (\w+)$`)

// A total fault fires each alert within the time that it promises. The cases
// prove when it fires; this compares that with the promise, and -v prints the
// table. Alertmanager's group_wait, 5 s for what pages, comes on top.
func TestEveryAlertDetectsATotalFaultInTime(t *testing.T) {
	took := map[string]time.Duration{}
	for _, path := range glob(t, "testdata/*.yaml") {
		var file struct{ Tests []faultCase }
		if err := yaml.Unmarshal([]byte(read(t, path)), &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, c := range file.Tests {
			name := totalFault.FindStringSubmatch(c.Name)
			if name == nil {
				continue
			}
			fault, err := model.ParseDuration(name[3])
			if err != nil {
				t.Fatalf("%s, %q: %v", path, c.Name, err)
			}
			fired := c.fires(name[1], name[2])
			if fired < time.Duration(fault) {
				t.Errorf("%s, %q: no expectation says when the alert fires after the fault", path, c.Name)
				continue
			}
			took[strings.TrimSpace(name[1]+" "+name[2])] = fired - time.Duration(fault)
		}
	}

	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "alert\tseverity\tfires after\tpromised")
	for _, a := range Alerts() {
		if a.DetectsWithin == 0 {
			continue
		}
		fired, proven := time.Duration(0), false
		for _, key := range []string{a.Name, a.Name + " " + string(a.Severity)} {
			if d, ok := took[key]; ok {
				fired, proven = d, true
			}
		}
		switch {
		case !proven:
			t.Errorf("no case %q", a.Name+" "+string(a.Severity)+": total fault at …")
		case fired > a.DetectsWithin:
			t.Errorf("%s %s fires after %s, it promises %s", a.Name, a.Severity, fired, a.DetectsWithin)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Name, a.Severity, fired, a.DetectsWithin)
	}
	w.Flush()
	t.Logf("\n%s", table.String())
}

// faultCase describes what a case expects of alerts.
type faultCase struct {
	Name   string
	Alerts []struct {
		EvalTime  model.Duration `yaml:"eval_time"`
		AlertName string         `yaml:"alertname"`
		Expected  []struct {
			Labels map[string]string `yaml:"exp_labels"`
		} `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
	Exprs []struct {
		EvalTime model.Duration            `yaml:"eval_time"`
		Samples  []struct{ Labels string } `yaml:"exp_samples"`
	} `yaml:"promql_expr_test"`
}

// fires returns the earliest time at which the case expects the alert to fire, at the
// severity that which names, if any; -1 for never.
func (c faultCase) fires(alert, which string) time.Duration {
	var times []time.Duration
	for _, a := range c.Alerts {
		for _, e := range a.Expected {
			if a.AlertName == alert && (which == "" || e.Labels["severity"] == which) {
				times = append(times, time.Duration(a.EvalTime))
			}
		}
	}
	for _, e := range c.Exprs {
		for _, s := range e.Samples {
			named := strings.HasPrefix(s.Labels, "ALERTS{") && strings.Contains(s.Labels, `alertname="`+alert+`"`) &&
				strings.Contains(s.Labels, `alertstate="firing"`)
			if named && (which == "" || strings.Contains(s.Labels, `severity="`+which+`"`)) {
				times = append(times, time.Duration(e.EvalTime))
			}
		}
	}
	if len(times) == 0 {
		return -1
	}
	return slices.Min(times)
}
