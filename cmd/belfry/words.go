package main

import (
	"strconv"
	"time"

	"github.com/prometheus/common/model"
)

// lasting returns a duration as people write it, to the second: 5m, 1h30m.
func lasting(d time.Duration) string { return model.Duration(d.Round(time.Second)).String() }

// counted returns a number with its noun: 1 file, 2 files.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
