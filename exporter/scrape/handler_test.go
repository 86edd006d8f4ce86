package scrape

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Scrapers that never read delay no other one, however many they are.
func TestScrapersThatNeverRead(t *testing.T) {
	large := family("large", dto.MetricType_GAUGE)
	for i := range 20_000 {
		large.Metric = append(large.Metric, series("n", fmt.Sprint(i), "text", strings.Repeat("x", 400)))
	}
	g := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry(), func() []*dto.MetricFamily {
		return []*dto.MetricFamily{large}
	})
	server := httptest.NewServer(g.Handler(g))
	defer server.Close()
	for range 40 {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); err != nil || n == 0 || response.StatusCode != http.StatusOK {
		t.Errorf("%s, %d bytes, %v", response.Status, n, err)
	}
}

// Scrapers that wait share one exposition, which begins after all of them came.
func TestWaitingScrapersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gathered, proceed := 0, make(chan bool)
		g := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry(), func() []*dto.MetricFamily {
			gathered++
			<-proceed
			return nil
		})
		h := g.Handler(g)
		var scrapers sync.WaitGroup
		scrape := func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil)) }
		scrapers.Go(scrape)
		synctest.Wait()
		for range 100 {
			scrapers.Go(scrape)
		}
		synctest.Wait()
		close(proceed)
		scrapers.Wait()
		if gathered != 2 {
			t.Errorf("gathered %d times, want 2", gathered)
		}
	})
}

func TestAcceptsGzip(t *testing.T) {
	for value, want := range map[string]bool{
		"": false, "gzip": true, "zstd, gzip;q=0.5": true, "gzip; q=0": false, "gzip;q=0.0": false, "br": false,
	} {
		if got := acceptsGzip(http.Header{"Accept-Encoding": {value}}); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
}
