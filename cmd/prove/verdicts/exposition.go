package verdicts

import (
	"bytes"
	"errors"
	"io"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// exposition scrapes the /metrics page of a job. It caches the series by their text, since
// making labels is most of the work of a scrape.
type exposition struct {
	job    string
	names  map[string]bool // of the families that it keeps; nil for all
	series map[string]*simtime.Series
}

func newExposition(job string, names map[string]bool) *exposition {
	return &exposition{job, names, map[string]*simtime.Series{}}
}

// add adds the samples of a page to a scrape.
func (x *exposition) add(page []byte, add simtime.Append) error {
	parser, err := textparse.New(page, "text/plain", labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return err
	}
	for {
		entry, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case entry != textparse.EntrySeries:
			continue
		}
		text, _, value := parser.Series()
		if name, _, _ := bytes.Cut(text, []byte("{")); x.names != nil && !x.names[string(name)] {
			continue
		}
		if err := add(x.of(string(text), parser), value); err != nil {
			return err
		}
	}
}

// of returns the series at which the parser is, with the label that Prometheus adds.
func (x *exposition) of(text string, parser textparse.Parser) *simtime.Series {
	s := x.series[text]
	if s == nil {
		var l labels.Labels
		parser.Labels(&l)
		s = &simtime.Series{Labels: labels.NewBuilder(l).Set(expr.Job.Name, x.job).Labels()}
		x.series[text] = s
	}
	return s
}
