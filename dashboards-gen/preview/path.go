package preview

import (
	"fmt"
	"math"
	"slices"
)

// pen writes the data of a path in tenths of a pixel. After the first point it writes
// differences, which are half as long.
type pen struct {
	d              []byte
	x, y           int // where the pen is
	beginX, beginY int // where the path began
	last           byte
}

func (p *pen) empty() bool { return len(p.d) == 0 }

func (p *pen) String() string { return string(p.d) }

// move begins a path at a point.
func (p *pen) move(x, y float64) {
	if p.empty() {
		p.command('M')
	} else {
		p.command('m')
	}
	toX, toY := tenths(x), tenths(y)
	p.number(toX - p.x)
	p.number(toY - p.y)
	p.x, p.y, p.beginX, p.beginY = toX, toY, toX, toY
}

// line draws a line to a point.
func (p *pen) line(x, y float64) {
	dx, dy := tenths(x)-p.x, tenths(y)-p.y
	p.x, p.y = p.x+dx, p.y+dy
	switch {
	case dx == 0 && dy == 0:
	case dy == 0:
		p.command('h')
		p.number(dx)
	case dx == 0:
		p.command('v')
		p.number(dy)
	default:
		p.command('l')
		p.number(dx)
		p.number(dy)
	}
}

// close draws a line to where the path began.
func (p *pen) close() {
	p.command('Z')
	p.x, p.y = p.beginX, p.beginY
}

// through draws a line through the points.
func (p *pen) through(points ...point) {
	p.move(points[0].x, points[0].y)
	for _, at := range points[1:] {
		p.line(at.x, at.y)
	}
}

// arc draws a part of a circle to a point.
func (p *pen) arc(radius float64, large bool, x, y float64) {
	flag := 0
	if large {
		flag = 1
	}
	p.command('A')
	p.d = fmt.Appendf(p.d, "%s %[1]s 0 %d 1 %s %s", px(radius), flag, px(x), px(y))
	p.x, p.y = tenths(x), tenths(y)
}

// command writes a command, unless it repeats the one before.
func (p *pen) command(c byte) {
	if c != p.last || c != 'l' {
		p.d = append(p.d, c)
	}
	p.last = c
}

// number writes a number, separated from the one before.
func (p *pen) number(n int) {
	text := decimal(n)
	if before := p.d[len(p.d)-1]; text[0] != '-' && (before >= '0' && before <= '9' || before == '.') {
		p.d = append(p.d, ' ')
	}
	p.d = append(p.d, text...)
}

// point has coordinates in pixels.
type point struct{ x, y float64 }

// thin leaves out points of a line, which moves the line by less than half a pixel.
// It uses the algorithm of Ramer, Douglas and Peucker.
func thin(points []point) []point {
	if len(points) < 3 {
		return points
	}
	first, last := points[0], points[len(points)-1]
	far, at := 0.0, 0
	for i, p := range points {
		if off := distance(p, first, last); off > far {
			far, at = off, i
		}
	}
	if far < 0.5 {
		return []point{first, last}
	}
	before := thin(points[:at+1])
	return slices.Concat(before[:len(before)-1], thin(points[at:]))
}

// distance returns the distance of a point from the line through a and b.
func distance(p, a, b point) float64 {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	if length == 0 {
		return math.Hypot(p.x-a.x, p.y-a.y)
	}
	return math.Abs((b.x-a.x)*(a.y-p.y)-(a.x-p.x)*(b.y-a.y)) / length
}
