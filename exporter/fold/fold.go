package fold

import (
	"maps"
	"time"

	"github.com/zeebo/xxh3"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// Options hold what the fold's numbers depend on besides the events.
type Options struct {
	// Partition numbers the partition that is folded, of Partitions.
	Partition, Partitions int
	// PartitionOf computes the partition of a key. An event found in another one
	// counts as misrouted.
	PartitionOf func(key string, partitions int) int
	// AttributionWindow limits how long after sent an event changes stages.
	// StageWindows holds shorter windows of single stages.
	AttributionWindow time.Duration
	StageWindows      map[catalog.Stage]time.Duration
	// Window bounds the age of events against the stream's time.
	Window event.Window
	// Faults maps error codes and patterns of them to values of catalog.LabelFault.
	// They come before the codes that package errorcode knows.
	Faults map[string]string
	// Channels lists the known channels; nil means catalog.Channels.
	Channels []string
	// UserKey holds the secret from which the pseudonyms of users are made.
	UserKey []byte
	// Optional lists the optional families that count.
	Optional map[*catalog.Family]bool
	// KeepLabelValues says that label values never make room for others: for one who shows
	// the numbers once, and not over time, so that none may be missing in the end.
	KeepLabelValues bool
	// Table adjusts known label sets and limits.
	Table metrics.Options
}

// Message carries one message of the stream.
type Message struct {
	// Data holds the JSON of one event. It is read during the call only.
	Data []byte
	// Time says when the stream got it, in nanoseconds since 1970. 0 means recorded
	// input, which states it in receivedAt; without that, the event's own time takes its
	// place.
	Time int64
}

// State folds one partition. It must not be used by two goroutines at once.
type State struct {
	opts    Options
	decoder *event.Decoder
	current event.Event // the one that is being folded
	records Records
	key     []byte // scratch
	salt    *salt
	// asBefore makes events mean what they meant to the version before.
	asBefore bool
	// maxEvents limits the event ids of a notification: MaxEvents, unless they are
	// remembered as an earlier version did.
	maxEvents int

	table     *metrics.Table
	labels    labels
	constants *constants

	clock         Clock
	mistakes      Mistakes
	unknownFields map[uint64]struct{} // salted hashes of their names
	// placeholders holds the latest placeholder of each series that counts them.
	placeholders  map[placeholderSet]string
	templateNames templateNames
	windows       [catalog.NumStages]int64 // in nanoseconds after sent
	faults        *errorcode.Faults
	knownErrors   []knownError
	population    Population
	zones         map[string]*time.Location
	pseudonyms    *Pseudonyms
	// countries and versions say that the stages by country and by app version count.
	countries, versions bool
}

// New starts the fold of a partition with nothing counted.
func New(o Options, records Records) *State {
	faults := errorcode.NewFaults(o.Faults)
	o.Table.Known = maps.Clone(o.Table.Known)
	if o.Table.Known == nil {
		o.Table.Known = map[*catalog.Label][]string{}
	}
	o.Table.Known[catalog.LabelErrorCode] = faults.Exact()
	o.Table.Off = map[*catalog.Family]bool{}
	for _, f := range catalog.Optional() {
		o.Table.Off[f] = !o.Optional[f]
	}
	names := templateNames{}
	if !o.KeepLabelValues {
		o.Table.OnRetire, o.Table.InUse = names.retired, names.inUse
		o.Table.Lifetime, o.Table.Lasting = labelLives(o.AttributionWindow)
	}
	t := metrics.NewTable(o.Table)
	s := &State{
		maxEvents: MaxEvents, salt: newSalt(o.UserKey),
		opts: o, decoder: event.NewDecoder(o.Channels), records: records, table: t, labels: labelsOf(t),
		unknownFields: map[uint64]struct{}{}, placeholders: map[placeholderSet]string{},
		templateNames: names, population: newPopulation(), zones: map[string]*time.Location{"": time.UTC},
		pseudonyms: NewPseudonyms(o.UserKey), faults: faults,
		countries: o.Optional[catalog.CountryStages.Family], versions: o.Optional[catalog.AppVersionStages.Family],
	}
	s.constants = constantsOf(s.labels)
	for stage := range s.windows {
		s.windows[stage] = int64(o.AttributionWindow)
	}
	for stage, window := range o.StageWindows {
		s.windows[stage] = int64(window)
	}
	s.birth()
	return s
}

// Now returns the stream's time, in nanoseconds since 1970: the greatest time that a
// message brought and that was believed, see Clock.
func (s *State) Now() int64 { return s.clock.Now }

// Snapshot brings the gauges of users up to the stream's time and returns a copy
// of all numbers. It writes to the state, so it excludes Fold; how often it is
// called makes no difference to what it shows later.
func (s *State) Snapshot() *metrics.Snapshot {
	s.showPopulation()
	return s.table.Snapshot()
}

// Sets returns the number of label sets of each family.
func (s *State) Sets() map[*catalog.Family]int { return s.table.Sets() }

// Created returns how many label sets each family has had, those that have made room for
// others included.
func (s *State) Created() map[*catalog.Family]int { return s.table.Created() }

// Fold counts one message. It returns the reason if the message is not an event
// that can be counted, which is counted too.
func (s *State) Fold(m Message) *event.Rejection {
	rejection := s.decoder.Decode(m.Data, &s.current)
	if rejection == nil {
		rejection = s.admit(m)
	}
	if rejection != nil {
		s.add(catalog.EventsRejected, 1, s.labels.of(catalog.LabelRejection, rejection.Reason.String()))
		return rejection
	}
	s.countUnknownFields()
	for _, field := range s.decoder.Repairs() {
		s.add(catalog.EventsRepaired, 1, s.labels.of(catalog.LabelRepaired, field))
	}
	s.countPlaceholders(&s.current)
	s.count(&s.current)
	return nil
}

// count counts an accepted event, unless its id was counted before.
func (s *State) count(e *event.Event) {
	hash := xxh3.HashString128(e.ID)
	if e.NotificationID == "" {
		if s.seenOutside(hash.Bytes()) {
			s.add(catalog.EventsDuplicate, 1)
			return
		}
		s.countOutside(e)
		return
	}
	n := s.record(e)
	seen, forgotten := n.seen(s.salt.event(hash.Lo&eventHashMask), s.maxEvents)
	if seen {
		s.add(catalog.EventsDuplicate, 1)
		return
	}
	if forgotten > 0 {
		s.mistakes.Forgotten += uint64(forgotten)
		s.add(catalog.EventIDsForgotten, float64(forgotten))
	}
	s.countRouting(e)
	s.countNotification(e, n)
}

// record returns the record of the event's notification. Providers give one id to
// several recipients, so the user is part of its id. No id contains a zero byte.
func (s *State) record(e *event.Event) *Notification {
	s.key = append(append(append(s.key[:0], e.NotificationID...), 0), e.UserID...)
	plain := ID(xxh3.Hash128(s.key).Bytes())
	id := s.salt.id(plain)
	n := s.records.Notification(id, s.clock.Latest)
	switch {
	case n.Known:
	case s.records.Adopt(id, plain, s.clock.Latest):
		s.salt.events(n.Events)
	default:
		*n = newNotification()
		s.inherit(e, n)
	}
	return n
}

// seenOutside reports whether an event without a notification was counted before, by the
// hash of its id, and remembers it.
func (s *State) seenOutside(plain ID) bool {
	return s.records.SeenEvent(s.salt.id(plain), s.clock.Latest) || s.records.SeenPlain(plain, s.clock.Latest)
}

// countRouting counts an event that is in another partition than its key's.
func (s *State) countRouting(e *event.Event) {
	if home := s.opts.PartitionOf(e.Key(), s.opts.Partitions); home != s.opts.Partition {
		s.mistakes.Misrouted, s.mistakes.Home = s.mistakes.Misrouted+1, home
		s.add(catalog.EventsMisrouted, 1)
	}
}

// maxUnknownFields bounds the memory for names that producers make up.
const maxUnknownFields = 1000

func (s *State) countUnknownFields() {
	for _, name := range s.decoder.UnknownFields() {
		h := s.salt.field(xxh3.HashString(name))
		if _, known := s.unknownFields[h]; !known && len(s.unknownFields) < maxUnknownFields {
			s.unknownFields[h] = struct{}{}
			s.add(catalog.UnknownFields, 1)
		}
	}
}

// countOutside counts an event that belongs to no notification.
func (s *State) countOutside(e *event.Event) {
	own, provider := NoContext, metrics.None
	switch e.Type {
	case catalog.EventForget:
		s.forget(e.UserHash, e.Time)
	case catalog.EventPerformance:
		s.countRouting(e)
		s.countSystem(e)
	default:
		s.countRouting(e)
		own, provider = s.own(e), s.labels.of(catalog.LabelProvider, e.Provider)
	}
	s.countEvent(e, attribution{
		template: own.Template, at: s.complete(own), provider: s.labels.orUnknown(catalog.LabelProvider, provider),
	})
}
