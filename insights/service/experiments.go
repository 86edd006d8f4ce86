package service

import (
	"context"
	"net/http"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/experiment"
	"belfry/insights/query"
	"belfry/insights/table"
)

// Experiments is the answer of the operation experiments.
type Experiments struct {
	Status      query.Status        `json:"status"`
	GeneratedAt time.Time           `json:"generated_at"`
	Experiments []experiment.Judged `json:"experiments"`
}

// experimentRow is a comparison in a table, or an experiment that has none.
type experimentRow struct {
	Generated    time.Time `parquet:"generated_at,timestamp(millisecond)"`
	Experiment   string    `parquet:"experiment"`
	Verdict      string    `parquet:"verdict"`
	Reason       string    `parquet:"reason"`
	Arm          string    `parquet:"arm"`
	ArmVerdict   string    `parquet:"arm_verdict"`
	ArmReason    string    `parquet:"arm_reason"`
	Users        *float64  `parquet:"users,optional"`
	ControlUsers *float64  `parquet:"control_users,optional"`
	Metric       string    `parquet:"metric"`
	Role         string    `parquet:"role"`
	Effect       *float64  `parquet:"effect,optional"`
	SE           *float64  `parquet:"se,optional"`
	Adjusted     *float64  `parquet:"adjusted_effect,optional"`
	Low          *float64  `parquet:"sequential_low,optional"`
	High         *float64  `parquet:"sequential_high,optional"`
	PValue       *float64  `parquet:"sequential_p_value,optional"`
	PAdjusted    *float64  `parquet:"p_adjusted,optional"`
	ChanceToWin  *float64  `parquet:"chance_to_win,optional"`
	ExpectedLoss *float64  `parquet:"expected_loss,optional"`
	SRM          *float64  `parquet:"srm_p_value,optional"`
	DaysLeft     *float64  `parquet:"days_left,optional"`
	Queries      string    `parquet:"queries"`
}

func (a Experiments) table() table.Table {
	var rows []experimentRow
	for _, j := range a.Experiments {
		common := experimentRow{
			Generated: a.GeneratedAt, Experiment: j.Experiment, Verdict: string(j.Verdict), Reason: j.Reason,
			ControlUsers: users(j, j.Control), SRM: j.SRM.PValue, Queries: strings.Join(j.Queries, "\n"),
		}
		for _, c := range j.Comparisons {
			rows = append(rows, common.with(j, c))
		}
		if len(j.Comparisons) == 0 {
			rows = append(rows, common)
		}
	}
	return table.Of(rows)
}

// with returns the row of a comparison.
func (r experimentRow) with(j experiment.Judged, c experiment.Comparison) experimentRow {
	r.Arm, r.Users = c.Arm, users(j, c.Arm)
	for _, a := range j.Arms {
		if a.Arm == c.Arm {
			r.ArmVerdict, r.ArmReason, r.DaysLeft = string(a.Verdict), a.Reason, a.DaysLeft
		}
	}
	r.Metric, r.Role, r.Effect, r.SE = c.Metric, string(c.Role), c.Effect, c.SE
	if c.Adjusted != nil {
		r.Adjusted = &c.Adjusted.Effect
	}
	if ci := c.Sequential.CI; ci != nil {
		r.Low, r.High = &ci[0], &ci[1]
	}
	r.PValue, r.PAdjusted = c.Sequential.PValue, c.PAdjusted
	r.ChanceToWin, r.ExpectedLoss = c.Bayes.ChanceToWin, c.Bayes.ExpectedLoss
	return r
}

func users(j experiment.Judged, arm string) *float64 {
	if n, ok := j.Users[arm]; ok {
		return &n
	}
	return nil
}

// experiment judges all experiments.
func (s *Service) experiment(ctx context.Context) (Experiments, query.Status) {
	planned, _ := s.plans.get()
	now := s.o.Now().UTC()
	judged, err := experiment.Watch(ctx, s.source, planned, now)
	a := Experiments{GeneratedAt: now, Experiments: judged, Status: query.StatusOf(err)}
	if err == nil {
		a.Status = s.orStale(ctx, s.statusOfAll(judged))
	}
	return a, a.Status
}

// statusOfAll returns the worst status of experiments. One without data, such as one that
// has not started, says nothing about the others.
func (s *Service) statusOfAll(judged []experiment.Judged) query.Status {
	worst := query.Status{State: query.NoData, Reason: "no experiment is declared to the exporter, and none is planned: " +
		"name a file of plans with --experiments.file"}
	if s.o.Experiments != "" {
		worst.Reason = "no experiment is declared to the exporter, and none is planned in " + s.o.Experiments
	}
	for i, j := range judged {
		switch {
		case i == 0 || worst.State == query.NoData:
			worst = j.Status
		case j.Status.State != query.NoData:
			worst = query.Worst(worst, j.Status)
		}
	}
	return worst
}

func (s *Service) registerExperiments(a *api) {
	d := describe{
		name: "experiments", summary: "The verdict on each experiment, with its reason", isTable: true,
		about: "Intervals and p-values under sequential are valid at every look; they decide.",
	}
	register(a, d, func(context.Context, *formatInput) (int, Experiments, *Problem) {
		answer, problem := answerOf(s.experiments, func(e *Experiments) *query.Status { return &e.Status })
		return http.StatusOK, answer, problem
	})
}

// experimentOf returns the experiment in which a template is an arm, nil if there is none.
func (s *Service) experimentOf(template string) *analytics.Experiment {
	answer, _, _ := s.experiments.shown()
	j, arm := experiment.OfArm(answer.Experiments, template)
	if arm == nil {
		return nil
	}
	return &analytics.Experiment{ID: j.Experiment, Verdict: string(arm.Verdict), Reason: arm.Reason}
}

// addExperiments adds the experiments as series. Effects are those that decide: with
// less variance, where there is a covariate.
func (s *Service) addExperiments(to *limited) {
	answer, _, _ := s.experiments.shown()
	for _, j := range answer.Experiments {
		if judgedBy(j, answer.GeneratedAt) {
			to.add(catalog.ExperimentPlan, float64(j.Started.Unix()), j.Experiment, j.Plan)
		}
		to.addKnown(catalog.ExperimentSRM, j.SRM.PValue, j.Experiment, "", "")
		for _, a := range j.Arms {
			to.add(catalog.ExperimentVerdict, 1, j.Experiment, a.Arm, string(a.Verdict))
			to.addKnown(catalog.ExperimentUsersNeeded, a.UsersNeeded, j.Experiment, a.Arm, j.Primary)
		}
		for _, c := range j.Comparisons {
			labels := []string{j.Experiment, c.Arm, c.Metric}
			to.addKnown(catalog.ExperimentEffect, c.Deciding(), labels...)
			if ci := c.Sequential.CI; ci != nil {
				to.add(catalog.ExperimentEffectLow, ci[0], labels...)
				to.add(catalog.ExperimentEffectHigh, ci[1], labels...)
			}
			to.addKnown(catalog.ExperimentPValue, c.Sequential.PValue, labels...)
			to.addKnown(catalog.ExperimentChance, c.Bayes.ChanceToWin, labels...)
		}
	}
	if s.o.Experiments != "" {
		_, status := s.plans.get()
		to.addBool(catalog.ConfigReloadOK, status.State == query.OK)
	}
}

// judgedBy reports whether the plan of an experiment that runs is the one to remember. A
// plan that was changed is not, since undoing the change must be possible.
func judgedBy(j experiment.Judged, now time.Time) bool {
	return j.Started != nil && !j.Started.After(now) && fresh(j.Status) && !j.Trial.DataGap
}

// pageExperiments shows the experiments on the page.
func pageExperiments(e Experiments) display.Section[display.Experiment] {
	var queries []string
	for _, j := range e.Experiments {
		queries = append(queries, j.Queries...)
	}
	return sectionOf(e.Status, e.Experiments, display.OfExperiment, queries)
}
