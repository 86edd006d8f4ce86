// Package cases runs promtool's unit tests of rules in this process.
//
// A case has input series and the results that it expects of rules. The files are
// those of promtool (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/)
// without rule_files and group_eval_order, which follow from what a case asks for.
// [Rules.Promtool] adds them, so that promtool can run the same cases.
//
// The package is fast enough to try ten thousand edits of rules. A case needs no
// files and no process. It evaluates only the rules that it asks for and those
// that they read, and evaluates a rule for all times at once unless the rule reads
// itself. After an edit it evaluates only the edited rule, and those that read it
// if its result has changed.
//
// Package simtime cannot take its place: it evaluates all rules of a file at one
// time after another, which takes thirty times as long for an edit (see
// BenchmarkEdit), and it does not evaluate rules of different groups in the order
// in which they read each other.
package cases

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"
)

// File holds the cases of a file.
type File struct {
	Path               string         `yaml:"-"`
	EvaluationInterval model.Duration `yaml:"evaluation_interval"`
	FuzzyCompare       bool           `yaml:"fuzzy_compare"`
	Cases              []*Case        `yaml:"tests"`
	// Equivalent lists edits of rules that no case can notice.
	Equivalent []Equivalent `yaml:"equivalent"`

	content []byte
	engine  *promql.Engine
}

// Equivalent names an edit that does not change what a rule does, and why.
type Equivalent struct {
	Rule     string `yaml:"rule"`     // the rule's ID
	Mutation string `yaml:"mutation"` // as the report of survivors prints it
	Reason   string `yaml:"reason"`
}

// Case is a test group of promtool.
type Case struct {
	Name           string         `yaml:"name"`
	Interval       model.Duration `yaml:"interval"`
	InputSeries    []inputSeries  `yaml:"input_series"`
	AlertTests     []alertTest    `yaml:"alert_rule_test"`
	ExprTests      []exprTest     `yaml:"promql_expr_test"`
	StartTimestamp string         `yaml:"start_timestamp"`

	file  *File
	start time.Time
	end   time.Duration // after start
}

type inputSeries struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type alertTest struct {
	EvalTime  model.Duration `yaml:"eval_time"`
	Alertname string         `yaml:"alertname"`
	ExpAlerts []struct {
		ExpLabels      map[string]string `yaml:"exp_labels"`
		ExpAnnotations map[string]string `yaml:"exp_annotations"`
	} `yaml:"exp_alerts"`

	want []string // formatted alerts, in order
	step int64    // the last evaluation at EvalTime
}

type exprTest struct {
	Expr       string         `yaml:"expr"`
	EvalTime   model.Duration `yaml:"eval_time"`
	ExpSamples []struct {
		Labels string  `yaml:"labels"`
		Value  float64 `yaml:"value"`
	} `yaml:"exp_samples"`

	parsed parser.Expr
	want   []promql.Sample // sorted by labels
	at     time.Time
}

// ReadFile reads a file of cases.
func ReadFile(path string) (*File, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, content: content}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(f); err != nil {
		return nil, fmt.Errorf("read cases from %s: %w", path, err)
	}
	if f.EvaluationInterval == 0 {
		f.EvaluationInterval = model.Duration(time.Minute) // promtool's default
	}
	step := time.Duration(f.EvaluationInterval).Milliseconds()
	f.engine = promql.NewEngine(promql.EngineOpts{
		MaxSamples: 100_000_000, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
		NoStepSubqueryIntervalFn: func(int64) int64 { return step }, Parser: Parser,
	})
	for i, c := range f.Cases {
		c.file = f
		if c.Name == "" {
			c.Name = "#" + strconv.Itoa(i+1)
		}
		if err := c.prepare(); err != nil {
			return nil, fmt.Errorf("%s: %w", c, err)
		}
	}
	return f, nil
}

// String says where the case is.
func (c *Case) String() string { return fmt.Sprintf("%s, %q", c.file.Path, c.Name) }

func (c *Case) prepare() (err error) {
	if c.Interval == 0 {
		c.Interval = c.file.EvaluationInterval
	}
	if c.start, err = startTime(c.StartTimestamp); err != nil {
		return err
	}
	step := time.Duration(c.file.EvaluationInterval)
	for i := range c.AlertTests {
		t := &c.AlertTests[i]
		c.end = max(c.end, time.Duration(t.EvalTime))
		t.step = c.start.Add(time.Duration(t.EvalTime).Truncate(step)).UnixMilli()
		for _, a := range t.ExpAlerts {
			all := labels.NewBuilder(labels.FromMap(a.ExpLabels)).Set(labels.AlertName, t.Alertname).Labels()
			t.want = append(t.want, formatAlert(all, labels.FromMap(a.ExpAnnotations)))
		}
		slices.Sort(t.want)
	}
	for i := range c.ExprTests {
		t := &c.ExprTests[i]
		c.end = max(c.end, time.Duration(t.EvalTime))
		if err := t.prepare(c.start); err != nil {
			return fmt.Errorf("%s at %s: %w", t.Expr, t.EvalTime, err)
		}
	}
	return nil
}

func (t *exprTest) prepare(start time.Time) (err error) {
	t.at = start.Add(time.Duration(t.EvalTime))
	if t.parsed, err = Parser.ParseExpr(t.Expr); err != nil {
		return err
	}
	for _, s := range t.ExpSamples {
		metric, err := Parser.ParseMetric(s.Labels)
		if err != nil {
			return fmt.Errorf("labels %s: %w", s.Labels, err)
		}
		t.want = append(t.want, promql.Sample{Metric: metric, F: s.Value})
	}
	byLabels(t.want)
	return nil
}

func byLabels(samples []promql.Sample) {
	slices.SortFunc(samples, func(a, b promql.Sample) int { return labels.Compare(a.Metric, b.Metric) })
}

// startTime parses RFC 3339 or seconds since 1970. The default is 1970.
func startTime(text string) (time.Time, error) {
	if text == "" {
		return time.Unix(0, 0).UTC(), nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("start_timestamp: %w", err)
	}
	return t, nil
}

// given parses the input series.
func (c *Case) given() (store, error) {
	all := store{}
	for _, in := range c.InputSeries {
		metric, values, err := Parser.ParseSeriesDesc(in.Series + " " + in.Values)
		if err != nil {
			return nil, fmt.Errorf("input series %s: %w", in.Series, err)
		}
		s := &series{labels: metric, owner: input}
		for i, v := range values {
			if v.Histogram != nil {
				return nil, fmt.Errorf("input series %s: native histograms are not supported: use classic buckets",
					in.Series)
			}
			if !v.Omitted {
				t := c.start.Add(time.Duration(i) * time.Duration(c.Interval))
				s.samples = append(s.samples, sample{t.UnixMilli(), v.Value})
			}
		}
		all.add(s)
	}
	return all, nil
}
