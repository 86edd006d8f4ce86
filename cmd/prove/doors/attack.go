package doors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// report says what happened to a daemon.
type report struct {
	scrapes  int
	failed   int
	slowest  time.Duration
	attacks  atomic.Int64
	forged   int // forgeries that were answered
	accepted []string
}

// attack lets all clients attack all daemons, while events are published and every daemon
// is scraped.
func (w *world) attack(ctx context.Context) (map[*target]*report, error) {
	fingerprint, startsAt, err := w.alert(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.startScraper(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	attacking, end := context.WithTimeout(ctx, w.length)
	defer end()
	var all sync.WaitGroup
	reports := map[*target]*report{}
	for _, t := range w.daemons {
		r := &report{}
		reports[t] = r
		all.Go(func() { r.forged, r.accepted = forge(attacking, t, forgeries(fingerprint, startsAt)) })
		for _, c := range clients {
			for n := range (c.number + w.share - 1) / w.share {
				all.Go(func() {
					random := rand.New(rand.NewPCG(uint64(n), 1))
					for attacking.Err() == nil {
						c.attack(attacking, t, random)
						r.attacks.Add(1)
					}
				})
			}
		}
	}
	_, err = w.run(ctx, "simulate", "--events="+strconv.Itoa(w.events), "--truth="+w.truth(),
		fmt.Sprintf("--rate=%f", float64(w.events)/w.length.Seconds()), "--nats.url="+w.nats.URL())
	if err != nil {
		end()
	}
	all.Wait()
	if err != nil {
		return nil, err
	}
	return reports, w.countScrapes(ctx, reports, began)
}

func (w *world) truth() string { return filepath.Join(w.dir, "truth.json") }

// judge prints what happened, and returns what is wrong.
func (w *world) judge(ctx context.Context, reports map[*target]*report, before string) error {
	var wrong []string
	for _, t := range w.daemons {
		r := reports[t]
		peak, err := peakMemory(t.server.Process())
		if err != nil {
			return err
		}
		fmt.Fprintf(w.out, "%-9s %5d scrapes, the slowest %s; %d attacks, %d forgeries; peak memory %d MB\n", t.name,
			r.scrapes, r.slowest.Round(time.Millisecond), r.attacks.Load(), r.forged, peak>>20)
		wrong = append(wrong, r.accepted...)
		if r.failed > 0 {
			wrong = append(wrong, fmt.Sprintf("%d of %d scrapes of %s have failed", r.failed, r.scrapes, t.name))
		}
		if peak > maxMemory {
			wrong = append(wrong, fmt.Sprintf("%s has used %d MB of memory, more than %d", t.name, peak>>20,
				maxMemory>>20))
		}
		if r.scrapes == 0 || r.forged == 0 || r.attacks.Load() == 0 {
			wrong = append(wrong, t.name+" was not attacked")
		}
		if err := t.server.AwaitReady(ctx); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", t.name, err))
		}
	}
	after, err := w.history(ctx)
	if err != nil || after != before {
		wrong = append(wrong, fmt.Sprintf("the history was\n%s\nand is %v\n%s", before, err, after))
	}
	list, err := w.run(ctx, "alerts", "list", "--nats.url="+w.nats.URL())
	if err != nil || !strings.Contains(list, "by ana until") {
		wrong = append(wrong, fmt.Sprintf("the acknowledgement is gone: %v\n%s", err, list))
	}
	metrics := "http://" + w.daemons[0].address + "/metrics"
	if _, err := w.run(ctx, "verify", "--truth="+w.truth(), "--wait=2m", metrics); err != nil {
		wrong = append(wrong, err.Error())
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}

// peakMemory returns the most resident memory that a process has had, in bytes. Linux
// knows it.
func peakMemory(process int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, fmt.Errorf("read the peak memory, which needs Linux: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kilobytes), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status has no peak memory", process)
}
