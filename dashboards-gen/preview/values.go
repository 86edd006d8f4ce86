package preview

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"belfry/dashboards-gen/view"
)

// missing stands for a step without a sample.
const missing = "-"

// encode writes the samples of a series, one for each step of the query, as numbers
// of five digits separated by spaces, and of twelve for an instant, which can be a time in
// milliseconds. Repeated values have a count: "0.5*12".
func encode(s view.Series, q view.Query) string {
	digits := 5
	if q.Instant {
		digits = 12
	}
	texts := make([]string, steps(q))
	for i := range texts {
		texts[i] = missing
	}
	for i, t := range s.Times {
		if at := indexOf(t, q); at >= 0 && at < len(texts) {
			texts[at] = strconv.FormatFloat(s.Values[i], 'g', digits, 64)
		}
	}
	var b strings.Builder
	for i := 0; i < len(texts); {
		n := 1
		for i+n < len(texts) && texts[i+n] == texts[i] {
			n++
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(texts[i])
		if n > 1 {
			fmt.Fprintf(&b, "*%d", n)
		}
		i += n
	}
	return b.String()
}

// steps returns the number of samples that a series of the query can have.
func steps(q view.Query) int {
	if q.Instant {
		return 1
	}
	return int(q.End.Sub(q.Start)/q.Step) + 1
}

// indexOf returns the step at a time in seconds.
func indexOf(t float64, q view.Query) int {
	if q.Instant {
		return 0
	}
	return int(math.Round((t - seconds(q, 0)) / q.Step.Seconds()))
}

// seconds returns the time of a step.
func seconds(q view.Query, step int) float64 {
	if q.Instant {
		return float64(q.End.Unix())
	}
	return float64(q.Start.Unix()) + float64(step)*q.Step.Seconds()
}

// decode reads the text of encode.
func decode(values string, q view.Query) (view.Series, error) {
	var s view.Series
	at := 0
	for _, text := range strings.Fields(values) {
		text, times, repeats := strings.Cut(text, "*")
		n := 1
		if repeats {
			var err error
			if n, err = strconv.Atoi(times); err != nil || n < 1 {
				return s, fmt.Errorf("invalid repetition %q", times)
			}
		}
		if at += n; at > steps(q) {
			return s, fmt.Errorf("%d values for %d steps", at, steps(q))
		}
		if text == missing {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return s, fmt.Errorf("invalid value %q", text)
		}
		for i := at - n; i < at; i++ {
			s.Times, s.Values = append(s.Times, seconds(q, i)), append(s.Values, v)
		}
	}
	return s, nil
}
