package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Patterns says when, how often and by whom notifications are answered.
type Patterns struct {
	// SendHours has the hours of the week in the users' local time when notifications
	// were sent, those that are published, from Monday.
	SendHours []SendHour `json:"send_hours"`
	// Fatigue has reactions by how many notifications a user was sent in the seven days
	// before.
	Fatigue []Fatigue `json:"fatigue"`
	// Segments counts users at the end of the period.
	Segments []Segment `json:"segments"`
}

// SendHour is an hour of the week.
type SendHour struct {
	Weekday string `json:"weekday"` // mon to sun
	Hour    int    `json:"hour"`    // 0 to 23
	Reactions
}

// Fatigue is a class of users by how much they were sent.
type Fatigue struct {
	RecentSends string `json:"recent_sends"` // such as 3-5
	Reactions
}

// Reactions says how notifications were answered.
type Reactions struct {
	Volume         Figure `json:"volume"`
	DeliveryRate   Figure `json:"delivery_rate"`
	OpenRate       Figure `json:"open_rate"`
	EngagementRate Figure `json:"engagement_rate"`
	OptOutRate     Figure `json:"opt_out_rate"`
}

// Segment counts the users of a segment.
type Segment struct {
	Segment string `json:"segment"`
	Users   Figure `json:"users"`
}

func (p pair) reactions() Reactions {
	return Reactions{
		Volume:         p.count(catalog.StageSent),
		DeliveryRate:   p.rate(catalog.StageDelivered, catalog.StageSent),
		OpenRate:       p.rate(catalog.StageOpened, catalog.StageDelivered),
		EngagementRate: p.rate(catalog.StageEngaged, catalog.StageDelivered),
		OptOutRate:     p.rate(catalog.StageOptedOut, catalog.StageDelivered),
	}
}

func emptyPatterns() Patterns { return Patterns{[]SendHour{}, []Fatigue{}, []Segment{}} }

// sort sorts the hours from Monday.
func (p *Patterns) sort() {
	slices.SortFunc(p.SendHours, func(a, b SendHour) int {
		weekday := func(h SendHour) int { return slices.Index(catalog.Weekdays, h.Weekday) }
		return cmp.Or(weekday(a)-weekday(b), a.Hour-b.Hour)
	})
}

// segments counts users by segment at the end of the period, and of the one before.
func (c *computation) segments(ctx context.Context, p *Patterns) error {
	now, err := c.usersAt(ctx, c.newest())
	if err != nil {
		return err
	}
	before, err := c.usersAt(ctx, c.old.To.UTC())
	if err != nil {
		return err
	}
	for _, segment := range catalog.LabelSegment.Values {
		n, known := now[segment]
		if known {
			old, ok := before[segment]
			if !ok {
				old = unknown("not known")
			}
			p.Segments = append(p.Segments, Segment{segment, compare(n, old)})
		}
	}
	return nil
}

// usersAt returns the number of users of each segment at a time; without those of
// segments that are withheld.
func (c *computation) usersAt(ctx context.Context, at time.Time) (map[string]number, error) {
	v, err := c.Instant(ctx, expr.Sum(expr.LastOverTime(rules.Users, "15m")).By(catalog.LabelSegment), at)
	c.asked(v.Answer)
	if err != nil {
		return nil, err
	}
	g := grid{}
	for _, e := range v.Values {
		g[e.Labels.Of(catalog.LabelSegment)] = map[string]float64{"": e.Value}
	}
	hidden := g.withhold(c.request.floor())
	users := map[string]number{}
	for segment, cells := range g {
		users[segment] = known(cells[""])
		if hidden[segment] {
			users[segment] = unknown("%s", fmt.Sprintf("withheld: fewer than %d users, or the next-smallest beside these",
				int(c.request.floor())))
		}
	}
	return users, nil
}

// newest returns the end of the period.
func (c *computation) newest() time.Time { return c.span.To.UTC() }
