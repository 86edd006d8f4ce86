package query

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// keep passes on a value that is a finite number, and counts it otherwise.
func (a *Answer) keep(v model.SampleValue, h *model.SampleHistogram, take func(float64)) {
	if x := float64(v); h == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
		take(x)
	} else {
		a.Dropped++
	}
}

// fill takes the series that have a finite sample.
func (m *Matrix) fill(found model.Matrix, check func(time.Time) error) error {
	for _, stream := range found {
		m.Dropped += len(stream.Histograms)
		series := Series{Labels: labelsOf(stream.Metric)}
		for _, p := range stream.Values {
			at := p.Timestamp.Time().UTC()
			if err := check(at); err != nil {
				return err
			}
			m.keep(p.Value, nil, func(x float64) { series.Points = append(series.Points, Point{at, x}) })
		}
		if len(series.Points) > 0 {
			series.Points = slices.Clip(series.Points) // others may share them
			m.Series = append(m.Series, series)
		}
	}
	m.Series = sorted(m.Series, func(s Series) Labels { return s.Labels })
	return nil
}

// sorted sorts what has labels by their keys, each of which it computes once.
func sorted[T any](all []T, labels func(T) Labels) []T {
	type keyed struct {
		key string
		of  T
	}
	byKey := make([]keyed, len(all))
	for i, one := range all {
		byKey[i] = keyed{labels(one).key(), one}
	}
	slices.SortStableFunc(byKey, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	for i, one := range byKey {
		all[i] = one.of
	}
	return all
}

// join appends the points of a later part of the range.
func (m *Matrix) join(later Matrix) {
	m.Join(later.Answer)
	if len(m.Series) == 0 {
		m.Series = slices.Clone(later.Series)
		return
	}
	index := map[string]int{}
	for i, s := range m.Series {
		index[s.Labels.key()] = i
	}
	for _, s := range later.Series {
		if i, ok := index[s.Labels.key()]; ok {
			m.Series[i].Points = append(m.Series[i].Points, s.Points...)
		} else {
			m.Series = append(m.Series, s)
		}
	}
}

func labelsOf(metric model.Metric) Labels {
	labels := Labels{}
	for name, value := range metric {
		if name != model.MetricNameLabel {
			labels[string(name)] = string(value)
		}
	}
	return labels
}
