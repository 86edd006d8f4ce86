package exporter_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/zeebo/xxh3"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/simulate"
	"belfry/nats"
)

// needles holds values to look for. They are indexed by their last bytes, in
// which they differ most, so that one pass looks for all of them.
type needles struct {
	values map[string]bool
	byEnd  map[[endSize]byte][]string
	last   [1 << 16]bool // the last two bytes of each, to skip most positions quickly
}

// endSize also limits the length of values from below: shorter ones would be
// found by chance.
const endSize = 5

func (q *needles) add(value string) {
	if len(value) < endSize || q.values[value] {
		return
	}
	if q.values == nil {
		q.values, q.byEnd = map[string]bool{}, map[[endSize]byte][]string{}
	}
	q.values[value] = true
	end := [endSize]byte([]byte(value[len(value)-endSize:]))
	q.byEnd[end] = append(q.byEnd[end], value)
	q.last[lastTwo([]byte(value))] = true
}

func lastTwo(b []byte) uint16 { return binary.LittleEndian.Uint16(b[len(b)-2:]) }

// find returns the values that occur in content, each once.
func (q *needles) find(content []byte) (found []string) {
	seen := map[string]bool{}
	for i := endSize; i <= len(content); i++ {
		if !q.last[lastTwo(content[:i])] {
			continue
		}
		for _, value := range q.byEnd[[endSize]byte(content[i-endSize:])] {
			if !seen[value] && bytes.HasSuffix(content[:i], []byte(value)) {
				seen[value] = true
				found = append(found, value)
			}
		}
	}
	return found
}

// personalData holds the values in a day of events that identify a person.
type personalData struct {
	needles
	guesses    needles // unkeyed hashes of user ids
	pseudonyms needles // of users who were sent something, as the state stores them

	messages  int       // published so far
	end       time.Time // of the day
	users     []string
	addresses []string
}

// personal matches each value that belongs to one person or leads to one. The
// country does too, but has only two letters.
var (
	personal = regexp.MustCompile(`"(userId|notificationId|eventId|sessionId|deviceToken|city|target)":"([^"]*)"`)
	address  = regexp.MustCompile(`[a-z]+\.[a-z]+\.\d+@[a-z.]+[a-z]`)
)

// collect adds all personal values of an event.
func (b *personalData) collect(m *simulate.Message, pseudonyms *fold.Pseudonyms) {
	for _, match := range personal.FindAllSubmatch(m.JSON, -1) {
		b.add(string(match[2]))
	}
	if bytes.IndexByte(m.JSON, '@') > 0 {
		for _, a := range address.FindAll(m.JSON, -1) {
			b.add(string(a))
			b.addresses = append(b.addresses, string(a))
		}
	}
	if m.Type == catalog.EventSent {
		b.users = append(b.users, m.Key)
		id := pseudonyms.Of(m.Key)
		b.pseudonyms.add(string(id[:storedID]))
		b.guess(m.Key)
	}
}

// storedID gives the bytes of a pseudonym that the state stores.
const storedID = 10

// guess adds hashes by which the user could be found without a secret.
func (b *personalData) guess(user string) {
	md, sha, sha2 := md5.Sum([]byte(user)), sha1.Sum([]byte(user)), sha256.Sum256([]byte(user))
	xx := xxh3.HashString128(user).Bytes()
	for _, hash := range [][]byte{md[:8], sha[:8], sha2[:8], xx[:8]} {
		b.guesses.add(string(hash))
		b.guesses.add(hex.EncodeToString(hash))
	}
}

// publishDay publishes simulated traffic and collects what is personal in it.
func (in *installation) publishDay(c simulate.Config) *personalData {
	in.t.Helper()
	s, err := simulate.New(c)
	if err != nil {
		in.t.Fatal(err)
	}
	publisher, err := nats.NewPublisher(in.t.Context(), nats.Options{URL: in.server.URL()}, nats.PublisherOptions{
		Partitions: in.config.Partitions,
	})
	if err != nil {
		in.t.Fatal(err)
	}
	day, pseudonyms := &personalData{}, fold.NewPseudonyms(testKey)
	reports := 0
	_, err = simulate.Publish(in.t.Context(), s, func(ctx context.Context, m *simulate.Message) error {
		// Three in four messages report health and name nobody.
		if m.Type == catalog.EventPerformance {
			if reports++; reports%50 > 0 {
				return nil
			}
		}
		day.messages++
		day.end = m.ReceivedAt
		day.collect(m, pseudonyms)
		return publisher.Publish(ctx, nats.Event{
			ID: m.EventID, Type: m.Type.FullName(), Key: m.Key, Data: m.JSON,
			ReceivedAt: m.ReceivedAt, Repeatable: m.Duplicate,
		})
	}, simulate.PublishOptions{})
	if err != nil {
		in.t.Fatal(err)
	}
	if err := publisher.Close(in.t.Context()); err != nil {
		in.t.Fatal(err)
	}
	if day.messages < 8000 || len(day.users) < 1000 || len(day.addresses) < 100 {
		in.t.Fatalf("only %d messages, %d sent, %d addresses", day.messages, len(day.users), len(day.addresses))
	}
	return day
}

// Messages of hostile producers. USER, ADDRESS and TIME are replaced.
var (
	hostileRejected = []string{
		"ADDRESS", `"ADDRESS"`, `["USER"]`, `{"USER":1,"ADDRESS":`, `{"userId":"USER","userId":"ADDRESS"}`,
		`{"USER":1,"USER":2,"ADDRESS":{"USER":[{"ADDRESS":"USER"}]}}`,
		`{"eventId":"e","eventType":"ADDRESS","timestamp":"TIME"}`,
		`{"eventId":"e","eventType":"notification.USER","timestamp":"TIME","USER":{"ADDRESS":"USER"}}`,
		`{"eventId":"USER","eventType":"notification.sent","timestamp":"ADDRESS"}`,
		`{"eventId":"USER\nADDRESS","eventType":"notification.opened","timestamp":"TIME",` +
			`"notificationId":"USER","userId":"USER"}`,
		`{"eventId":"USER","eventType":"notification.opened","timestamp":"TIME","notificationId":"USER",` +
			`"userId":{"USER":"ADDRESS"}}`,
		`{"eventId":"USER","eventType":"notification.sent","timestamp":"TIME","notificationId":"USER",` +
			`"userId":"USER","data":{"channel":["ADDRESS"],"category":"USER","priority":"USER",` +
			`"templateId":"USER"}}`,
		`{"eventId":"USER","eventType":"notification.sent","timestamp":"TIME","notificationId":"USER",` +
			`"userId":"USER","data":{"category":"USER","provider":"USER","campaignId":"USER",` +
			`"errorCode":"USER"}}`,
		`{"eventId":"USER","eventType":"notification.failed","timestamp":"TIME","notificationId":"USER",` +
			`"userId":"USER","data":{"errorCode":"USER","retryCount":"ADDRESS","delivery":"USER"}}`,
		`{"eventId":"USER","eventType":"notification.failed","timestamp":"TIME","notificationId":"USER",` +
			`"userId":"USER","data":{"delivery":{"USER":{"ADDRESS":1},"deliveryLatency":-1}}}`,
		`{"eventId":"USER","eventType":"notification.bounced","timestamp":"TIME","notificationId":"USER",` +
			`"userId":"USER","data":{"bounceType":"ADDRESS"}}`,
		`{"eventId":"USER","eventType":"notification.suppressed","timestamp":"TIME","notificationId":"USER",` +
			`"userId":"USER","data":{"reason":{"USER":"USER"}}}`,
		`{"eventId":"USER","eventType":"user.preference_changed","timestamp":"TIME","userId":"USER",` +
			`"data":{"change":"USER","channel":"email"}}`,
		`{"eventId":"USER","eventType":"user.forget","timestamp":"TIME","data":{"userHash":"USER"}}`,
		`{"eventId":"USER","eventType":"system.performance","timestamp":"TIME",` +
			`"data":{"component":{"USER":"ADDRESS"}}}`,
		`{"eventId":"USER","eventType":"system.performance","timestamp":"TIME","data":{"component":"USER",` +
			`"queues":[{"name":"USER","messages":"ADDRESS"}]}}`,
		`{"eventId":"USER","eventType":"notification.opened","timestamp":"2099-01-01T00:00:00Z",` +
			`"notificationId":"USER","userId":"USER"}`,
		`{"eventId":"USER","data":{"` + strings.Repeat("ADDRESS,", 6000) + `":"USER"}}`,
	}
	hostileAccepted = []string{
		`{"eventId":"0-USER","eventType":"notification.failed","timestamp":"TIME","notificationId":"o-USER",` +
			`"userId":"USER","data":{"channel":"USER","priority":"USER",` +
			`"errorCode":"smtp; 550-5.1.1 the mailbox of USER does not exist"}}`,
		`{"eventId":"00-USER","eventType":"notification.bounced","timestamp":"TIME","notificationId":"o-USER",` +
			`"userId":"USER","data":{"errorCode":"The mailbox of USER is full"}}`,
		`{"eventId":"000-USER","eventType":"notification.suppressed","timestamp":"TIME",` +
			`"notificationId":"p-USER","userId":"USER","data":{"reason":"USER"}}`,
		`{"eventId":"1-USER","eventType":"notification.sent","timestamp":"TIME","notificationId":"n-USER",` +
			`"userId":"USER","USER":"ADDRESS","data":{"channel":"email",` +
			`"category":"ADDRESS","priority":"low","templateId":"mailto:ADDRESS","templateName":"Dear ADDRESS",` +
			`"campaignId":"https://shop.example/USER","provider":"ADDRESS",` +
			`"context":{"userTimezone":"USER","deviceType":"USER","platform":"USER","appVersion":"USER",` +
			`"experimentId":"ADDRESS","experimentVariant":"USER@ADDRESS","ADDRESS":"USER"},` +
			`"cost":{"amount":1,"currency":"ADDRESS"},"ADDRESS":{"USER":"ADDRESS"}},"metadata":{"USER":"ADDRESS"}}`,
		`{"eventId":"2-USER","eventType":"notification.failed","timestamp":"TIME","notificationId":"n-USER",` +
			`"userId":"USER","data":{"errorCode":"ADDRESS","errorMessage":"no USER","provider":"ADDRESS"}}`,
		`{"eventId":"3-USER","eventType":"notification.clicked","timestamp":"TIME",` +
			`"notificationId":"n-USER","userId":"USER","data":{"actionsTaken":[{"type":"ADDRESS",` +
			`"target":"USER"}]}}`,
		`{"eventId":"4-USER","eventType":"user.preference_changed","timestamp":"TIME","userId":"USER",` +
			`"data":{"change":"opt_out","channel":"email","category":"ADDRESS"}}`,
		`{"eventId":"5-USER","eventType":"system.performance","timestamp":"TIME",` +
			`"data":{"component":"ADDRESS","node":"ADDRESS","queues":[{"name":"ADDRESS","messages":1}],` +
			`"deadLetters":[{"queue":"ADDRESS","messages":1}],"services":[{"name":"ADDRESS","requests":1,"USER":1}]}}`,
	}
)

// publishHostile publishes hostile messages that name a few users, to subjects
// that name them too, and returns how many cannot be counted.
func (in *installation) publishHostile(day *personalData) (rejected int) {
	in.t.Helper()
	js, err := in.nc.JetStream()
	if err != nil {
		in.t.Fatal(err)
	}
	end := day.end.Format(time.RFC3339Nano)
	for i := range 3 {
		user, mail := day.users[i], day.addresses[i]
		replace := strings.NewReplacer("USER", user, "ADDRESS", mail, "TIME", end)
		for n, body := range append(append([]string(nil), hostileRejected...), hostileAccepted...) {
			m := natsgo.NewMsg(fmt.Sprintf("notify.%d.%s", n%2, [...]string{"sent", user, "sent." + mail}[n%3]))
			m.Data = []byte(replace.Replace(body))
			m.Header.Set("Belfry-Received-At", end)
			m.Header.Set("From", mail)
			if _, err := js.PublishMsg(m); err != nil {
				in.t.Fatal(err)
			}
			day.messages++
		}
		rejected += len(hostileRejected)
	}
	return rejected
}
