package display

import (
	"fmt"
	"strings"
)

// Label shows a state as a word with a sign, so that it does not depend on color.
type Label struct{ Word, Sign, Tone string }

// verdicts holds how the verdicts of experiments are shown.
var verdicts = map[string]Label{
	"ship":                     {"Ship it", "✓", "good"},
	"stop_harm":                {"Stop: it does harm", "✕", "bad"},
	"stop_loser":               {"Stop: it loses", "✕", "bad"},
	"invalid":                  {"Invalid", "!", "bad"},
	"review":                   {"Review it", "?", "warn"},
	"no_meaningful_difference": {"No meaningful difference", "=", ""},
	"continue":                 {"Continue", "…", ""},
	"collecting":               {"Collecting", "…", ""},
	"immature":                 {"Too young", "…", ""},
}

// VerdictOf returns how a verdict is shown. One that is not known is shown as it is.
func VerdictOf(verdict string) Label {
	if l, known := verdicts[verdict]; known {
		return l
	}
	return Label{Word: verdict, Sign: "·"}
}

// StateOf returns how the state of a watched series is shown.
func StateOf(w Watch) Label {
	switch {
	case w.Anomalous:
		return Label{w.State, "!", "bad"}
	case w.Known:
		return Label{w.State, "✓", "good"}
	default:
		return Label{w.State, "…", ""}
	}
}

// AdviceOf returns how the kind of a recommendation is shown.
func AdviceOf(kind string) Label {
	switch kind {
	case "ship":
		return Label{"Ship", "✓", "good"}
	case "test":
		return Label{"Test", "?", "warn"}
	default:
		return Label{Word: kind, Sign: "·"}
	}
}

// PValue writes a probability of chance, never as 0.
func PValue(p float64) string {
	if p < 0.0001 {
		return "below 0.0001"
	}
	return fmt.Sprintf("%.4f", p)
}

// Chance writes a probability, never as certainty.
func Chance(p float64) string {
	switch {
	case p > 0.999:
		return "above 99.9 %"
	case p < 0.001:
		return "below 0.1 %"
	default:
		return Write(p, Share)
	}
}

// Counted writes how many there are, at least one.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// ChannelName is how people call a channel.
func ChannelName(channel string) string {
	if channel == "sms" {
		return "SMS"
	}
	return strings.ReplaceAll(channel, "_", "-")
}
