package partition

import "testing"

func TestStatusInPlainWords(t *testing.T) {
	for want, c := range map[string]struct {
		status Status
		ready  bool
	}{
		"partition 2 waits for its stream": {},
		"partition 2 has folded 5 of 10 messages": {
			Status{Sequence: 5, Target: 10, Reading: true}, false,
		},
		"partition 2 is at sequence 5, 3 behind": {
			Status{Sequence: 5, Exposed: true, Reading: true, Behind: 3}, true,
		},
		"partition 2 is at sequence 5, 0 behind; 7 events were lost": {
			Status{Sequence: 5, Exposed: true, Reading: true, Lost: 7}, true,
		},
		"partition 2 is at sequence 5, 0 behind, and writes no checkpoints: " + errNoRoom.Error(): {
			Status{Sequence: 5, Exposed: true, Reading: true, Lost: 7, NoRoom: true}, true,
		},
		"partition 2 is at sequence 5, 3 behind, and does not read its stream: connection lost": {
			Status{Sequence: 5, Exposed: true, Behind: 3, Unread: "connection lost"}, false,
		},
		"partition 2 is at sequence 5 and begins to read its stream": {
			Status{Sequence: 5, Exposed: true}, false,
		},
		"partition 2 withholds its numbers: its high-water mark cannot be written": {
			Status{Sequence: 5, Withheld: true}, false,
		},
		"partition 2 is halted: the disk is broken": {
			Status{Sequence: 5, Exposed: true, Reading: true, Halted: "the disk is broken"}, false,
		},
	} {
		c.status.Partition = "2"
		if got := c.status.String(); got != want || c.status.Ready() != c.ready {
			t.Errorf("%q, ready %v; want %q, %v", got, c.status.Ready(), want, c.ready)
		}
	}
}
