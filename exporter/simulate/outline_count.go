package simulate

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
)

// Row identifies a series that an outline counts.
type Row struct {
	Family *catalog.Family
	// Values holds those of the family's labels.
	Values []string
	// Seconds is the duration that the row counts observations of, for histograms and
	// summaries. The durations of a series are 9 % apart.
	Seconds float64
}

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

// rowKey identifies a row. It is comparable.
type rowKey struct {
	family *catalog.Family
	values [5]string
	slot   int
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
		faults: errorcode.NewFaults(nil), campaigns: campaigns{names: []string{catalog.Unknown}, index: map[string]int32{}},
	}
	strands := len(contents) * maxProviders
	c.stages = newDense(strands*numStages, func(i int) []weighed {
		s, t, p := strand(i / numStages)
		stage := catalog.Stage(i % numStages).String()
		return []weighed{
			{c.row(catalog.Stages.Family, stage, s.name, t.category, t.priority, p.name), 1},
			{c.row(catalog.TemplateStages.Family, stage, t.id, s.name), 1},
		}
	})
	c.sent = newDense(strands, func(i int) []weighed {
		s, _, p := strand(i)
		all := []weighed{{c.row(catalog.SLOStages.Family, "sent", catalog.FaultNone, s.name, p.name), 1}}
		if p.cost.Amount > 0 {
			row := c.row(catalog.Cost.Family, s.name, p.name, p.cost.Currency)
			all = append(all, weighed{row, p.cost.Amount})
		}
		return all
	})
	c.events = newDense(strands*catalog.NumEventTypes, func(i int) []weighed {
		s, t, p := strand(i / catalog.NumEventTypes)
		kind := catalog.EventType(i % catalog.NumEventTypes).String()
		return []weighed{{c.row(catalog.Events.Family, kind, s.name, t.category, t.priority, p.name), 1}}
	})
	c.audience = newDense(len(channels)*len(devices)*numStages, func(i int) []weighed {
		d := &devices[i/numStages%len(devices)]
		platform, form := known2(d.platform, d.form)
		stage, channel := catalog.Stage(i%numStages).String(), channels[i/numStages/len(devices)].name
		return []weighed{{c.row(catalog.AudienceStages.Family, stage, platform, form, channel), 1}}
	})
	c.frequency = newDense(len(channels)*len(catalog.RecentSends)*numStages, func(i int) []weighed {
		recent := catalog.RecentSends[i/numStages%len(catalog.RecentSends)]
		stage, channel := catalog.Stage(i%numStages).String(), channels[i/numStages/len(catalog.RecentSends)].name
		return []weighed{{c.row(catalog.FrequencyStages.Family, stage, channel, recent), 1}}
	})
	c.hours = newDense(len(channels)*7*24*len(hourStages), func(i int) []weighed {
		stage, at := hourStages[i%len(hourStages)].String(), i/len(hourStages)
		day := strings.ToLower(time.Weekday(at / 24 % 7).String()[:len("sun")])
		return []weighed{{c.row(catalog.SendHourStages.Family, stage, channels[at/24/7].name, strconv.Itoa(at%24), day), 1}}
	})
	c.arms = newDense(len(allArms)*numStages, func(i int) []weighed {
		a := allArms[i/numStages]
		stage, x := catalog.Stage(i%numStages).String(), runningExperiments[a.experiment].ID
		return []weighed{{c.row(catalog.ExperimentStages.Family, stage, x, a.arm.Name), 1}}
	})
	c.campaigns.dense = newDense(0, func(i int) []weighed {
		stage, at := catalog.Stage(i%numStages).String(), i/numStages
		name, channel := c.campaigns.names[at/len(channels)], channels[at%len(channels)].name
		return []weighed{{c.row(catalog.CampaignStages.Family, stage, name, channel), 1}}
	})
	c.timings = newTimings(c)
	return c
}

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

func known2(platform, form string) (string, string) {
	if platform == "" {
		return catalog.Unknown, catalog.Unknown
	}
	return platform, form
}

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
	i, known := c.index[name]
	if !known {
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

// add counts into a row by its labels.
func (c *counts) add(f *catalog.Family, by float64, values ...string) {
	c.grow(c.row(f, values...), by)
}

// row returns the number of a row. With the first row of a label set those are born
// that the exporter exposes together with it.
func (c *counts) row(f *catalog.Family, values ...string) int32 {
	return c.rowAt(Row{Family: f, Values: values}, 0)
}

func (c *counts) rowAt(r Row, slot int) int32 {
	key := rowKey{family: r.Family, slot: slot}
	copy(key.values[:], r.Values)
	if i, known := c.index[key]; known {
		return i
	}
	i := int32(len(c.rows))
	r.Values = slices.Clone(r.Values)
	c.rows, c.deltas, c.index[key] = append(c.rows, r), append(c.deltas, 0), i
	c.bear(r)
	return i
}

// bear creates the rows that are born with one.
func (c *counts) bear(r Row) {
	values := slices.Clone(r.Values)
	switch {
	case r.Family == catalog.SLOStages.Family:
		for _, fault := range catalog.LabelFault.Values {
			for _, stage := range []string{"failed", "bounced", "recovered"} {
				if fault != catalog.FaultNone {
					c.row(r.Family, stage, fault, values[2], values[3])
				}
			}
		}
		for _, code := range c.faults.Exact() {
			fault, _ := c.faults.Of(code, "")
			c.row(catalog.Errors.Family, values[2], values[3], code, fault)
		}
	case r.Family == catalog.SendHourStages.Family:
		for _, stage := range hourStages {
			values[0] = stage.String()
			c.row(r.Family, values...)
		}
	case len(r.Family.Labels) > 0 && r.Family.Labels[0] == catalog.LabelStage:
		for _, stage := range catalog.LabelStage.Values {
			values[0] = stage
			c.row(r.Family, values...)
		}
	}
}

// grow counts into a row.
func (c *counts) grow(row int32, by float64) {
	if c.deltas[row] == 0 {
		c.touched = append(c.touched, row)
	}
	c.deltas[row] += by
}

func (c *counts) clear() {
	for _, row := range c.touched {
		c.deltas[row] = 0
	}
	c.touched = c.touched[:0]
}

func (c *counts) flush() {
	for _, d := range []*dense{
		&c.stages, &c.sent, &c.events, &c.audience, &c.hours, &c.frequency, &c.arms, &c.campaigns.dense,
	} {
		d.flush(c)
	}
	c.timings.flush(c)
	c.moments.flush(c.add)
}

// Rows returns the rows so far. A row keeps its place.
func (c *counts) Rows() []Row { return c.rows }

// Deltas returns by how much each row has grown during the last call of Play.
func (c *counts) Deltas() []float64 { return c.deltas }
