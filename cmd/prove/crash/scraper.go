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
	// scrapeEvery is the interval between scrapes, retryEvery the pause after a
	// scrape that failed.
	scrapeEvery = 200 * time.Millisecond
	retryEvery  = 5 * time.Millisecond
)

// maxProblems limits how many problems are reported.
const maxProblems = 20

// scraper scrapes /metrics and compares each answer with the one before.
type scraper struct {
	url    string
	client http.Client
	series map[string]*sample // every monotone series seen so far
	shown  bytes.Buffer       // the latest complete answer

	answers, failures      int
	decreased, startedHigh int
	problems               []string

	mu       sync.Mutex
	scraping bool          // a scrape is under way
	changed  chan struct{} // closed when the next one begins
}

// sample holds the latest value of a series, and its text.
type sample struct {
	text  string
	value float64
}

func newScraper(url string) *scraper {
	return &scraper{
		url: url, client: http.Client{Timeout: 10 * time.Second},
		series: map[string]*sample{}, changed: make(chan struct{}),
	}
}

// run scrapes until ctx ends. While the exporter is down it retries often enough
// to see the first numbers of the next process.
func (s *scraper) run(ctx context.Context) {
	for wait := time.Duration(0); sleep(ctx, wait) == nil; {
		began := time.Now()
		if err := s.scrape(ctx); err != nil {
			s.failures++
			wait = retryEvery
			continue
		}
		wait = max(0, scrapeEvery-time.Since(began))
	}
}

// scrape scrapes once. A truncated answer is an error.
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

// check compares an answer with the earlier ones.
func (s *scraper) check(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		space := strings.LastIndexByte(line, ' ')
		if space < 0 || line[0] == '#' || !isMonotone(line) {
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
			s.problemf("%s is not a number", line)
			continue
		case known == nil:
			known = &sample{}
			s.series[strings.Clone(name)] = known
			if value != 0 {
				s.startedHigh++
				s.problemf("%s is first seen at %v, not at 0", name, value)
			}
		case value < known.value:
			s.decreased++
			s.problemf("%s went down from %v to %v", name, known.value, value)
		}
		known.text, known.value = strings.Clone(written), value
	}
}

func (s *scraper) problemf(format string, args ...any) {
	if len(s.problems) < maxProblems {
		s.problems = append(s.problems, fmt.Sprintf(format, args...))
	}
}

// isMonotone reports whether a line is a sample of the fold that never goes down.
func isMonotone(line string) bool {
	end := strings.IndexAny(line, "{ ")
	return end > 0 && monotone[line[:end]]
}

// monotone holds the names of such samples.
var monotone = func() map[string]bool {
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

// suffixes maps the kinds of family to the suffixes of their samples' names.
var suffixes = map[catalog.Kind][]string{
	catalog.KindCounter: {""}, catalog.KindSummary: {"_count", "_sum"},
	catalog.KindHistogram: {"_bucket", "_count", "_sum"},
}

func (s *scraper) set(scraping bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scraping = scraping
	if scraping {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

func (s *scraper) inProgress() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scraping
}

// await waits until the next scrape begins, and a few milliseconds longer, so
// that the exporter is busy with it.
func (s *scraper) await(ctx context.Context) error {
	s.mu.Lock()
	changed := s.changed
	s.mu.Unlock()
	select {
	case <-changed:
		return sleep(ctx, 5*time.Millisecond)
	case <-ctx.Done():
		return ctx.Err()
	}
}
