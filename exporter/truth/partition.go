package truth

import (
	"maps"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/glyph"
)

// The exporter files notifications by the day of their first event, and forgets a
// day when the attribution window and grace have passed.
const (
	grace = 48 * time.Hour
	day   = 24 * int64(time.Hour)
)

// staleAfter limits how long a gauge of a component is shown after it was set.
const staleAfter = 5 * time.Minute

// partition keeps what later events of one partition depend on.
type partition struct {
	*Truth
	number int
	// now holds the stream's time: the latest at which a message was received, unless the
	// messages after it disagree. latest holds the time by which things are forgotten.
	now, latest int64
	// left holds the stream's time before a jump, until enough messages agree, else 0.
	// agreed counts those that do. doubted lists the times in a row that do not.
	left    int64
	agreed  int
	doubted []int64

	// admitted holds the values that free labels have so far, by catalog.Label.Index.
	admitted      []map[string]bool
	gauges        books
	templateNames map[string]string // by template id
	unknownFields map[string]bool

	notifications map[message]*notification
	outside       map[string]int64 // ids of events outside notifications, and when they came first
	byPseudonym   map[string]*user
	pseudonyms    map[string]string // by user id
}

func newPartition(t *Truth, n int) *partition {
	return &partition{
		Truth: t, number: n,
		admitted: make([]map[string]bool, len(catalog.Labels)), gauges: newBooks(),
		templateNames: map[string]string{}, unknownFields: map[string]bool{},
		notifications: map[message]*notification{}, outside: map[string]int64{},
		byPseudonym: map[string]*user{}, pseudonyms: map[string]string{},
	}
}

// forgetUntil forgets what the exporter has forgotten by a time.
func (p *partition) forgetUntil(to int64) {
	before := p.firstDay()
	p.latest = max(p.latest, to)
	first := p.firstDay()
	if first == before {
		return
	}
	maps.DeleteFunc(p.notifications, func(_ message, n *notification) bool { return n.began/day < first })
	maps.DeleteFunc(p.outside, func(_ string, came int64) bool { return came/day < first })
}

// firstDay returns the oldest day whose notifications are still remembered.
func (p *partition) firstDay() int64 {
	return (p.latest - int64(p.options.AttributionWindow+grace)) / day
}

// count counts an event. It returns false if the event is too old, or from the
// future.
func (p *partition) count(e *event.Event, received int64) bool {
	p.Events++
	inTime := p.inTime(e, received)
	p.To = time.Unix(0, p.now).UTC()
	if inTime {
		p.countPlaceholders(e)
	}
	switch {
	case !inTime:
		p.add(catalog.EventsRejected, 1, catalog.ReasonBadTimestamp.String())
	case e.NotificationID == "":
		p.countOutside(e)
	default:
		p.countNotification(&entry{Event: e})
	}
	return inTime
}

// placeholders lists what programs write for an id that they do not have.
var placeholders = []string{
	"undefined", "null", "<null>", "(null)", "nil", "<nil>", "%!s(<nil>)", "none", "<none>", "nan", "unknown",
	"anonymous", "n/a", "[object object]", "false", "0", "-1", "-",
	"00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000", "000000000000000000000000",
}

// countPlaceholders counts the ids that a producer did not fill in.
func (p *partition) countPlaceholders(e *event.Event) {
	for field, id := range map[string]string{"eventId": e.ID, "notificationId": e.NotificationID, "userId": e.UserID} {
		template := strings.HasPrefix(id, "{{") || strings.HasPrefix(id, "${")
		if template || slices.Contains(placeholders, strings.ToLower(id)) {
			p.add(catalog.PlaceholderIDs, 1, field, e.Type.String(), p.value(catalog.LabelChannel, e.Channel))
		}
	}
}

// route counts an event that is not in the partition of its key.
func (p *partition) route(key string) {
	if p.options.PartitionOf(key, p.options.Partitions) != p.number {
		p.add(catalog.EventsMisrouted, 1)
	}
}

// value returns what a label's value is shown as: itself with hidden characters escaped,
// or other if it is outside a closed set, could identify somebody, or exceeds the label's
// limit.
func (p *partition) value(l *catalog.Label, value string) string {
	if l.Free() && fit(value) {
		value = glyph.Line(value)
	}
	if value == "" || value == catalog.Unknown || value == catalog.Other && l.Known(value) || p.admits(l, value) {
		return value
	}
	p.add(catalog.LabelOverflow, 1, "any", l.Name)
	return catalog.Other
}

func (p *partition) admits(l *catalog.Label, value string) bool {
	if !l.Free() {
		return l.Known(value)
	}
	values := p.admitted[l.Index()]
	if values[value] {
		return true
	}
	if l == catalog.LabelErrorCode && p.faults.Lists(value) {
		return true // whatever the limit
	}
	limit, replaced := p.options.LabelLimits[l]
	if !replaced {
		limit = l.Limit
	}
	if len(values) >= limit || !fit(value) {
		return false
	}
	if values == nil {
		values = map[string]bool{}
		p.admitted[l.Index()] = values
	}
	values[value] = true
	return true
}

// fit reports whether a value may be shown: it is short, printable and no address.
func fit(value string) bool {
	unprintable := func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }
	return len(value) <= 128 && !strings.Contains(value, "@") && !strings.Contains(value, "://") &&
		!strings.ContainsFunc(value, unprintable)
}

// enter adds what the partition shows at its present time: the names of templates,
// and gauges that are not stale. If two partitions have the same gauge, the later
// value wins.
func (p *partition) enter(all books) {
	for template, name := range p.templateNames {
		all.figure(catalog.TemplateInfo.Family, []string{template, name}).value = 1
	}
	for i, sets := range p.gauges {
		for set, g := range sets {
			if p.now-g.at > int64(staleAfter) {
				continue
			}
			if other := all[i][set]; other == nil || other.at <= g.at {
				all[i][set] = g
			}
		}
	}
	if all[catalog.UnknownFields.Index()] != nil {
		all.add(catalog.UnknownFields, float64(len(p.unknownFields)))
	}
}
