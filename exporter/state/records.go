package state

import (
	"slices"
	"time"

	"belfry/exporter/fold"
)

// Len implements fold.Records.
func (s *Store) Len() (notifications, users, events int) {
	sum := func(counts map[int64]int) (n int) {
		for _, c := range counts {
			n += c
		}
		return n
	}
	b := &s.buckets
	return sum(b.Notifications) + sum(b.Plain) + sum(b.Earlier), sum(b.Users), sum(b.Events) + sum(b.PlainEvents)
}

// records returns the number of records of all kinds.
func (s *Store) records() int {
	notifications, users, events := s.Len()
	return notifications + users + events
}

// Notification implements fold.Records.
func (s *Store) Notification(id fold.ID, now int64) *fold.Notification {
	first := fold.FirstLiveDay(now, s.window)
	e := s.notifications.entries[id]
	if e == nil || e.bucket < first {
		e = &entry[fold.Notification]{bucket: fold.Day(now)}
		if value, day, ok := s.find(kindNotification, s.onDisk(s.buckets.Notifications), e.bucket, first, id); ok {
			e.bucket = day
			if err := decodeNotification(value, &e.record, dayStart(day)); err != nil {
				s.fail(err)
			}
		} else {
			s.buckets.Notifications[e.bucket]++
		}
		s.notifications.entries[id] = e
	}
	s.notifications.touch(id, e)
	return &e.record
}

// onDisk returns the buckets that may have records on disk: none once they are dropped.
func (s *Store) onDisk(b map[int64]int) map[int64]int {
	if s.dropped {
		return nil
	}
	return b
}

// Adopt implements fold.Records.
func (s *Store) Adopt(id, plain fold.ID, now int64) bool {
	if len(s.buckets.Plain) == 0 {
		return false
	}
	value, day, ok := s.find(kindPlain, s.buckets.Plain, fold.Day(now), fold.FirstLiveDay(now, s.window), plain)
	if !ok {
		return false
	}
	s.adopted = append(s.adopted, slices.Clone(s.key))
	e := s.notifications.entries[id]
	if err := decodeNotification(value, &e.record, dayStart(day)); err != nil {
		s.fail(err)
	}
	s.buckets.Plain[day]--
	s.buckets.Notifications[e.bucket]--
	s.buckets.Notifications[day]++
	e.bucket = day // it expires when it would have
	return true
}

// Earlier implements fold.Records.
func (s *Store) Earlier(id fold.ID, now int64) *fold.Notification {
	if len(s.buckets.Earlier) == 0 {
		return nil
	}
	first := fold.FirstLiveDay(now, s.window)
	e := s.earlier.entries[id]
	if e == nil || e.bucket < first {
		value, day, ok := s.find(kindEarlier, s.buckets.Earlier, fold.Day(now), first, id)
		if !ok {
			return nil
		}
		e = &entry[fold.Notification]{bucket: day}
		if err := decodeNotification(value, &e.record, dayStart(day)); err != nil {
			s.fail(err)
		}
		s.earlier.entries[id] = e
	}
	s.earlier.touch(id, e)
	return &e.record
}

// User implements fold.Records.
func (s *Store) User(id fold.ID, now int64) *fold.User {
	first := fold.FirstLiveMonth(now)
	e := s.users.entries[id]
	if e == nil || e.record.Month < first {
		e = &entry[fold.User]{}
		if value, month, ok := s.find(kindUser, s.onDisk(s.buckets.Users), fold.Month(now), first, id); ok {
			e.stored = month
			if err := decodeUser(value, &e.record, monthStart(month)); err != nil {
				s.fail(err)
			}
			e.record.Month = month
		}
		e.bucket = e.record.Month
		s.users.entries[id] = e
	}
	s.countUser(e, fold.Month(now))
	s.users.touch(id, e)
	return &e.record
}

// countUser moves a user to the present month in the count of each month.
func (s *Store) countUser(e *entry[fold.User], month int64) {
	if e.bucket == month {
		return
	}
	if e.bucket != 0 {
		s.buckets.Users[e.bucket]--
	}
	e.bucket = month
	s.buckets.Users[month]++
}

// SeenEvent implements fold.Records.
func (s *Store) SeenEvent(id fold.ID, now int64) bool {
	first := fold.FirstLiveDay(now, s.window)
	if e := s.events.entries[id]; e != nil && e.bucket >= first {
		e.used = s.events.used
		return true
	}
	e := &entry[struct{}]{bucket: fold.Day(now)}
	if _, _, ok := s.find(kindEvent, s.onDisk(s.buckets.Events), e.bucket, first, id); ok {
		return true
	}
	s.events.entries[id] = e
	s.buckets.Events[e.bucket]++
	s.events.touch(id, e)
	return false
}

// SeenPlain implements fold.Records.
func (s *Store) SeenPlain(plain fold.ID, now int64) bool {
	_, _, ok := s.find(kindPlainEvent, s.buckets.PlainEvents, fold.Day(now), fold.FirstLiveDay(now, s.window), plain)
	return ok
}

func dayStart(day int64) int64 { return day * 24 * int64(time.Hour) }

func monthStart(month int64) int64 { return month * 30 * 24 * int64(time.Hour) }
