package simulate

import (
	"fmt"
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// check rejects unknown targets and figures out of range.
func (in *Incident) check() error {
	switch {
	case in.At < 0 || in.For < 0:
		return fmt.Errorf("at and for must not be negative")
	case !(in.Factor >= 0) || !(in.Rate >= 0):
		return fmt.Errorf("factor and rate must not be negative")
	case in.Name == halving && in.Factor > 1:
		return fmt.Errorf("factor=%g: expected 0 to 1", in.Factor)
	case in.Name != dlqGrowth && in.Rate > 1:
		return fmt.Errorf("rate=%g: expected a probability from 0 to 1", in.Rate)
	}
	if err := checkCode(in.Code); err != nil {
		return err
	}
	for _, target := range []struct {
		parameter, value string
		known            []string
	}{
		{"provider", in.Provider, providerNames()},
		{"channel", in.Channel, catalog.Channels},
		{"queue", in.Queue, queueNames()},
		{"experiment", in.Experiment, experimentNames()},
		{"variant", in.Variant, variantNames(in.Experiment)},
	} {
		if target.value != "" && !slices.Contains(target.known, target.value) {
			names := strings.Join(target.known, ", ")
			return fmt.Errorf("unknown %s %q: choose one of %s", target.parameter, target.value, names)
		}
	}
	return nil
}

// checkCode rejects a code that would not be shown as a label value.
func checkCode(code string) error {
	unfit := strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '@' })
	if unfit || strings.Contains(code, "://") || len(code) > catalog.MaxLabelValue {
		return fmt.Errorf("code %q: use at most %d letters, digits and signs without @ and ://",
			code, catalog.MaxLabelValue)
	}
	return nil
}

func providerNames() (names []string) {
	for i := range channels {
		for _, p := range channels[i].providers {
			names = append(names, p.name)
		}
	}
	return names
}

func experimentNames() (names []string) {
	for _, x := range runningExperiments {
		names = append(names, x.ID)
	}
	return names
}

func variantNames(experiment string) (names []string) {
	for _, x := range runningExperiments {
		for _, a := range x.Arms {
			if x.ID == experiment {
				names = append(names, a.Name)
			}
		}
	}
	return names
}
