package schedule

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"belfry/insights/report/deliver"
	"belfry/insights/report/deliver/delivertest"
	"belfry/nats"
)

var kills = flag.Int("kills", 8, "how many senders TestKills kills")

// The variables by which the test tells a sender what to do.
const (
	senderNumber = "BELFRY_TEST_SENDER"
	senderNATS   = "BELFRY_TEST_NATS"
	senderMail   = "BELFRY_TEST_MAIL"
	senderCA     = "BELFRY_TEST_CA"
)

func TestMain(m *testing.M) {
	if os.Getenv(senderNumber) != "" {
		if err := sender(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// every is how often the reports of the test are due: long enough that a sender that is started
// again catches up before the next.
const every = 3 * time.Second

// sender sends a report every three seconds to two mailboxes. It says in the subject which sender
// it is.
func sender() error {
	ctx := context.Background()
	nc, err := nats.Connect(ctx, nats.Options{URL: os.Getenv(senderNATS)})
	if err != nil {
		return err
	}
	ledger, err := OpenLedger(ctx, nc, 1)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(os.Getenv(senderMail))
	if err != nil {
		return err
	}
	server := &deliver.MailServer{Host: "localhost", Port: port, CAFile: os.Getenv(senderCA), From: "b@example.com"}
	s := Schedule{Name: "often", times: times{ticks{}, time.UTC}, targets: []deliver.Target{
		deliver.Mailbox{Server: server, Address: "one@example.com"},
		deliver.Mailbox{Server: server, Address: "two@example.com"},
	}}
	r := NewRunner(Options{
		Ledger: ledger, Lease: every / 6, Retry: every / 10, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Make: func(context.Context, Schedule, time.Time) (deliver.Message, error) {
			return deliver.Message{Subject: os.Getenv(senderNumber), Text: "text"}, nil
		},
	}, []Schedule{s})
	return r.Run(ctx)
}

// ticks is due at each multiple of every.
type ticks struct{}

var _ cron.Schedule = ticks{}

func (ticks) Next(t time.Time) time.Time { return t.Truncate(every).Add(every) }

// senders starts and kills senders.
type senders struct {
	*testing.T
	mu      sync.Mutex
	env     []string
	number  int
	running map[int]*exec.Cmd
	log     log
}

// log is what all senders say.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

var leftOut = regexp.MustCompile(`left_out=(\d+)`)

// excused returns how many mails the senders say were not sent: since nobody ran while several
// were due, or since the next one was due. On a machine that is busy, a sender may take that long
// to start.
func (l *log) excused() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := strings.Count(l.text.String(), "it was tried until the next one was due") +
		strings.Count(l.text.String(), "it is too late to try again")
	for _, found := range leftOut.FindAllStringSubmatch(l.text.String(), -1) {
		occurrences, err := strconv.Atoi(found[1])
		if err == nil {
			n += 2 * occurrences
		}
	}
	return n
}

// start starts another sender.
func (s *senders) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), s.env...), senderNumber+"="+strconv.Itoa(s.number))
	cmd.Stderr = &s.log
	if err := cmd.Start(); err != nil {
		s.Error(err)
		return
	}
	s.running[s.number] = cmd
}

// kill kills a sender, or for 0 the one that has run longest.
func (s *senders) kill(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number == 0 && len(s.running) > 0 {
		number = slices.Min(slices.Collect(maps.Keys(s.running)))
	}
	cmd := s.running[number]
	if cmd == nil {
		return
	}
	delete(s.running, number)
	if err := cmd.Process.Kill(); err != nil {
		s.Error(err)
	}
	_ = cmd.Wait() // it was killed
}

// Each occurrence arrives once at each recipient, although the senders, of which two run at a
// time, are killed at random moments: at any time, when the server is asked about the
// recipient, and between a mail and its answer. A mail may come twice only if its sender was
// killed before it sent another one: then nobody can know whether it was taken.
func TestKills(t *testing.T) {
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	s := &senders{T: t, running: map[int]*exec.Cmd{}}
	asked, answering := make(chan struct{}), make(chan struct{})
	strike := func(at chan struct{}, number int) {
		select {
		case <-at: // the test waits for this moment
			s.kill(number)
		default:
		}
	}
	box := &delivertest.Server{
		Refuse: func(string) error { strike(asked, 0); return nil },
		Data: func(l delivertest.Letter) error {
			number, err := strconv.Atoi(senderOf(l))
			strike(answering, number)
			return err
		},
	}
	if err := box.Start(); err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, box.Authority, 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{senderNATS + "=" + server.URL(), senderMail + "=" + strconv.Itoa(box.Port()), senderCA + "=" + ca}
	s.start()
	s.start()
	for i := range *kills {
		switch i % 3 {
		case 0:
			time.Sleep(time.Duration(rand.Int64N(int64(every)))) // the moment is what is random
			s.kill(0)
		case 1:
			asked <- struct{}{}
		case 2:
			answering <- struct{}{}
		}
		s.start()
	}
	last := time.Now().Truncate(every).Add(2 * every)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := box.Await(ctx, func(all []delivertest.Letter) bool { // both have what was due after the last kill
		for seconds, to := range occurrences(all) {
			if len(to) == 2 && seconds >= last.Unix() {
				last = time.Unix(seconds, 0)
				return true
			}
		}
		return false
	}); err != nil {
		t.Fatalf("nothing comes after the last kill: %v", err)
	}
	s.kill(0)
	s.kill(0)
	judgeKills(t, box.Letters(), last, s.log.excused())
}

// occurrences returns the recipients by occurrence, and which letters each got.
func occurrences(all []delivertest.Letter) map[int64]map[string][]int {
	found := map[int64]map[string][]int{}
	for i, l := range all {
		parts := strings.Split(l.ID, ".") // <often.SECONDS.KEY@…>
		seconds, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			continue
		}
		if found[seconds] == nil {
			found[seconds] = map[string][]int{}
		}
		found[seconds][l.To] = append(found[seconds][l.To], i)
	}
	return found
}

// judgeKills compares what arrived with what was due.
func judgeKills(t *testing.T, all []delivertest.Letter, last time.Time, excused int) {
	t.Helper()
	by, first := occurrences(all), last.Unix()
	lastOf := map[string]int{} // by sender
	for i, l := range all {
		lastOf[senderOf(l)] = i
	}
	for seconds := range by {
		first = min(first, seconds)
	}
	due, twice, missing := 0, 0, 0
	for seconds := first; seconds <= last.Unix(); seconds += int64(every / time.Second) {
		due++
		for _, to := range []string{"one@example.com", "two@example.com"} {
			got := by[seconds][to]
			if len(got) == 0 {
				missing++
			}
			for _, i := range got[:max(0, len(got)-1)] {
				twice++
				if lastOf[senderOf(all[i])] != i {
					t.Errorf("%s got %s again, although its sender went on", to, all[i].ID)
				}
				if all[i].ID != all[got[len(got)-1]].ID {
					t.Errorf("%s got %s and %s", to, all[i].ID, all[got[len(got)-1]].ID)
				}
			}
		}
	}
	if missing > min(excused, due) {
		t.Errorf("%d of %d mails are missing, and the senders know of %d", missing, 2*due, excused)
	}
	if due < *kills/3 {
		t.Errorf("only %d were due: the senders did not run", due)
	}
	t.Logf("%d occurrences, 2 recipients, %d kills, %d mails, %d missing: %d came again under the same Message-ID, "+
		"from senders killed before they could know that they were taken", due, *kills, len(all), missing, twice)
}

// senderOf returns the number of the sender, which is the subject.
func senderOf(l delivertest.Letter) string {
	_, rest, _ := strings.Cut(l.Raw, "\r\nSubject: ")
	number, _, _ := strings.Cut(rest, "\r\n")
	return number
}
