package simulate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
)

// maxProviders bounds the indexes of providers: each channel has fewer.
const maxProviders = 4

// counts holds what has been counted since the last call of Play.
type counts struct {
	rows    []Row
	deltas  []float64
	touched []int32
	index   map[rowKey]int32

	stages, events             dense
	audience, hours, frequency dense
	sent, arms                 dense
	campaigns                  campaigns
	timings
	moments moments
	users   []Person
	faults  *errorcode.Faults
}

// dense counts by a small number. Each of them stands for one row or more.
type dense struct {
	cells []uint32
	rows  [][]weighed // nil until the cell is first counted
	of    func(i int) []weighed
}

// weighed says by how much a row grows.
type weighed struct {
	row int32
	by  float64
}

// flush passes the counts on to the rows and sets them back.
func (d *dense) flush(c *counts) {
	for i, n := range d.cells {
		if n == 0 {
			continue
		}
		if d.rows[i] == nil {
			d.rows[i] = d.of(i)
		}
		for _, w := range d.rows[i] {
			c.grow(w.row, w.by*float64(n))
		}
		d.cells[i] = 0
	}
}

func newDense(n int, of func(i int) []weighed) dense {
	return dense{make([]uint32, n), make([][]weighed, n), of}
}

const numStages = catalog.NumStages

func newCounts(users int) *counts {
	c := &counts{
		index: map[rowKey]int32{}, users: make([]Person, users), moments: newMoments(),
		campaigns: campaigns{names: []string{catalog.Unknown}, index: map[string]int32{}},
		faults:    errorcode.NewFaults(nil),
	}
	strands := len(contents) * maxProviders
	c.stages, c.sent = newDense(strands*numStages, c.stageRows), newDense(strands, c.sentRows)
	c.events = newDense(strands*catalog.NumEventTypes, c.eventRows)
	c.audience = newDense(len(channels)*len(devices)*numStages, c.audienceRows)
	c.frequency = newDense(len(channels)*len(catalog.RecentSends)*numStages, c.frequencyRows)
	c.hours = newDense(len(channels)*7*24*len(hourStages), c.hourRows)
	c.arms = newDense(len(allArms)*numStages, c.armRows)
	c.campaigns.dense = newDense(0, c.campaignRows)
	c.timings = newTimings(c)
	return c
}

// The following functions return the rows that the cells of a dense stand for.

func (c *counts) stageRows(i int) []weighed {
	s, t, p := strand(i / numStages)
	stage := stageName(i)
	return []weighed{
		{c.row(catalog.Stages.Family, stage, s.name, t.category, t.priority, p.name), 1},
		{c.row(catalog.TemplateStages.Family, stage, t.id, s.name), 1},
	}
}

func (c *counts) sentRows(i int) []weighed {
	s, _, p := strand(i)
	all := []weighed{{c.row(catalog.SLOStages.Family, "sent", catalog.FaultNone, s.name, p.name), 1}}
	if p.cost.Amount > 0 {
		all = append(all, weighed{c.row(catalog.Cost.Family, s.name, p.name, p.cost.Currency), p.cost.Amount})
	}
	return all
}

func (c *counts) eventRows(i int) []weighed {
	s, t, p := strand(i / catalog.NumEventTypes)
	kind := catalog.EventType(i % catalog.NumEventTypes).String()
	return []weighed{{c.row(catalog.Events.Family, kind, s.name, t.category, t.priority, p.name), 1}}
}

func (c *counts) audienceRows(i int) []weighed {
	d := &devices[i/numStages%len(devices)]
	platform, form := cmp.Or(d.platform, catalog.Unknown), cmp.Or(d.form, catalog.Unknown)
	channel := channels[i/numStages/len(devices)].name
	return []weighed{{c.row(catalog.AudienceStages.Family, stageName(i), platform, form, channel), 1}}
}

func (c *counts) frequencyRows(i int) []weighed {
	recent := catalog.RecentSends[i/numStages%len(catalog.RecentSends)]
	channel := channels[i/numStages/len(catalog.RecentSends)].name
	return []weighed{{c.row(catalog.FrequencyStages.Family, stageName(i), channel, recent), 1}}
}

func (c *counts) hourRows(i int) []weighed {
	stage, at := hourStages[i%len(hourStages)].String(), i/len(hourStages)
	day := strings.ToLower(time.Weekday(at / 24 % 7).String()[:len("sun")])
	hour := strconv.Itoa(at % 24)
	return []weighed{{c.row(catalog.SendHourStages.Family, stage, channels[at/24/7].name, hour, day), 1}}
}

func (c *counts) armRows(i int) []weighed {
	a := allArms[i/numStages]
	x := runningExperiments[a.experiment].ID
	return []weighed{{c.row(catalog.ExperimentStages.Family, stageName(i), x, a.arm.Name), 1}}
}

func (c *counts) campaignRows(i int) []weighed {
	at := i / numStages
	name, channel := c.campaigns.names[at/len(channels)], channels[at%len(channels)].name
	return []weighed{{c.row(catalog.CampaignStages.Family, stageName(i), name, channel), 1}}
}

// stageName returns the stage of a cell of which there is one for each stage.
func stageName(i int) string { return catalog.Stage(i % numStages).String() }

// strand returns what a strand of traffic, a content by a provider, stands for.
func strand(i int) (*channel, *template, *provider) {
	at := contents[i/maxProviders]
	c, p := &channels[at.channel], &nobody
	if n := i % maxProviders; n != noProvider {
		p = &c.providers[n]
	}
	return c, &templates[at.template], p
}

// nobody stands for the provider of what is not sent, noProvider for its index.
var nobody = provider{name: catalog.Unknown}

const noProvider = maxProviders - 1

// hourStages lists the stages that are counted by the hour of sending.
var hourStages = []catalog.Stage{
	catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged, catalog.StageConverted,
}

// campaigns numbers the campaigns in the order in which they are first sent.
type campaigns struct {
	dense
	names []string
	index map[string]int32
}

func (o *counts) campaign(name string) int32 {
	c := &o.campaigns
	i, found := c.index[name]
	if !found {
		i = int32(len(c.names))
		c.names, c.index[name] = append(c.names, name), i
		n := len(c.names) * len(channels) * numStages
		c.cells = append(c.cells, make([]uint32, n-len(c.cells))...)
		c.dense.rows = append(c.dense.rows, make([][]weighed, n-len(c.dense.rows))...)
	}
	return i
}

func (n *notice) channel() *channel  { return &channels[contents[n.content].channel] }
func (n *notice) carrier() *provider { return &n.channel().providers[n.provider] }
func (n *notice) strand() int        { return int(n.content)*maxProviders + int(n.provider) }

// event counts an event.
func (o *Outline) event(kind catalog.EventType, n *notice) {
	o.events.cells[n.strand()*catalog.NumEventTypes+int(kind)]++
}

// reach counts that a notification has reached a stage.
func (o *Outline) reach(stage catalog.Stage, n *notice) {
	s, channel := int(stage), contents[n.content].channel
	o.stages.cells[n.strand()*numStages+s]++
	if stage == catalog.StageSent {
		o.sent.cells[n.strand()]++
	}
	device := int(o.s.people.users[n.user].device)
	o.audience.cells[(channel*len(devices)+device)*numStages+s]++
	if n.campaign > 0 {
		o.campaigns.cells[(int(n.campaign)*len(channels)+channel)*numStages+s]++
	}
	if stage != catalog.StageSuppressed {
		o.frequency.cells[(channel*len(catalog.RecentSends)+int(n.recent))*numStages+s]++
		if i := slices.Index(hourStages, stage); i >= 0 {
			at := (channel*7+int(n.local.weekday))*24 + int(n.local.hour)
			o.hours.cells[at*len(hourStages)+i]++
		}
	}
	if n.arm >= 0 {
		o.arms.cells[int(n.arm)*numStages+s]++
		o.tried(stage, n)
	}
}

// spend counts the cost of an attempt by another provider than the first.
func (o *Outline) spend(n *notice, p *provider) {
	if p.cost.Amount > 0 {
		o.add(catalog.Cost.Family, p.cost.Amount, n.channel().name, n.carrier().name, p.cost.Currency)
	}
}

// shown returns the value of the label error_code for a code.
func (c *counts) shown(code string) string {
	if code = c.faults.Shown(code); code == "" {
		return catalog.Unknown
	}
	return code
}
