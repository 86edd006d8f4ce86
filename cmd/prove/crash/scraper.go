package crash

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"belfry/exporter/catalog"
)

const (
	// scrapeEvery is the time from one scrape to the next, retryEvery the pause
	// after one that failed.
	scrapeEvery = 200 * time.Millisecond
	retryEvery  = 5 * time.Millisecond
)

// maxComplaints bounds what is told of what went wrong.
const maxComplaints = 20

// scraper scrapes /metrics and holds each answer against the one before.
type scraper struct {
	url    string
	client http.Client
	series map[string]*sample // every monotone series seen so far
	shown  bytes.Buffer       // the latest whole answer

	answers, failures int
	fallen, bornLate  int
	complaints        []string

	mu      sync.Mutex
	asking  bool          // a scrape is under way
	changed chan struct{} // closed when the next one begins
}

// sample is the latest value of a series, and how it was written.
type sample struct {
	text  string
	value float64
}

func newScraper(url string) *scraper {
	return &scraper{url: url, client: http.Client{Timeout: 10 * time.Second}, series: map[string]*sample{}, changed: make(chan struct{})}
}

// run scrapes until ctx ends. While the exporter is down it asks so often that it
// sees the first thing that the next process shows.
func (s *scraper) run(ctx context.Context) {
	for wait := time.Duration(0); pause(ctx, wait) == nil; {
		began := time.Now()
		if err := s.scrape(ctx); err != nil {
			s.failures++
			wait = retryEvery
			continue
		}
		wait = max(0, scrapeEvery-time.Since(began))
	}
}

// scrape asks once. An answer that was cut short is no answer.
func (s *scraper) scrape(ctx context.Context) error {
	s.set(true)
	defer s.set(false)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	s.answers++
	s.shown = body
	s.check(body.String())
	return nil
}

// check compares an answer with those before.
func (s *scraper) check(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		space := strings.LastIndexByte(line, ' ')
		if space < 0 || line[0] == '#' || !monotone(line) {
			continue
		}
		name, written := line[:space], line[space+1:]
		known := s.series[name]
		if known != nil && known.text == written {
			continue
		}
		value, err := strconv.ParseFloat(written, 64)
		switch {
		case err != nil:
			s.complain("%s is not a number", line)
			continue
		case known == nil:
			known = &sample{}
			s.series[strings.Clone(name)] = known
			if value != 0 {
				s.bornLate++
				s.complain("%s is first seen at %v", name, value)
			}
		case value < known.value:
			s.fallen++
			s.complain("%s went from %v to %v", name, known.value, value)
		}
		known.text, known.value = strings.Clone(written), value
	}
}

func (s *scraper) complain(format string, args ...any) {
	if len(s.complaints) < maxComplaints {
		s.complaints = append(s.complaints, fmt.Sprintf(format, args...))
	}
}

// monotone reports whether a sample belongs to a family of the fold and may
// only grow.
func monotone(line string) bool {
	end := strings.IndexAny(line, "{ ")
	return end > 0 && monotoneNames[line[:end]]
}

// monotoneNames are the names under which such samples are exposed.
var monotoneNames = func() map[string]bool {
	names := map[string]bool{}
	for _, f := range catalog.All {
		if f.Source != catalog.Fold && f.Source != catalog.Quality {
			continue
		}
		for _, suffix := range suffixes[f.Kind] {
			names[f.Name+suffix] = true
		}
	}
	return names
}()

// suffixes are what the samples of a kind of family are called, behind its name.
var suffixes = map[catalog.Kind][]string{
	catalog.KindCounter: {""}, catalog.KindSummary: {"_count", "_sum"}, catalog.KindHistogram: {"_bucket", "_count", "_sum"},
}

func (s *scraper) set(asking bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking = asking
	if asking {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

func (s *scraper) underWay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asking
}

// await waits until the next scrape begins, and a moment longer, for the
// exporter to be busy with it.
func (s *scraper) await(ctx context.Context) error {
	s.mu.Lock()
	changed := s.changed
	s.mu.Unlock()
	select {
	case <-changed:
		return pause(ctx, 5*time.Millisecond)
	case <-ctx.Done():
		return ctx.Err()
	}
}
