package exporter_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sync/errgroup"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/truth"
)

// narrow accepts connections with small buffers, so that a slow reader blocks
// the writer.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return c, c.(*net.TCPConn).SetWriteBuffer(64 << 10)
}

// Slow scraper: one that reads a byte at a time delays neither the fold nor
// other scrapers.
func TestFaultSlowScraper(t *testing.T) {
	in := install(t, 1)
	const templates = 120 // which makes the response larger than the buffers
	for i := range templates {
		template := fmt.Sprintf(`"templateId":"t%d"`, i)
		in.publish(0, "sent", strings.Replace(sent(fmt.Sprint("t", i)), `"templateId":"t"`, template, 1))
	}
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(templates)
	handler, running := r.Handler(), atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		running.Add(1)
		defer running.Add(-1)
		handler.ServeHTTP(w, q)
	}))
	server.Listener = narrow{server.Listener}
	server.Start()
	defer server.Close()

	slow, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if err := slow.(*net.TCPConn).SetReadBuffer(16 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(slow, "GET /metrics HTTP/1.0\r\n\r\n")
	answer := bufio.NewReader(slow)
	for i := range 5 {
		if _, err := answer.ReadByte(); err != nil {
			t.Fatalf("byte %d of the slow response: %v", i, err)
		}
		in.send(i, i)
		r.awaitSent(float64(templates + 1 + i))
		response, err := http.Get(server.URL + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		_, err = truth.ReadExposition(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatalf("response of another scraper: %v", err)
		}
		r.await("the slow scrape to be the only one", func() bool { return running.Load() == 1 })
	}
	// The slow one receives what was true when it asked.
	families, err := truth.ReadExposition(skipHeader(answer))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == catalog.Stages.Name })
	if i < 0 {
		t.Fatal("the slow response has no stages")
	}
	if got, _ := sumOf(families[i], []string{"stage", "sent"}); got != templates {
		t.Errorf("the slow response shows %v notifications sent, want %d", got, templates)
	}
	r.proves("a scraper reads one byte at a time")
}

// skipHeader reads an HTTP response up to its body.
func skipHeader(r *bufio.Reader) *bufio.Reader {
	for {
		if line, err := r.ReadString('\n'); err != nil || line == "\r\n" {
			return r
		}
	}
}

// Eight scrapers at once, while events arrive: each response is complete and
// consistent, and no number falls.
func TestFaultEightScrapersAtOnce(t *testing.T) {
	in := install(t, 1)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitReady()
	const events = 4000
	var scrapers errgroup.Group
	for range 8 {
		scrapers.Go(func() error { return scrapeUntil(r.http.URL, events) })
	}
	in.sendMany(1, events)
	if err := scrapers.Wait(); err != nil {
		t.Error(err)
	}
	r.proves("eight scrapers come at once")
}

// scrapeUntil scrapes until this number of events is shown, and compares each
// response with itself and the one before.
func scrapeUntil(url string, events float64) error {
	deadline, before := time.Now().Add(20*time.Second), 0.0
	for before < events {
		if time.Now().After(deadline) {
			return fmt.Errorf("%v of %v events are shown after 20 s", before, events)
		}
		response, err := http.Get(url + "/metrics")
		if err != nil {
			return err
		}
		families, err := truth.ReadExposition(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d: %w", response.StatusCode, err)
		}
		counts := map[string]float64{}
		for _, m := range []catalog.Counter{
			catalog.Stages, catalog.TemplateStages, catalog.AudienceStages, catalog.Events,
		} {
			i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == m.Name })
			if i >= 0 {
				counts[m.Name], _ = sumOf(families[i], nil)
			}
		}
		now := counts[catalog.Events.Name]
		for name, n := range counts {
			if n != now {
				return fmt.Errorf("one response shows %v events and %v in %s", now, n, name)
			}
		}
		if now < before {
			return fmt.Errorf("%v events are shown after %v", now, before)
		}
		before = now
	}
	return nil
}

// A series that is held at 0 when the exporter crashes is held at 0 after the
// restart too. One that was released is not: no series skips the 0 or falls
// back to it.
func TestFaultCrashWhileSeriesAreHeld(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	r := in.run(exporter.Options{CheckpointInterval: never, Hold: time.Hour})
	r.awaitReady()
	r.shows(5, catalog.Stages, "stage", "sent") // existed before the first scrape
	in.sendPush(6, 8)
	r.await("the new series", func() bool { return r.value(catalog.StreamProcessedSequence) == 8 })
	for _, crash := range []func(*running){in.crash, (*running).stop, in.crash} {
		r.shows(5, catalog.Stages, "stage", "sent", "channel", "email")
		r.shows(0, catalog.Stages, "stage", "sent", "channel", "push")
		crash(r)
		r = in.run(exporter.Options{CheckpointInterval: never, Hold: time.Hour})
		r.awaitReady()
	}
	r.stop()

	r = in.run(exporter.Options{CheckpointInterval: never, Hold: time.Millisecond})
	r.awaitReady()
	r.shows(0, catalog.Stages, "stage", "sent", "channel", "push")
	r.await("the end of the hold", func() bool {
		return r.value(catalog.Stages, "stage", "sent", "channel", "push") == 3
	})
	in.crash(r)
	r = in.run(exporter.Options{CheckpointInterval: never, Hold: time.Hour})
	defer r.stop()
	r.awaitReady()
	r.shows(3, catalog.Stages, "stage", "sent", "channel", "push")
	r.proves("the exporter is killed while new series show 0")
}
