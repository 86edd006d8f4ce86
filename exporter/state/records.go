package state

import (
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
	return sum(s.buckets.Notifications) + sum(s.buckets.Earlier), sum(s.buckets.Users), sum(s.buckets.Events)
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
		if value, day, ok := s.find(kindNotification, s.buckets.Notifications, e.bucket, first, id); ok {
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
		onDisk := s.buckets.Users
		if s.noUsers {
			onDisk = nil
		}
		if value, month, ok := s.find(kindUser, onDisk, fold.Month(now), first, id); ok {
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
	if _, _, ok := s.find(kindEvent, s.buckets.Events, e.bucket, first, id); ok {
		return true
	}
	s.events.entries[id] = e
	s.buckets.Events[e.bucket]++
	s.events.touch(id, e)
	return false
}

func dayStart(day int64) int64 { return day * 24 * int64(time.Hour) }

func monthStart(month int64) int64 { return month * 30 * 24 * int64(time.Hour) }
