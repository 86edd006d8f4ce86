package state

import (
	"time"

	"belfry/exporter/fold"
)

// Memory keeps all records in memory, in the simplest way. Nothing survives the
// process. Replays use it, and tests compare Store with it.
type Memory struct {
	window        time.Duration
	notifications map[fold.ID]*remembered
	users         map[fold.ID]*fold.User
	events        map[fold.ID]int64 // to the day first seen
	firstDay      int64
	firstMonth    int64
}

type remembered struct {
	fold.Notification
	day int64
}

// NewMemory returns an empty store for an attribution window.
func NewMemory(window time.Duration) *Memory {
	return &Memory{
		window: window, notifications: map[fold.ID]*remembered{},
		users: map[fold.ID]*fold.User{}, events: map[fold.ID]int64{},
	}
}

// Notification implements fold.Records.
func (m *Memory) Notification(id fold.ID, now int64) *fold.Notification {
	m.expire(now)
	n := m.notifications[id]
	if n == nil {
		n = &remembered{day: fold.Day(now)}
		m.notifications[id] = n
	}
	return &n.Notification
}

// Adopt implements fold.Records. No earlier version has written to it.
func (m *Memory) Adopt(fold.ID, fold.ID, int64) bool { return false }

// Earlier implements fold.Records. No earlier version has written to it.
func (m *Memory) Earlier(fold.ID, int64) *fold.Notification { return nil }

// User implements fold.Records.
func (m *Memory) User(id fold.ID, now int64) *fold.User {
	m.expire(now)
	u := m.users[id]
	if u == nil {
		u = &fold.User{}
		m.users[id] = u
	}
	return u
}

// SeenEvent implements fold.Records.
func (m *Memory) SeenEvent(id fold.ID, now int64) bool {
	m.expire(now)
	if _, seen := m.events[id]; seen {
		return true
	}
	m.events[id] = fold.Day(now)
	return false
}

// SeenPlain implements fold.Records. No earlier version has written to it.
func (m *Memory) SeenPlain(fold.ID, int64) bool { return false }

// Len implements fold.Records.
func (m *Memory) Len() (notifications, users, events int) {
	return len(m.notifications), len(m.users), len(m.events)
}

// expire drops expired records whenever a day or a month ends.
func (m *Memory) expire(now int64) {
	if first := fold.FirstLiveDay(now, m.window); first > m.firstDay {
		m.firstDay = first
		for id, n := range m.notifications {
			if n.day < first {
				delete(m.notifications, id)
			}
		}
		for id, day := range m.events {
			if day < first {
				delete(m.events, id)
			}
		}
	}
	if first := fold.FirstLiveMonth(now); first > m.firstMonth {
		m.firstMonth = first
		for id, u := range m.users {
			if u.Month < first {
				delete(m.users, id)
			}
		}
	}
}
