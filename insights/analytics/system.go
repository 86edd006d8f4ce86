package analytics

import (
	"context"
	"time"

	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// System says how the platform performed in the period.
type System struct {
	// NotificationsPerMinute and NotificationsPerHour are means of what was sent.
	NotificationsPerMinute Figure `json:"notifications_per_minute"`
	NotificationsPerHour   Figure `json:"notifications_per_hour"`
	// PeakThroughput is what was sent per minute in the busiest PeakWindow.
	PeakThroughput Figure `json:"peak_throughput_per_minute"`
	PeakWindow     string `json:"peak_window"`

	AverageProcessingTime Figure `json:"average_processing_time_seconds"`
	P95ProcessingTime     Figure `json:"p95_processing_time_seconds"`
	P99ProcessingTime     Figure `json:"p99_processing_time_seconds"`
	AverageDeliveryTime   Figure `json:"average_delivery_time_seconds"`

	// ErrorRate is the share of failed and bounced attempts among those and the
	// delivered, FailureRate the share of sent notifications that failed or bounced and
	// did not arrive later, and RetryRate the number of retries per sent notification.
	ErrorRate   Figure `json:"error_rate"`
	FailureRate Figure `json:"failure_rate"`
	RetryRate   Figure `json:"retry_rate"`

	// Resources are means over the period.
	Resources []Resource `json:"resources"`
	Queues    []Queue    `json:"queues"`
	// QueueWaitTime is the mean time that a notification waited in a queue.
	QueueWaitTime Figure `json:"queue_wait_time_seconds"`
	// DeadLetterQueueSize counts dead letters at the end of the period.
	DeadLetterQueueSize Figure    `json:"dead_letter_queue_size"`
	Services            []Service `json:"external_services"`
}

// Resource is what a component used.
type Resource struct {
	Component        string `json:"component"`
	CPUUsage         Figure `json:"cpu_usage_ratio"`
	MemoryUsage      Figure `json:"memory_usage_ratio"`
	DiskUsage        Figure `json:"disk_usage_ratio"`
	NetworkBandwidth Figure `json:"network_bytes_per_second"`
}

// Queue is how full a queue was.
type Queue struct {
	Queue string `json:"queue"`
	// Depth is the mean number of messages.
	Depth Figure `json:"depth"`
	// DeadLetters counts them at the end of the period.
	DeadLetters Figure `json:"dead_letters"`
}

// Service is how an external service answered.
type Service struct {
	Service string `json:"service"`
	// Latency is the mean time of a request.
	Latency   Figure `json:"average_latency_seconds"`
	ErrorRate Figure `json:"error_rate"`
	// QuotaUsage is the share of the quota that was used at the end of the period.
	QuotaUsage Figure `json:"quota_usage_ratio"`
}

// system computes the performance of the whole platform, whatever the request is
// narrowed to.
func (c *computation) system(ctx context.Context) error {
	s := &c.answer.SystemPerformance
	*s = System{Resources: []Resource{}, Queues: []Queue{}, Services: []Service{}}
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range []func(context.Context, *System) error{
		c.throughput, c.processing, c.resources, c.queues, c.services, // each sets other figures
	} {
		group.Go(func() error { return part(ctx, s) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(c.request.Channels)+len(c.request.Categories) > 0 {
		c.note("system_performance is about the whole platform")
	}
	return nil
}

// perChannel is what the parts of a total are asked by where channels are asked for too, so
// that both are one query.
var perChannel = []*catalog.Label{catalog.LabelChannel}

// throughput computes how much was sent, and what of it failed.
func (c *computation) throughput(ctx context.Context, s *System) error {
	now, before, err := c.countBoth(ctx, breakdown{volume: rules.StageVolume, rows: perChannel})
	if err != nil {
		return err
	}
	total := func(v query.Vector) *stages {
		sum := new(stages)
		for _, e := range v.Values {
			if stage, ok := stageOf(e.Labels); ok {
				sum[stage] += e.Value
			}
		}
		return sum
	}
	p := pair{now: total(now), before: total(before)}
	per := func(unit time.Duration) Figure {
		return compare(known(p.now[catalog.StageSent]/(float64(c.span.length())/float64(unit))),
			known(p.before[catalog.StageSent]/(float64(c.old.length())/float64(unit))))
	}
	s.NotificationsPerMinute, s.NotificationsPerHour = per(time.Minute), per(time.Hour)
	s.FailureRate = p.rates().Failure
	if err := c.faults(ctx, s, p); err != nil {
		return err
	}
	return c.peak(ctx, s)
}

func (s Span) length() time.Duration { return s.To.Sub(s.From) }

// faults computes how many attempts failed, and how often one was repeated.
func (c *computation) faults(ctx context.Context, s *System, p pair) error {
	failed, earlier, err := c.both(ctx, rules.FaultVolume, perChannel)
	if err != nil {
		return err
	}
	share := func(errors query.Vector, counted *stages) number {
		n, delivered := errors.Sum(), counted[catalog.StageDelivered]
		if n+delivered == 0 {
			return unknown("no attempt succeeded or failed")
		}
		return known(n / (n + delivered))
	}
	s.ErrorRate = compare(share(failed, p.now), share(earlier, p.before))
	retried, retriedBefore, err := c.both(ctx, rules.RetryVolume, nil)
	s.RetryRate = compare(ratio(retried.Sum(), p.now[catalog.StageSent], "sent"),
		ratio(retriedBefore.Sum(), p.before[catalog.StageSent], "sent"))
	return err
}

// fine is how long a period may be whose peak is that of five minutes.
const fine = 31 * 24 * time.Hour

// peak finds the busiest five minutes, in longer periods the busiest hour.
func (c *computation) peak(ctx context.Context, s *System) error {
	tiles, window := rules.StageVolume.Increase5m, tile
	if c.span.length() > fine {
		tiles, window = rules.StageVolume.Increase1h, time.Hour
	}
	s.PeakWindow = model.Duration(window).String()
	busiest := func(in Span) (number, error) {
		series, err := c.Range(ctx, expr.Sum(expr.LastOverTime(tiles, "5m", expr.Stage(catalog.StageSent))).By(),
			in.From.Add(window).UTC(), in.To.UTC(), window)
		c.asked(series.Answer)
		most := 0.0
		for _, one := range series.Series {
			for _, p := range one.Points {
				most = max(most, p.Value)
			}
		}
		if most < c.request.floor() {
			return unknown("fewer than %d notifications in the busiest %s", int(c.request.floor()), s.PeakWindow), err
		}
		return known(most / window.Minutes()), err
	}
	now, err := busiest(c.span)
	if err != nil {
		return err
	}
	before, err := busiest(c.old)
	s.PeakThroughput = compare(now, before)
	return err
}

// processing computes how long notifications took.
func (c *computation) processing(ctx context.Context, s *System) error {
	steps, err := c.means(ctx, rules.ProcessingSumVolume, rules.ProcessingVolume, catalog.LabelStep, everything)
	if err != nil {
		return err
	}
	s.AverageProcessingTime, s.QueueWaitTime = steps(catalog.StepProcess.String()), steps(catalog.StepQueueWait.String())
	buckets, earlier, err := c.both(ctx, rules.ProcessingVolume, []*catalog.Label{expr.Le},
		expr.Eq(catalog.LabelStep, catalog.StepProcess.String()))
	if err != nil {
		return err
	}
	quantiles := func(q float64) Figure { return compare(quantile(q, buckets), quantile(q, earlier)) }
	s.P95ProcessingTime, s.P99ProcessingTime = quantiles(0.95), quantiles(0.99)
	return c.delivery(ctx, s)
}

// delivery computes the mean time of deliveries on all channels.
func (c *computation) delivery(ctx context.Context, s *System) error {
	sums, before, err := c.both(ctx, rules.LatencySumVolume, perChannel)
	if err != nil {
		return err
	}
	counts, earlier, err := c.both(ctx, rules.LatencyVolume, perChannel, everything)
	mean := func(sum, n query.Vector) number {
		if n.Sum() == 0 {
			return unknown("nothing was delivered")
		}
		return known(sum.Sum() / n.Sum())
	}
	s.AverageDeliveryTime = compare(mean(sums, counts), mean(before, earlier))
	return err
}
