// Package state measures the durable store with many records. It fills one
// partition's store with the records of an attribution window and prints what they
// take on disk and in memory, how long it takes to look up a hot, an old and an
// absent record, and how long the store takes to open again. From the disk space it
// extrapolates which window fits a disk.
package state

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/zeebo/xxh3"

	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
)

const (
	window       = 7 * 24 * time.Hour
	overlayBytes = 64 << 20
	cacheBytes   = 256 << 20
	lookups      = 20_000
)

// Command adds the subcommand state.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("state", "Measure the durable store with millions of records.")
	records := c.Flag("records", "Sizes to measure, in millions, separated by commas.").Default("10,100").String()
	dir := c.Flag("dir", "Directory of the store. By default a temporary one.").String()
	fill := c.Flag("fill", "Fill a store and wait to be killed, as the program runs itself.").Hidden().Bool()
	return c, func(context.Context) error {
		if *fill {
			return fillAndWait(*records, *dir)
		}
		return run(*records, *dir)
	}
}

func run(records, dir string) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "belfry-bench-state-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	perRecord := 0.0
	for _, text := range strings.Split(records, ",") {
		millions, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("--records: %w", err)
		}
		m := &measurement{dir: filepath.Join(dir, text), records: int(millions * 1e6)}
		if _, err := os.Lstat(m.dir); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists, and is removed after the measurement: choose another --dir", m.dir)
		}
		if err := m.run(); err != nil {
			return err
		}
		perRecord = m.perRecord
		if err := os.RemoveAll(m.dir); err != nil {
			return err
		}
	}
	size(perRecord)
	return nil
}

// measurement fills and measures one store.
type measurement struct {
	dir       string
	records   int
	store     *state.Store
	perRecord float64 // bytes on disk
}

// start is the time of the first record.
var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).UnixNano()

// at returns the time of record i. The records are spread evenly over the window
// and its grace.
func (m *measurement) at(i int) int64 {
	return start + int64(float64(window+fold.Grace-24*time.Hour)*float64(i)/float64(m.records))
}

func idOf(i int) fold.ID {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(i))
	return xxh3.Hash128(b[:]).Bytes()
}

func (m *measurement) open() (err error) {
	m.store, _, err = state.Open(state.Options{Dir: m.dir, Window: window, OverlayBytes: overlayBytes,
		Cache: state.NewCache(cacheBytes, 1)})
	return err
}

// fillAndWait fills a store, prints how long that took and waits to be killed. It
// returns only on an error.
func fillAndWait(records, dir string) error {
	n, err := strconv.Atoi(records)
	if err != nil {
		return err
	}
	m := &measurement{dir: dir, records: n}
	if err := m.open(); err != nil {
		return err
	}
	took, err := m.fill()
	if err != nil {
		return err
	}
	fmt.Println(took.Microseconds())
	select {}
}

// fillInChild fills the store in a child process and kills it, as a crash would.
func (m *measurement) fillInChild() (took time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	child := exec.Command(self, "state", "--fill", "--records", strconv.Itoa(m.records), "--dir", m.dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := child.Start(); err != nil {
		return 0, err
	}
	var micros int64
	_, scanErr := fmt.Fscan(out, &micros)
	killErr := child.Process.Kill()
	_ = child.Wait() // the error says that it was killed
	return time.Duration(micros) * time.Microsecond, errors.Join(scanErr, killErr)
}

func (m *measurement) run() error {
	took, err := m.fillInChild()
	if err != nil {
		return err
	}
	fmt.Printf("\n%.1f million records, %.1f µs each to write\n", float64(m.records)/1e6,
		float64(took.Microseconds())/float64(m.records))
	bytes, err := diskBytes(m.dir)
	if err != nil {
		return err
	}
	m.perRecord = float64(bytes) / float64(m.records)
	fmt.Printf("  disk      %.1f GB, %.1f bytes per record\n", float64(bytes)/1e9, m.perRecord)
	debug.FreeOSMemory()
	begin := time.Now()
	if err := m.open(); err != nil {
		return err
	}
	defer m.store.Close()
	fmt.Printf("  open      %s after a kill\n", time.Since(begin).Round(time.Millisecond))
	m.lookUp("absent", func(random *rand.Rand) fold.ID { return idOf(m.records + random.IntN(1<<40)) })
	m.lookUp("old", func(random *rand.Rand) fold.ID { return idOf(random.IntN(m.records * 9 / 10)) })
	recent := m.records - min(m.records, 10_000)
	m.lookUp("", func(random *rand.Rand) fold.ID { return idOf(recent + random.IntN(m.records-recent)) })
	m.lookUp("hot", func(random *rand.Rand) fold.ID { return idOf(recent + random.IntN(m.records-recent)) })
	rss, heap := memory()
	fmt.Printf("  memory    %d MB resident, of which %d MB Go heap\n", rss>>20, heap>>20)
	return m.store.Err()
}

// fill writes all records through the overlay, with a checkpoint whenever the
// overlay is full.
func (m *measurement) fill() (time.Duration, error) {
	begin, random := time.Now(), rand.New(rand.NewPCG(1, 2))
	image := fold.New(fold.Options{PartitionOf: func(string, int) int { return 0 }}, m.store).Image()
	for i := range m.records {
		now := m.at(i)
		describe(m.store.Notification(idOf(i), now), now, random)
		if i%4096 == 0 && m.store.Full() || i == m.records-1 {
			image.Now = now
			pending, err := m.store.Take(state.Checkpoint{Fold: image, Place: state.Place{Sequence: uint64(i)}})
			if err != nil {
				return 0, err
			}
			_, err = pending.Write()
			pending.Finish(err)
			if err != nil {
				return 0, err
			}
		}
		if i > 0 && i%10_000_000 == 0 {
			fmt.Fprintf(os.Stderr, "%d million records, %s\n", i/1e6, time.Since(begin).Round(time.Second))
		}
	}
	return time.Since(begin), nil
}

// describe fills in a record as a sent notification leaves it. Nearly all are
// delivered and some are opened.
func describe(n *fold.Notification, now int64, random *rand.Rand) {
	symbol := func(n int) metrics.Symbol { return metrics.Symbol(2 + random.IntN(n)) }
	*n = fold.Notification{
		Known: true, Sent: true, Stages: 3, Observed: 1, Provider: symbol(10),
		Context: fold.Context{
			Channel: symbol(5), Category: symbol(6), Priority: symbol(3), Template: symbol(60), Campaign: symbol(20),
			Platform: symbol(3), DeviceType: symbol(3), Experiment: metrics.None, Variant: metrics.None,
		},
		SentTime: now / 1e6 * 1e6, SentAt: now / 1e6 * 1e6,
		Hour: symbol(20), Weekday: symbol(5), Recent: symbol(3),
	}
	events := 2
	n.Newest = n.SentTime + int64(random.IntN(3000))*1e6
	n.LastDelivery = n.Newest
	if random.IntN(4) == 0 {
		events, n.Stages = 3, n.Stages|1<<5|1<<10
		n.Newest += int64(random.IntN(36000)) * 1e8
	}
	for range events {
		n.Events = append(n.Events, random.Uint64()>>(64-fold.EventHashBits))
	}
}

// lookUp times lookups as the fold does them.
func (m *measurement) lookUp(what string, next func(*rand.Rand) fold.ID) {
	random := rand.New(rand.NewPCG(3, 4))
	now, took := m.at(m.records), make([]time.Duration, lookups)
	for i := range took {
		id := next(random)
		begin := time.Now()
		m.store.Notification(id, now)
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	if what != "" {
		fmt.Printf("  %-8s  p50 %s, p99 %s\n", what, took[lookups/2], took[lookups*99/100])
	}
}

// memory returns the resident memory and the Go heap of this process.
func memory() (resident, heap uint64) {
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, stats.HeapInuse // not on this system
	}
	fields := strings.Fields(string(status))
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0, stats.HeapInuse
	}
	return pages * uint64(os.Getpagesize()), stats.HeapInuse
}

func diskBytes(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// size prints which window fits a disk at several loads. A record is kept for the
// window, two days of grace, and up to a day of its bucket. A third of the disk is
// left free for compaction.
func size(perRecord float64) {
	fmt.Printf("\nAttribution window that fits a disk, at %.0f bytes per record, with a third left free:\n\n",
		perRecord)
	fmt.Print("| notifications per minute | 10 GB | 50 GB | 100 GB | 500 GB |\n|--:|--:|--:|--:|--:|\n")
	for _, perMinute := range []float64{1_000, 10_000, 50_000, 100_000} {
		fmt.Printf("| %.0f ", perMinute)
		for _, disk := range []float64{10e9, 50e9, 100e9, 500e9} {
			days := disk*2/3/(perMinute*60*24*perRecord) - 3
			if days < 0.5 {
				fmt.Print("| – ")
				continue
			}
			fmt.Printf("| %.0f d ", days)
		}
		fmt.Println("|")
	}
}
