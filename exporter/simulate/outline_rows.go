package simulate

import (
	"slices"

	"belfry/exporter/catalog"
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

// rowKey identifies a row. It is comparable.
type rowKey struct {
	family *catalog.Family
	values [5]string
	slot   int
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
	if i, found := c.index[key]; found {
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
