package partition

import (
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
)

// mistakes logs what producers do wrong that spoils numbers, each kind once a minute.
type mistakes struct {
	told                                       fold.Mistakes // as of the last message
	doubtful, misrouted, crowded, placeholders rate.Sometimes
}

func newMistakes() mistakes {
	each := func() rate.Sometimes { return rate.Sometimes{Interval: time.Minute} }
	return mistakes{doubtful: each(), misrouted: each(), crowded: each(), placeholders: each()}
}

// reportMistakes logs what is wrong with the message that was just folded. The log does not
// have its ids, which may identify somebody, but where it lies in the stream. The caller
// holds n.mu.
func (n *numbers) reportMistakes(sequence uint64, at int64) {
	before, now := n.mistakes.told, n.fold.Mistakes()
	if now == before {
		return
	}
	n.mistakes.told = now
	log := n.options.Log
	if now.Doubts != before.Doubts {
		n.mistakes.doubtful.Do(func() {
			log.Warn("the stream's time is in doubt: a message has a time days away from those around it; "+
				"check the clocks of the NATS server and of producers",
				"sequence", sequence, "time", time.Unix(0, at).UTC(), "stream_time", time.Unix(0, n.fold.Now()).UTC())
		})
	}
	if now.Misrouted != before.Misrouted {
		n.mistakes.misrouted.Do(func() {
			log.Warn("an event lies in another partition than its key's: its producer computes partitions otherwise "+
				"than Belfry or knows another number of them",
				"sequence", sequence, "belongs_in", now.Home, "partitions", n.options.Fold.Partitions)
		})
	}
	if now.Forgotten != before.Forgotten {
		n.mistakes.crowded.Do(func() {
			log.Warn("a notification has too many events: its producer gives many notifications one id; "+
				"the oldest of its event ids are forgotten", "sequence", sequence, "remembered", fold.MaxEvents)
		})
	}
	if now.Placeholders != before.Placeholders {
		n.mistakes.placeholders.Do(func() {
			p := n.fold.Placeholder()
			log.Warn("an id is a placeholder: its producer does not fill it in, and events of different "+
				"notifications or users count as those of one",
				"sequence", sequence, "field", p.Field, "id", p.Word, "event", p.Event, "channel", p.Channel)
		})
	}
}

// maxListed limits the placeholders that are listed of a partition.
const maxListed = 5

// Mistakes says in plain words what producers have done wrong so far that spoils numbers,
// one sentence each.
func (s *Status) Mistakes() (lines []string) {
	say := func(format string, args ...any) {
		lines = append(lines, fmt.Sprintf("partition %s: ", s.Partition)+fmt.Sprintf(format, args...))
	}
	if s.Rejected > 0 {
		say("%s: belfry deadletters list shows what is wrong with each",
			counted(s.Rejected, "event was rejected", "events were rejected"))
	}
	if s.Misrouted > 0 {
		say("%s: the producer computes partitions otherwise than "+
			"Belfry or knows another number of them; see $defs.partition in nats/event.schema.json",
			counted(s.Misrouted,
				"event lies in another partition than its key's", "events lie in other partitions than their keys'"))
	}
	for i, p := range s.Placeholders {
		if i == maxListed {
			say("more kinds of event have ids that are placeholders, see %s", catalog.PlaceholderIDs.Name)
			break
		}
		say("%s %q as %s: the producer of these %s events on channel %s does not fill it in",
			counted(p.Count, "event has", "events have"), p.Word, p.Field, p.Event, p.Channel)
	}
	if s.Forgotten > 0 {
		say("%s of notifications with more than %d: a producer gives many notifications one id",
			counted(s.Forgotten, "event id is forgotten", "event ids are forgotten"), fold.MaxEvents)
	}
	return lines
}

// counted writes a number before what it counts.
func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
