package weeks

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"gonum.org/v1/gonum/stat/distuv"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// channel is one channel of the platform on an average Tuesday noon.
type channel struct {
	name      string
	perSecond float64
	providers map[string]float64 // share of the traffic
	opens     float64            // per delivery
	price     float64            // such that a month stays within the shipped budget
}

var channels = []channel{
	{"email", 20, map[string]float64{"ses": 0.7, "sendgrid": 0.3}, 0.25, 0.0001},
	{"push", 30, map[string]float64{"apns": 0.5, "fcm": 0.5}, 0.08, 0},
	{"sms", 3, map[string]float64{"twilio": 0.8, "vonage": 0.2}, 0, 0.0005},
	{"in_app", 10, map[string]float64{"internal": 1}, 0.4, 0},
	{"webhook", 2, map[string]float64{"acme": 0.6, "globex": 0.4}, 0, 0},
	{"chat", 0.5, map[string]float64{"slack": 1}, 0.5, 0},
}

// series is one time series: a counter that only grows, or a gauge.
type series struct {
	labels   labels.Labels
	ref      storage.SeriesRef
	value    float64
	business bool // hidden while the exporter replays
}

// platform makes the series that the exporter of a healthy platform shows. Its
// traffic follows the hours and the days of the week, with a noise that comes
// and goes in minutes, and every count is drawn at random.
type platform struct {
	random   *rand.Rand
	all      []*series
	noise    map[string]float64
	engaged  map[string]float64 // deliveries that may yet be opened, by channel
	flows    []flow
	faults   []fault
	gauges   map[string]*series // by family and last label value
	rejected *series
}

// flow is the traffic of one channel through one provider.
type flow struct {
	channel
	provider                                       string
	share                                          float64
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

func newPlatform(seed uint64, faults []fault) *platform {
	p := &platform{
		random: rand.New(rand.NewPCG(seed, 1)), noise: map[string]float64{}, engaged: map[string]float64{},
		gauges: map[string]*series{}, faults: faults,
	}
	for _, c := range channels {
		for _, provider := range sorted(c.providers) {
			p.flows = append(p.flows, p.flow(c, provider))
		}
		for name, target := range map[string]float64{
			"delivery_success": 0.995, "delivery_latency": 0.99, "delivery_latency_threshold_seconds": 30,
		} {
			p.gauge(catalog.Objective, false, "channel", c.name, "name", name).value = target
		}
	}
	for _, name := range []string{"sending", "rendering"} {
		p.gauge(catalog.QueueMessages, true, "queue", name)
		p.gauge(catalog.QueueOldestAge, true, "queue", name)
		p.gauge(catalog.DeadLetters, true, "queue", name)
		p.gauge(catalog.ComponentCPU, true, "node", "a", "component", name)
		p.gauge(catalog.ComponentMemoryRatio, true, "node", "a", "component", name)
		p.gauge(catalog.ComponentDisk, true, "node", "a", "component", name)
	}
	p.gauge(catalog.ServiceQuotaUsed, true, "service", "ses")
	p.gauge(catalog.ServiceQuotaLimit, true, "service", "ses").value = 3e6
	p.gauge(catalog.StreamLagSeconds, false, "partition", "0")
	p.gauge(catalog.PartitionHalted, false, "partition", "0")
	p.gauge(catalog.FenceOK, false, "partition", "0").value = 1
	p.gauge(catalog.PartitionExposed, false, "partition", "0").value = 1
	p.gauge(catalog.NATSConnected, false).value = 1
	p.rejected = p.counter(catalog.EventsRejected.Name, "reason", "malformed_json", "partition", "0")
	p.counter(catalog.StreamLostEvents.Name, "partition", "0").business = false
	p.counter(catalog.LabelOverflow.Name, "family", "any", "label", "campaign", "partition", "0")
	p.counter(catalog.DeadLettersFailed.Name).business = false
	p.add(series{labels: labels.FromStrings("__name__", "up", "job", rules.Job, "instance", "exporter:9464"), value: 1})
	return p
}

func (p *platform) flow(c channel, provider string) flow {
	own := []string{"channel", c.name, "provider", provider, "partition", "0"}
	with := func(more ...string) []string { return append(append([]string(nil), own...), more...) }
	f := flow{channel: c, provider: provider, share: c.providers[provider]}
	for stage := range catalog.Stage(catalog.NumStages) {
		f.stages[stage] = p.counter(catalog.Stages.Name, with("stage", stage.String(), "category", "transactional", "priority", "normal")...)
	}
	f.events = p.counter(catalog.Events.Name, with("event", "sent", "category", "transactional", "priority", "normal")...)
	f.sloSent = p.counter(catalog.SLOStages.Name, with("stage", "sent", "fault", "none")...)
	f.sloFailed = p.counter(catalog.SLOStages.Name, with("stage", "failed", "fault", "provider")...)
	f.sloRecipient = p.counter(catalog.SLOStages.Name, with("stage", "bounced", "fault", "recipient")...)
	f.sloRecovered = p.counter(catalog.SLOStages.Name, with("stage", "recovered", "fault", "provider")...)
	f.errors = p.counter(catalog.Errors.Name, with("error_code", "provider_timeout", "fault", "provider")...)
	f.retries = p.counter(catalog.Retries.Name, own...)
	f.cost = p.counter(catalog.Cost.Name, with("currency", "USD")...)
	f.value = p.counter(catalog.ConversionValue.Name, "channel", c.name, "campaign", provider, "currency", "USD", "partition", "0")
	f.latency = p.histogram(catalog.DeliveryLatency, with("priority", "normal")...)
	f.process = p.histogram(catalog.Processing, "channel", c.name, "step", "process", "partition", provider)
	f.queueWait = p.histogram(catalog.Processing, "channel", c.name, "step", "queue_wait", "partition", provider)
	return f
}

func (p *platform) add(s series) *series {
	p.all = append(p.all, &s)
	return &s
}

func (p *platform) counter(name string, pairs ...string) *series {
	return p.add(series{labels: named(name, pairs), business: true})
}

func (p *platform) gauge(g catalog.Gauge, business bool, pairs ...string) *series {
	s := p.add(series{labels: named(g.Name, pairs), business: business})
	p.gauges[g.Name+"/"+last(pairs)] = s
	return s
}

func named(name string, pairs []string) labels.Labels {
	return labels.FromStrings(append([]string{"__name__", name, "job", rules.Job}, pairs...)...)
}

// histogram is classic buckets with their sum and count.
type histogram struct {
	bounds  []float64
	buckets []*series
	count   *series
}

func (p *platform) histogram(h catalog.Histogram, pairs ...string) *histogram {
	out := &histogram{bounds: h.Buckets, count: p.counter(h.Name+"_count", pairs...)}
	for _, bound := range append(append([]float64(nil), h.Buckets...), math.Inf(1)) {
		le := strconv.FormatFloat(bound, 'f', -1, 64)
		if !math.IsInf(bound, 1) && bound == math.Trunc(bound) {
			le += ".0" // as Prometheus stores it
		}
		out.buckets = append(out.buckets, p.counter(h.Name+"_bucket", append(append([]string(nil), pairs...), "le", le)...))
	}
	return out
}

// observe adds n observations of a lognormal time with the median.
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

// poisson draws a count.
func (p *platform) poisson(mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	return distuv.Poisson{Lambda: mean, Src: p.random}.Rand()
}
