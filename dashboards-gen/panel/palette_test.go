package panel

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The backgrounds of panels in Grafana's themes.
const darkPanel, lightPanel = "#181b1f", "#ffffff"

// Colors that the themes of Grafana 13 have for its names.
var themed = map[string]struct{ dark, light string }{
	green:  {"#73BF69", "#56A64B"},
	red:    {"#F2495C", "#E02F44"},
	orange: {"#FF780A", "#FA6400"},
}

// Every color shows on both themes: its contrast is 3 or more, which WCAG 2.1 asks of
// graphs (criterion 1.4.11).
func TestColorsShowOnBothThemes(t *testing.T) {
	all := append([]string{Plain, Faint, green, red, orange}, Palette[:]...)
	for _, colors := range meanings {
		for _, color := range colors {
			all = append(all, color)
		}
	}
	for _, color := range all {
		dark, light := color, color
		if of, named := themed[color]; named {
			dark, light = of.dark, of.light
		}
		if c := contrast(t, dark, darkPanel); c < 3 {
			t.Errorf("%s has a contrast of %.2f to the dark theme", color, c)
		}
		if c := contrast(t, light, lightPanel); c < 3 {
			t.Errorf("%s has a contrast of %.2f to the light theme", color, c)
		}
	}
}

// contrast returns the contrast ratio of WCAG 2.1.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a)+0.05, luminance(t, b)+0.05
	return max(x, y) / min(x, y)
}

// luminance returns the relative luminance of WCAG 2.1.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(byte uint64) float64 {
		c := float64(byte&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}

// colorsOf returns the colors that the overrides give to the names, the last that matches.
func colorsOf(t *testing.T, p Panel, names ...string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, name := range names {
		for _, o := range p.seriesColors() {
			which := o.Matcher.Options.(string)
			matches := which == name
			if o.Matcher.Id == "byRegexp" {
				body, insensitive := strings.CutSuffix(which, "/i")
				if !insensitive {
					body = strings.TrimSuffix(body, "/")
				} else {
					body = "(?i)" + body[1:]
				}
				matches = regexp.MustCompile(strings.TrimPrefix(body, "/")).MatchString(name)
			}
			if matches {
				got[name] = *o.Properties[0].Value.(sdk.FieldColor).FixedColor
			}
		}
	}
	return got
}

// A name of a free label has one color, whatever stands beside it in the legend.
func TestNamesHaveOneColor(t *testing.T) {
	providers := Panel{Queries: Of(expr.Sum(rules.Sent.Rate5m).By(catalog.LabelProvider))}
	channels := Panel{Queries: Of(expr.Sum(rules.Sent.Rate5m).By(perProvider...))}
	alone := colorsOf(t, providers, "ses", "Acme-Mail", "x", "unknown")
	beside := colorsOf(t, channels, "email ses", "email Acme-Mail", "sms x", "sms unknown")
	want := map[string]string{
		"email ses": alone["ses"], "email Acme-Mail": alone["Acme-Mail"], "sms x": alone["x"], "sms unknown": Faint,
	}
	if diff := cmp.Diff(want, beside); diff != "" || len(alone) != 4 {
		t.Errorf("beside a channel (-want +got):\n%s", diff)
	}
}

// Names that count from 0 to 9 have ten colors, and so have ports no say.
func TestNamesThatCountDiffer(t *testing.T) {
	nodes := func(label *catalog.Label, name func(int) string) {
		g := catalog.Gauge{Family: &catalog.Family{Name: "g", Kind: catalog.KindGauge, Labels: []*catalog.Label{label}}}
		p := Panel{Queries: Of(expr.Sum(expr.Select(g)).By(label))}
		colors := map[string]string{}
		for i := range 10 {
			for _, color := range colorsOf(t, p, name(i)) {
				colors[color] = name(i)
			}
		}
		if len(colors) != 10 {
			t.Errorf("the names of %s have %d colors: %v", label.Name, len(colors), colors)
		}
	}
	nodes(catalog.LabelPartition, strconv.Itoa)
	nodes(catalog.LabelNode, func(i int) string { return "push-worker-" + strconv.Itoa(i) })
	nodes(expr.Instance, func(i int) string { return "exporter-" + strconv.Itoa(i) + ":9464" })
}

// The providers that one channel may have together differ, and the commonest of all.
func TestProvidersOfAChannelDiffer(t *testing.T) {
	p := Panel{Queries: Of(expr.Sum(rules.Sent.Rate5m).By(catalog.LabelProvider))}
	for _, channel := range [][]string{
		{"ses", "sendgrid", "mailgun", "postmark", "sparkpost", "smtp"}, {"twilio", "vonage", "sinch", "sns"},
		{"fcm", "apns", "expo", "huawei", "webpush"}, {"slack", "teams", "telegram", "whatsapp"},
		{"ses", "sendgrid", "mailgun", "fcm", "apns", "twilio", "vonage", "sinch", "slack"},
	} {
		colors := map[string]bool{}
		for _, color := range colorsOf(t, p, channel...) {
			colors[color] = true
		}
		if len(colors) != len(channel) {
			t.Errorf("the %d providers %v have %d colors", len(channel), channel, len(colors))
		}
	}
}

// A queue that has the name of a channel has its color.
func TestQueuesHaveTheColorsOfTheirChannels(t *testing.T) {
	queues := colorsOf(t, Panel{Queries: Of(rules.QueueMessages)}, catalog.Channels...)
	var words []string
	for _, name := range catalog.Channels {
		words = append(words, wordOf(catalog.LabelChannel, name))
	}
	channels := colorsOf(t, Panel{Queries: Of(expr.Sum(rules.Sent.Rate5m).By(perChannel...))}, words...)
	channels["in_app"] = channels["in-app"]
	delete(channels, "in-app")
	if diff := cmp.Diff(channels, queues); diff != "" {
		t.Errorf("(-channels +queues):\n%s", diff)
	}
}

// The categories of a platform differ.
func TestCategoriesDiffer(t *testing.T) {
	p := Panel{Queries: Of(expr.Sum(rules.CategoryStages.Rate5m).By(catalog.LabelCategory))}
	names := []string{"transactional", "marketing", "product", "social", "security", "billing", "reminder"}
	colors := map[string]bool{}
	for _, color := range colorsOf(t, p, names...) {
		colors[color] = true
	}
	if len(colors) != len(names) {
		t.Errorf("%d categories have %d colors", len(names), len(colors))
	}
}

// Series without labels have the color of what they are called, else one after another.
func TestSeriesWithoutLabelsHaveColors(t *testing.T) {
	all := expr.Sum(rules.Sent.Rate5m).By()
	p := Panel{Queries: []Query{
		{Of: all, Legend: "first"}, {Of: all, Legend: "delivered"}, {Of: all, Legend: "third"},
	}}
	got := map[string]string{}
	for _, o := range p.seriesColors() {
		got[o.Matcher.Options.(string)] = *o.Properties[0].Value.(sdk.FieldColor).FixedColor
	}
	if diff := cmp.Diff(map[string]string{"A": Palette[0], "B": teal, "C": Palette[2]}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
