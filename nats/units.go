package nats

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// size returns a number of bytes as the exporter's configuration takes it, such as 20GiB, or with one decimal.
func size(bytes int64) string {
	unit, name := int64(1), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if bytes < unit<<10 {
			break
		}
		unit, name = unit<<10, next
	}
	if bytes%unit == 0 {
		return fmt.Sprintf("%d%s", bytes/unit, name)
	}
	return fmt.Sprintf("%.1f%s", float64(bytes)/float64(unit), name)
}

// duration returns a duration as the exporter's configuration takes it, such as 1d.
func duration(d time.Duration) string {
	if d > time.Minute {
		d = d.Round(time.Second)
	}
	return model.Duration(d.Round(time.Millisecond)).String()
}
