package simulate

import (
	"math"

	"belfry/exporter/catalog"
)

// Durations are counted in the buckets of a native histogram of schema 3, which are
// 9 % apart. bucketZero is the place of the one that ends at a second.
const (
	perOctave   = 8
	bucketZero  = 256
	bucketCount = 512
)

// bucketOf returns the bucket of a duration in seconds.
func bucketOf(seconds float64) int {
	if seconds <= 0 {
		return 0
	}
	return min(max(0, int(math.Ceil(math.Log2(seconds)*perOctave))+bucketZero), bucketCount-1)
}

// secondsOf returns the duration that stands for a bucket: its middle.
func secondsOf(bucket int) float64 {
	return math.Exp2((float64(bucket-bucketZero) - 0.5) / perOctave)
}

// waitingTimes holds equally likely values of a log-normal waiting time, so that drawing
// one takes a nanosecond.
type waitingTimes struct {
	took    [4096]int64
	buckets [4096]uint16
}

func newWaitingTimes(d delay) *waitingTimes {
	w := &waitingTimes{}
	for i := range w.took {
		p := (float64(i) + 0.5) / float64(len(w.took))
		w.took[i] = int64(float64(d.median) * math.Exp(d.sigma*math.Sqrt2*math.Erfinv(2*p-1)))
		w.buckets[i] = uint16(bucketOf(float64(w.took[i]) / 1e9))
	}
	return w
}

func (w *waitingTimes) draw(d *dice) int64 { return w.took[d.Uint64()>>52] }

// timings counts durations.
type timings struct {
	arrives, waits, renders []*waitingTimes // by channel

	steps, template                      dense
	delivery, toOpen, toClick, toConvert dense
	categories                           map[string]int
}

func newTimings(c *counts) timings {
	t := timings{categories: map[string]int{}}
	for i := range channels {
		t.arrives = append(t.arrives, newWaitingTimes(channels[i].arrives))
		t.waits = append(t.waits, newWaitingTimes(channels[i].waits))
		t.renders = append(t.renders, newWaitingTimes(channels[i].renders))
	}
	var names []string
	for i := range templates {
		if _, found := t.categories[templates[i].category]; !found {
			t.categories[templates[i].category] = len(names)
			names = append(names, templates[i].category)
		}
	}
	observed := func(n int, f *catalog.Family, values func(i int) []string) dense {
		return newDense(n*bucketCount, func(i int) []weighed {
			bucket := i % bucketCount
			return []weighed{{c.rowAt(Row{f, values(i / bucketCount), secondsOf(bucket)}, 1+bucket), 1}}
		})
	}
	t.steps = observed(len(channels)*catalog.NumSteps, catalog.Processing.Family, func(i int) []string {
		return []string{catalog.Step(i % catalog.NumSteps).String(), channels[i/catalog.NumSteps].name}
	})
	t.template = observed(len(templates), catalog.TemplateRender.Family, func(i int) []string {
		return []string{templates[i].id}
	})
	t.delivery = observed(len(channels)*maxProviders*len(catalog.Priorities), catalog.DeliveryLatency.Family,
		func(i int) []string {
			at := i / len(catalog.Priorities)
			ch := &channels[at/maxProviders]
			return []string{ch.name, ch.providers[at%maxProviders].name, catalog.Priorities[i%len(catalog.Priorities)]}
		})
	byCategory := func(f catalog.Histogram) dense {
		return observed(len(channels)*len(names), f.Family, func(i int) []string {
			return []string{channels[i/len(names)].name, names[i%len(names)]}
		})
	}
	t.toOpen, t.toClick, t.toConvert =
		byCategory(catalog.TimeToOpen), byCategory(catalog.TimeToClick), byCategory(catalog.TimeToConvert)
	return t
}

// timeSending counts how long the steps of sending took.
func (o *Outline) timeSending(n *notice, c *channel) {
	if c.sender.performance == "" {
		return
	}
	channel, r := contents[n.content].channel, o.dice.Uint64()
	waits, renders := o.waits[channel], o.renders[channel]
	render := int(renders.buckets[r>>12&4095])
	count := func(step catalog.Step, bucket int) {
		o.steps.cells[(channel*catalog.NumSteps+int(step))*bucketCount+bucket]++
	}
	count(catalog.StepQueueWait, int(waits.buckets[r&4095]))
	count(catalog.StepRender, render)
	count(catalog.StepPersonalize, int(renders.buckets[r>>24&4095])-perOctave) // half as long
	count(catalog.StepProcess, int(renders.buckets[r>>36&4095])+perOctave)
	o.template.cells[contents[n.content].template*bucketCount+render]++
}

// timeDelivery counts how long a delivery took, in nanoseconds.
func (o *Outline) timeDelivery(n *notice, p *provider, took int64) {
	at, seconds := contents[n.content], float64(took)/1e9
	priority := priorityOf[at.template]
	row := (at.channel*maxProviders+int(n.provider))*len(catalog.Priorities) + priority
	o.delivery.cells[row*bucketCount+bucketOf(seconds)]++
	if p.reporter.performance != "" {
		bucket := bucketOf(seconds * (0.5 + 0.4*o.dice.Float64()))
		o.steps.cells[(at.channel*catalog.NumSteps+int(catalog.StepDeliver))*bucketCount+bucket]++
	}
}

// priorityOf holds the place of each template's priority in catalog.Priorities.
var priorityOf = func() (all []int) {
	for i := range templates {
		for p, name := range catalog.Priorities {
			if name == templates[i].priority {
				all = append(all, p)
			}
		}
	}
	return all
}()

// timeReaction counts how long after its sending a notification reached a stage.
func (o *Outline) timeReaction(r *reaction) {
	var d *dense
	switch r.stage {
	case catalog.StageOpened:
		d = &o.toOpen
	case catalog.StageClicked:
		d = &o.toClick
	case catalog.StageConverted:
		d = &o.toConvert
	default:
		return
	}
	at := contents[r.content]
	row := at.channel*len(o.categories) + o.categories[templates[at.template].category]
	d.cells[row*bucketCount+bucketOf(float64(r.when-r.at)/1e9)]++
}

func (t *timings) flush(c *counts) {
	for _, d := range []*dense{&t.steps, &t.template, &t.delivery, &t.toOpen, &t.toClick, &t.toConvert} {
		d.flush(c)
	}
}
