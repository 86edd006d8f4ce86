package dashboards_test

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Titles fit above their panels on a screen of 1600 pixels: Grafana would end them in dots.
func TestTitlesFit(t *testing.T) {
	const (
		column = 63.3 // pixels of one of the 24 columns, beside Grafana's menu
		margin = 32.0 // around a title, with the corner of the description
		letter = 7.6  // pixels of a letter of a title, on average
	)
	longest := strings.NewReplacer("$period", "90 days", "$currency", "EUR", "$channel", "webhook")
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			title := longest.Replace(*p.Title)
			room := int((column*float64(p.GridPos.W) - margin) / letter)
			if n := utf8.RuneCountInString(title); n > room {
				t.Errorf("the title %q has %d letters, and its panel room for %d", title, n, room)
			}
		}
	})
}

// One voice: what people read has the words of the ecosystem.
func TestWordsOfTheEcosystem(t *testing.T) {
	for _, not := range []struct{ word, but string }{
		{"held back", "suppressed"}, {"budget left", "budget remaining"}, {"24 h before", "trailing 24 h"},
		{"as a multiple of the week before", "vs last week"}, {"a week before", "last week"},
		{"open pages", "unacknowledged pages"},
	} {
		load(t, func(t *testing.T, d loaded) {
			for _, p := range d.panels {
				texts := []string{*p.Title, *p.Description, *p.FieldConfig.Defaults.NoValue}
				for _, q := range queries(t, p) {
					texts = append(texts, *q.LegendFormat)
				}
				for _, text := range texts {
					if strings.Contains(strings.ToLower(text), not.word) {
						t.Errorf("panel %q says %q in %q: say %q", *p.Title, not.word, text, not.but)
					}
				}
			}
			for _, r := range d.rows {
				if strings.Contains(strings.ToLower(*r.Title), not.word) {
					t.Errorf("row %q says %q: say %q", *r.Title, not.word, not.but)
				}
			}
		})
	}
}
