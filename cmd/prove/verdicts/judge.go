package verdicts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry/exporter/truth"
	"belfry/insights/experiment"
	"belfry/insights/query"
	"belfry/rules/promapi"
)

// judge compares what insights makes of the past with what is true.
func (p proof) judge(ctx context.Context, dir, prometheusURL string, counted *truth.Truth) (err error) {
	api, err := promapi.New(prometheusURL, promapi.Options{})
	if err != nil {
		return err
	}
	now := func() time.Time { return until }
	wrong, err := p.compareCounts(ctx, query.New(api, query.Options{Now: now}), counted)
	if err != nil {
		return err
	}
	plans, err := p.writePlans(dir)
	if err != nil {
		return err
	}
	i, err := startInsights(ctx, dir, prometheusURL, plans)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, i.stop()) }()
	if err := i.watch(ctx); err != nil {
		return err
	}
	answer, err := i.experiments(ctx)
	if err != nil {
		return err
	}
	if answer.Status.State != query.OK || !answer.GeneratedAt.Equal(until) {
		wrong = append(wrong, fmt.Sprintf("the answer of %s is %s: %s", answer.GeneratedAt, answer.Status.State,
			answer.Status.Reason))
	}
	wrong = append(wrong, p.compareVerdicts(answer.Experiments, counted)...)
	return result(append(wrong, i.compareAlerts(p.out)...))
}

// compareVerdicts prints each verdict and returns one line for each that is wrong.
func (p proof) compareVerdicts(judged []experiment.Judged, counted *truth.Truth) (wrong []string) {
	if len(judged) != len(expected) {
		wrong = append(wrong, fmt.Sprintf("%d experiments were judged, not %d", len(judged), len(expected)))
	}
	for _, j := range judged {
		for _, arm := range j.Arms {
			fmt.Fprintf(p.out, "%s %s: %s: %s\n", j.Experiment, arm.Arm, arm.Verdict, arm.Reason)
			if want := expected[j.Experiment][arm.Arm]; arm.Verdict != want {
				wrong = append(wrong, fmt.Sprintf("the verdict on arm %s of %s is %s, not %s: %s",
					arm.Arm, j.Experiment, arm.Verdict, want, arm.Reason))
			}
		}
		if len(j.Arms) != len(expected[j.Experiment]) {
			wrong = append(wrong, fmt.Sprintf("%s has %d variants, not %d", j.Experiment, len(j.Arms),
				len(expected[j.Experiment])))
		}
		wrong = append(wrong, p.compareVariance(j, counted)...)
	}
	return wrong
}

// result returns an error that lists what is wrong, nil if nothing is.
func result(wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return errors.New(strings.Join(wrong, "\n"))
}
