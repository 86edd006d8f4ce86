package preview

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/common/model"

	"belfry/dashboards-gen/view"
)

// recording has the query results of an opened dashboard. As a source it answers the
// same queries again, so that the picture can be drawn without Prometheus.
//
// The file has a JSON object on each line: first the screen, then the results of
// each query.
type recording struct {
	recordedScreen
	answers map[string]recordedAnswer
}

type recordedScreen struct {
	To    time.Time      `json:"to"`
	Range model.Duration `json:"range"`
	Width int            `json:"width"`
	// Offered has the values of each variable.
	Offered map[string][]string `json:"offered"`
}

type recordedAnswer struct {
	Query  string           `json:"query"`
	Step   model.Duration   `json:"step"` // 0 for an instant
	Series []recordedSeries `json:"series"`
}

type recordedSeries struct {
	Labels map[string]string `json:"labels"`
	// Values has a value for each step of the range, see [encode].
	Values string `json:"values"`
}

// Record returns the file from which [Pictures] draws the dashboard again, for a
// screen of that width in pixels.
func Record(o view.Opened, width int) ([]byte, error) {
	var b bytes.Buffer
	file := json.NewEncoder(&b)
	file.SetEscapeHTML(false)
	screen := recordedScreen{
		To: o.Screen.To, Range: model.Duration(o.Screen.To.Sub(o.Screen.From)), Width: width, Offered: o.Offered,
	}
	if err := file.Encode(screen); err != nil {
		return nil, err
	}
	written := map[string]bool{}
	for _, a := range o.Answers {
		if written[queryKey(a.Query)] {
			continue
		}
		written[queryKey(a.Query)] = true
		record := recordedAnswer{Query: a.Query.PromQL, Step: stepOf(a.Query), Series: []recordedSeries{}}
		for _, s := range a.Series {
			record.Series = append(record.Series, recordedSeries{s.Labels, encode(s, a.Query)})
		}
		if err := file.Encode(record); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// stepOf returns the step of a query over a range, and 0 for an instant.
func stepOf(q view.Query) model.Duration {
	if q.Instant {
		return 0
	}
	return model.Duration(q.Step)
}

// queryKey tells queries of a recording apart.
func queryKey(q view.Query) string { return q.PromQL + " every " + stepOf(q).String() }

// readRecording reads a file written by Record.
func readRecording(file []byte) (*recording, error) {
	lines := json.NewDecoder(bytes.NewReader(file))
	r := &recording{answers: map[string]recordedAnswer{}}
	if err := lines.Decode(&r.recordedScreen); err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	for {
		var a recordedAnswer
		switch err := lines.Decode(&a); {
		case errors.Is(err, io.EOF):
			return r, nil
		case err != nil:
			return nil, fmt.Errorf("answer %d: %w", len(r.answers)+1, err)
		}
		r.answers[a.Query+" every "+a.Step.String()] = a
	}
}

// has reports whether the query was recorded.
func (r *recording) has(q view.Query) bool {
	_, ok := r.answers[queryKey(q)]
	return ok
}

// Ask returns the recorded results, and nothing for a query that was not recorded.
func (r *recording) Ask(_ context.Context, q view.Query) ([]view.Series, error) {
	recorded := r.answers[queryKey(q)].Series
	all := make([]view.Series, len(recorded))
	for i, s := range recorded {
		var err error
		if all[i], err = decode(s.Values, q); err != nil {
			return nil, fmt.Errorf("recorded answer to %s: %w", q.PromQL, err)
		}
		all[i].Labels = s.Labels
	}
	return all, nil
}

// LabelValues returns the recorded values of the variable that has the label's name.
func (r *recording) LabelValues(_ context.Context, label, _ string, _ view.Screen) ([]string, error) {
	return r.Offered[label], nil
}

// AnswerValues returns the recorded values of the variable that has the label's name.
func (r *recording) AnswerValues(_ context.Context, label, _ string, _ view.Screen) ([]string, error) {
	return r.Offered[label], nil
}
