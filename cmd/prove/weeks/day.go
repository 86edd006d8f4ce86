package weeks

import (
	"math"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/simtime"
)

// step advances the platform to t, which is dt after the last step.
func (p *platform) step(t time.Time, dt time.Duration) {
	if p.upset != nil {
		p.upset(t)
	}
	p.report(dt)
	if p.now.unread {
		return
	}
	dt, p.waits = dt+p.waits, 0
	seconds := dt.Seconds()
	memory := math.Exp(-seconds / 600)
	for _, c := range simtime.Channels {
		p.noise[c.Name] = p.noise[c.Name]*memory + p.random.NormFloat64()*0.06*math.Sqrt(1-memory*memory)
	}
	for i := range p.flows {
		f := &p.flows[i]
		perSecond := f.PerSecond * f.provider.Share * simtime.Busy(t)
		p.send(f, perSecond*math.Exp(p.noise[f.Name])*p.factor(f.Name, t)*seconds, seconds)
	}
	p.health(t, dt)
	p.rejected.value += p.poisson(0.005 * simtime.Busy(t) * seconds)
}

func (p *platform) factor(channel string, t time.Time) float64 {
	factor := 1.0
	if p.now.idle {
		return 0
	}
	for _, f := range p.faults {
		if f.channel == channel && !t.Before(f.from) && t.Before(f.to) {
			factor *= f.factor
		}
	}
	return factor
}

// send draws the notifications of one step and their outcomes.
func (p *platform) send(f *flow, mean, seconds float64) {
	sent := p.poisson(mean)
	usual := min(sent, p.poisson(mean*0.0012))
	failed := min(sent, usual+math.Round(sent*f.share(p.now.fails)))
	bounced := min(sent-failed, p.poisson(mean*(0.006+f.share(p.now.bounces))))
	recovered := min(usual, p.poisson(usual*0.5))
	delivered := sent - failed - bounced + recovered
	count := func(stage catalog.Stage, n float64) { f.stages[stage].value += n }
	count(catalog.StageSent, sent)
	count(catalog.StageFailed, failed)
	count(catalog.StageBouncedHard, bounced)
	count(catalog.StageRecovered, recovered)
	count(catalog.StageDelivered, delivered)
	f.events.value += sent
	f.sloSent.value += sent
	f.sloFailed.value += failed
	f.errors.value += failed
	f.sloRecipient.value += bounced
	f.sloRecovered.value += recovered
	f.retries.value += p.poisson(mean * 0.01)
	f.cost.value += sent * f.Price
	f.latency.observe(p.random, delivered, max(0.8, p.now.late[f.Name]))
	f.process.observe(p.random, sent, max(0.02, p.now.slow[f.Name]))
	f.queueWait.observe(p.random, sent, 0.05)

	key := f.Name + "/" + f.provider.Name
	p.engaged[key] += delivered
	leaving := p.engaged[key] * (1 - math.Exp(-seconds/1200))
	p.engaged[key] -= leaving
	opened := p.poisson(leaving * f.Opens)
	clicked := p.poisson(opened * 0.2)
	converted := p.poisson(clicked * 0.08)
	count(catalog.StageOpened, opened)
	count(catalog.StageClicked, clicked)
	count(catalog.StageConverted, converted)
	count(catalog.StageEngaged, max(opened, clicked))
	count(catalog.StageComplained, p.poisson(leaving*(0.0002+p.now.complains[f.Name])))
	count(catalog.StageOptedOut, p.poisson(leaving*0.0006))
	f.value.value += converted * 20
}

// health updates what the components report.
func (p *platform) health(t time.Time, dt time.Duration) {
	busy := simtime.Busy(t)
	for _, queue := range components {
		p.set(catalog.QueueMessages, queue, p.poisson(200*busy))
		p.oldest[queue] += dt.Seconds()
		if !p.now.stuck {
			p.oldest[queue] = 0.5 + p.random.Float64()*2
		}
		p.set(catalog.QueueOldestAge, queue, p.oldest[queue])
		if t.Hour()%4 == 1 && t.Minute() < 5 {
			p.set(catalog.DeadLetters, queue, 0) // each shift handles them
		} else if p.random.Float64() < 1.0/8640 {
			p.gauges[catalog.DeadLetters.Name+"/"+queue].value++
		}
	}
	quota := 1.4e6 * float64(t.Hour()*60+t.Minute()) / 1440
	if p.now.exhausted {
		quota = 3e6
	}
	p.set(catalog.ServiceQuotaUsed, quotaService, quota)
	for _, component := range components {
		p.set(catalog.ComponentCPU, component, 0.2+0.45*busy+0.05*p.random.Float64())
		p.set(catalog.ComponentMemoryRatio, component, 0.55+0.05*p.random.Float64())
		p.set(catalog.ComponentDisk, component, 0.4+0.02*float64(t.Unix()%(7*86400))/(7*86400))
	}
}

func (p *platform) set(g catalog.Gauge, which string, value float64) {
	p.gauges[g.Name+"/"+which].value = value
}
