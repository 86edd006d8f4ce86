package scrape

import (
	"fmt"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/zeebo/xxh3"
)

// problem says why Prometheus could not take a family; it is empty if nothing is wrong.
func problem(f *dto.MetricFamily) string {
	if f.GetName() == "" || !utf8.ValidString(f.GetName()) || !utf8.ValidString(f.GetHelp()) {
		return fmt.Sprintf("name %q or help %q is not UTF-8 text", f.GetName(), f.GetHelp())
	}
	seen := make(map[uint64]*dto.Metric, len(f.Metric))
	for _, m := range f.Metric {
		if !hasValue(f.GetType(), m) {
			return fmt.Sprintf("series %s has no value of a %s", describe(m), strings.ToLower(f.GetType().String()))
		}
		if what := wrongLabel(m); what != "" {
			return what
		}
		key := hash(m)
		if other := seen[key]; other != nil && describe(other) == describe(m) {
			return fmt.Sprintf("series %s is there twice", describe(m))
		}
		seen[key] = m
	}
	return ""
}

// hasValue reports whether the series has a value of the family's type.
func hasValue(kind dto.MetricType, m *dto.Metric) bool {
	switch kind {
	case dto.MetricType_COUNTER:
		return m.Counter != nil
	case dto.MetricType_GAUGE:
		return m.Gauge != nil
	case dto.MetricType_SUMMARY:
		return m.Summary != nil
	case dto.MetricType_HISTOGRAM:
		return m.Histogram != nil
	default:
		return m.Untyped != nil
	}
}

// wrongLabel says what is wrong with a label of the series. Labels are in order, so
// that one that is there twice follows itself.
func wrongLabel(m *dto.Metric) string {
	for i, l := range m.Label {
		switch {
		case l.GetName() == "" || !utf8.ValidString(l.GetName()):
			return fmt.Sprintf("label name %q is not UTF-8 text", l.GetName())
		case !utf8.ValidString(l.GetValue()):
			return fmt.Sprintf("label %s=%q is not UTF-8 text", l.GetName(), l.GetValue())
		case i > 0 && l.GetName() == m.Label[i-1].GetName():
			return fmt.Sprintf("series %s has the label %s twice", describe(m), l.GetName())
		}
	}
	return ""
}

// hash tells label sets apart. The separator is in no valid text.
func hash(m *dto.Metric) uint64 {
	var h xxh3.Hasher
	for _, l := range m.Label {
		_, _ = h.WriteString(l.GetName())
		_, _ = h.WriteString("\xff")
		_, _ = h.WriteString(l.GetValue())
		_, _ = h.WriteString("\xff")
	}
	return h.Sum64()
}

// describe returns the labels of a series as PromQL writes them.
func describe(m *dto.Metric) string {
	var pairs []string
	for _, l := range m.Label {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// nameOf returns a family's name as a label value.
func nameOf(family string) string { return strings.ToValidUTF8(family, "\uFFFD") }
