package page

import "fmt"

// label shows a state as a word with a sign, so that it does not depend on color.
type label struct{ Word, Sign, Tone string }

// verdicts holds how the verdicts of experiments are shown.
var verdicts = map[string]label{
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

// verdictOf returns how a verdict is shown. One that is not known is shown as it is.
func verdictOf(verdict string) label {
	if l, known := verdicts[verdict]; known {
		return l
	}
	return label{Word: verdict, Sign: "·"}
}

// stateOf returns how the state of a watched series is shown.
func stateOf(w Watch) label {
	switch {
	case w.Anomalous:
		return label{w.State, "!", "bad"}
	case w.Known:
		return label{w.State, "✓", "good"}
	default:
		return label{w.State, "…", ""}
	}
}

// adviceOf returns how the kind of a recommendation is shown.
func adviceOf(kind string) label {
	switch kind {
	case "ship":
		return label{"Ship", "✓", "good"}
	case "test":
		return label{"Test", "?", "warn"}
	default:
		return label{Word: kind, Sign: "·"}
	}
}

// pValue writes a probability of chance, never as 0.
func pValue(p float64) string {
	if p < 0.0001 {
		return "below 0.0001"
	}
	return fmt.Sprintf("%.4f", p)
}

// chance writes a probability, never as certainty.
func chance(p float64) string {
	switch {
	case p > 0.999:
		return "above 99.9 %"
	case p < 0.001:
		return "below 0.1 %"
	default:
		return write(p, Share)
	}
}

// counted writes how many there are, at least one.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
