package weeks

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"gonum.org/v1/gonum/stat/distuv"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// series holds the present value of a counter or a gauge.
type series struct {
	simtime.Series
	value    float64
	business bool // hidden while the exporter replays
}

// platform draws the series that the exporter shows of a healthy platform. The
// traffic follows the hours of the day and the days of the week, with noise that
// lasts for minutes, and every count is random.
type platform struct {
	random  *rand.Rand
	all     []*series
	noise   map[string]float64 // by channel
	engaged map[string]float64 // deliveries that may yet be opened, by channel and provider
	flows   []flow
	faults  []fault
	gauges  map[string]*series // by family and last label value

	up, exposed, rejected, lost *series
	failures                    *series // of rules
	// upset sets now, which is what goes wrong at present, before a step; nil if nothing
	// ever does. waits is for how long nothing has been read.
	upset func(time.Time)
	now   trouble
	waits time.Duration
	// oldest holds the age of the oldest message, by queue.
	oldest map[string]float64
}

// flow holds the series of one channel and provider.
type flow struct {
	simtime.Channel
	provider                                       simtime.Provider
	stages                                         [catalog.NumStages]*series
	events                                         *series
	sloSent, sloFailed, sloRecipient, sloRecovered *series
	errors                                         *series
	retries, cost, value                           *series
	latency, process, queueWait                    *histogram
}

// fault changes a channel's traffic for a while.
type fault struct {
	channel  string
	from, to time.Time
	factor   float64
}

// label pairs a label with its value.
type label struct {
	*catalog.Label
	value string
}

var (
	onlyPartition = label{catalog.LabelPartition, "0"}
	category      = label{catalog.LabelCategory, "transactional"}
	priority      = label{catalog.LabelPriority, "normal"}
	usd           = label{catalog.LabelCurrency, "USD"}
	exporterAt    = label{expr.Instance, "exporter:9464"}
	harmful       = label{catalog.LabelVerdict, "stop_harm"}
)

func newPlatform(seed uint64, faults []fault) *platform {
	p := &platform{
		random: rand.New(rand.NewPCG(seed, 1)), noise: map[string]float64{}, engaged: map[string]float64{},
		gauges: map[string]*series{}, faults: faults, oldest: map[string]float64{},
	}
	for _, c := range simtime.Channels {
		for _, provider := range c.Providers {
			p.flows = append(p.flows, p.flow(c, provider))
		}
		for name, target := range map[string]float64{
			"delivery_success": 0.995, "delivery_latency": 0.99, "delivery_latency_threshold_seconds": 30,
		} {
			objective := label{catalog.LabelObjective, name}
			p.gauge(catalog.Objective, false, label{catalog.LabelChannel, c.Name}, objective).value = target
		}
	}
	p.healthSeries()
	p.exporterSeries()
	return p
}

// components lists the platform's own components. Each has a queue.
var components = []string{"sending", "rendering"}

// quotaService names the external service that has a quota.
const quotaService = "ses"

func (p *platform) healthSeries() {
	for _, name := range components {
		for _, g := range []catalog.Gauge{catalog.QueueMessages, catalog.QueueOldestAge, catalog.DeadLetters} {
			p.gauge(g, true, label{catalog.LabelQueue, name})
		}
		for _, g := range []catalog.Gauge{catalog.ComponentCPU, catalog.ComponentMemoryRatio, catalog.ComponentDisk} {
			p.gauge(g, true, label{catalog.LabelNode, "a"}, label{catalog.LabelComponent, name})
		}
	}
	p.gauge(catalog.ServiceQuotaUsed, true, label{catalog.LabelService, quotaService})
	p.gauge(catalog.ServiceQuotaLimit, true, label{catalog.LabelService, quotaService}).value = 3e6
}

// exporterSeries adds what the exporter exposes about itself, and up.
func (p *platform) exporterSeries() {
	p.gauge(catalog.StreamLagSeconds, false, onlyPartition)
	p.gauge(catalog.PartitionHalted, false, onlyPartition)
	p.gauge(catalog.FenceOK, false, onlyPartition).value = 1
	p.gauge(catalog.PartitionReading, false, onlyPartition).value = 1
	p.exposed = p.gauge(catalog.PartitionExposed, false, onlyPartition)
	p.gauge(catalog.NATSConnected, false, exporterAt).value = 1
	p.rejected = p.counter(catalog.EventsRejected.Name, label{catalog.LabelRejection, "malformed_json"}, onlyPartition)
	p.lost = p.counter(catalog.StreamLostEvents.Name, onlyPartition)
	p.lost.business = false
	p.counter(catalog.LabelOverflow.Name, label{catalog.LabelFamily, "any"}, label{catalog.LabelLabel, "campaign"},
		onlyPartition)
	p.counter(catalog.DeadLettersFailed.Name).business = false
	p.failures = p.add(expr.RuleEvaluationFailures.Name, false, label{expr.RuleGroup, "rules.yml;notification_slo"})
	p.gauge(catalog.ExperimentVerdict, false, label{catalog.LabelExperiment, "subject"},
		label{catalog.LabelVariant, "b"}, harmful)
	p.up = p.gauge(expr.Up, false, exporterAt)
}

func (p *platform) flow(c simtime.Channel, provider simtime.Provider) flow {
	channel, carrier := label{catalog.LabelChannel, c.Name}, label{catalog.LabelProvider, provider.Name}
	own := func(name string, more ...label) *series {
		return p.counter(name, append([]label{channel, carrier, onlyPartition}, more...)...)
	}
	slo := func(stage, fault string) *series {
		return own(catalog.SLOStages.Name, label{catalog.LabelSLOStage, stage}, label{catalog.LabelFault, fault})
	}
	f := flow{Channel: c, provider: provider}
	for stage := range catalog.Stage(catalog.NumStages) {
		f.stages[stage] = own(catalog.Stages.Name, label{catalog.LabelStage, stage.String()}, category, priority)
	}
	f.events = own(catalog.Events.Name, label{catalog.LabelEvent, "sent"}, category, priority)
	f.sloSent, f.sloFailed = slo("sent", "none"), slo("failed", "provider")
	f.sloRecipient, f.sloRecovered = slo("bounced", "recipient"), slo("recovered", "provider")
	f.errors = own(catalog.Errors.Name, label{catalog.LabelErrorCode, "provider_timeout"},
		label{catalog.LabelFault, "provider"})
	f.retries = own(catalog.Retries.Name)
	f.cost = own(catalog.Cost.Name, usd)
	f.value = p.counter(catalog.ConversionValue.Name, channel, label{catalog.LabelCampaign, provider.Name}, usd,
		onlyPartition)
	f.latency = p.histogram(catalog.DeliveryLatency, channel, carrier, onlyPartition, priority)
	// These have no provider. The partition tells the flows apart.
	partition := label{catalog.LabelPartition, provider.Name}
	f.process = p.histogram(catalog.Processing, channel, label{catalog.LabelStep, "process"}, partition)
	f.queueWait = p.histogram(catalog.Processing, channel, label{catalog.LabelStep, "queue_wait"}, partition)
	return f
}

func (p *platform) add(name string, business bool, own ...label) *series {
	pairs := []string{model.MetricNameLabel, name, expr.Job.Name, rules.Job}
	for _, l := range own {
		pairs = append(pairs, l.Name, l.value)
	}
	s := &series{Series: simtime.Series{Labels: labels.FromStrings(pairs...)}, business: business}
	p.all = append(p.all, s)
	return s
}

func (p *platform) counter(name string, own ...label) *series { return p.add(name, true, own...) }

func (p *platform) gauge(g catalog.Gauge, business bool, own ...label) *series {
	s := p.add(g.Name, business, own...)
	key := g.Name
	if n := len(own); n > 0 {
		key += "/" + own[n-1].value
	}
	p.gauges[key] = s
	return s
}

// histogram holds classic buckets and their count.
type histogram struct {
	bounds  []float64
	buckets []*series
	count   *series
}

func (p *platform) histogram(h catalog.Histogram, own ...label) *histogram {
	out := &histogram{bounds: h.Buckets, count: p.counter(h.Name+"_count", own...)}
	for _, bound := range append(slices.Clone(h.Buckets), math.Inf(1)) {
		le := label{expr.Le, labels.FormatOpenMetricsFloat(bound)}
		out.buckets = append(out.buckets, p.counter(h.Name+"_bucket", append(slices.Clone(own), le)...))
	}
	return out
}

// observe adds n observations from a lognormal distribution with the median.
func (h *histogram) observe(random *rand.Rand, n, median float64) {
	h.count.value += n
	below := 0.0
	for i, bound := range h.bounds {
		share := distuv.LogNormal{Mu: math.Log(median), Sigma: 0.9}.CDF(bound)
		below = max(below, math.Round(n*share))
		h.buckets[i].value += below
	}
	h.buckets[len(h.bounds)].value += n
}

// poisson draws a count with the mean.
func (p *platform) poisson(mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	return distuv.Poisson{Lambda: mean, Src: p.random}.Rand()
}
