package weeks

import (
	"time"

	"belfry/exporter/catalog"
)

// trouble describes what is wrong with the platform or its exporter. At zero all is well.
type trouble struct {
	// fails and bounces hold the share of attempts that do, by channel or by channel and
	// provider; late and slow the median seconds of delivery and processing, complains
	// the share that does, by channel.
	fails, late, slow, bounces, complains map[string]float64
	// idle means that nobody publishes, unread that what is published is not counted.
	idle, unread bool
	// What the exporter reports about itself.
	disconnected, notReading, halted, otherStream bool
	lag                                           float64
	// What the components report, and insights.
	stuck, exhausted, harm bool
	// grows is a counter that each step adds one to; nil for none.
	grows *series
}

func newTrouble() trouble {
	none := func() map[string]float64 { return map[string]float64{} }
	return trouble{fails: none(), late: none(), slow: none(), bounces: none(), complains: none()}
}

// share returns the share of a flow's attempts that fail or bounce.
func (f *flow) share(of map[string]float64) float64 {
	return max(of[f.Name], of[f.Name+"/"+f.provider.Name])
}

// report sets what the exporter and insights say at the end of a step.
func (p *platform) report(dt time.Duration) {
	n := p.now
	gauge := func(g catalog.Gauge, which label, one bool) {
		value := 0.0
		if one {
			value = 1
		}
		p.set(g, which.value, value)
	}
	gauge(catalog.NATSConnected, exporterAt, !n.disconnected)
	gauge(catalog.PartitionReading, onlyPartition, !n.notReading && !n.disconnected && !n.halted)
	gauge(catalog.PartitionHalted, onlyPartition, n.halted)
	gauge(catalog.FenceOK, onlyPartition, !n.otherStream)
	gauge(catalog.ExperimentVerdict, harmful, n.harm)
	lag := n.lag
	if n.unread {
		p.waits += dt
		lag = p.waits.Seconds()
	}
	p.set(catalog.StreamLagSeconds, onlyPartition.value, lag)
	if n.grows != nil {
		n.grows.value++
	}
}
