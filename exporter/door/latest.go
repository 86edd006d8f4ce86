package door

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Latest bounds how much requests that read or write slowly hold at once. One more cuts
// off what entered first. It is safe for concurrent use.
type Latest struct {
	// Limit is the number of requests, or of what they share; it must be positive.
	Limit int

	mu   sync.Mutex
	held []*group      // in the order of their entry
	left chan struct{} // full after one has left
}

// group holds the requests that share something.
type group struct {
	shares   any
	entered  time.Time
	requests map[*http.ResponseController]bool
}

// grace is the time that Await leaves a request, however many others come.
const grace = 2 * time.Second

// Await waits until one more may enter: one has left, or what entered first has had its
// time and is cut off.
func (l *Latest) Await() {
	for {
		left, young := l.makeRoom()
		if young <= 0 {
			return
		}
		select {
		case <-left:
		case <-time.After(young):
		}
	}
}

// makeRoom cuts off what has had its time if there is no room. Otherwise it returns for
// how long there will be none, unless one leaves.
func (l *Latest) makeRoom() (left <-chan struct{}, young time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) < l.Limit {
		return nil, 0
	}
	if young := grace - time.Since(l.held[0].entered); young > 0 {
		if l.left == nil {
			l.left = make(chan struct{}, 1)
		}
		return l.left, young
	}
	l.cutOff()
	return nil, 0
}

// Enter gives the request of w until now plus limit to read its body and to write its
// response, or less if it is cut off: then its reads and writes fail. Call leave at the
// end. Requests that share what they hold in memory count as one; nil is shared with none.
func (l *Latest) Enter(w http.ResponseWriter, r *http.Request, limit time.Duration, shares any) (leave func()) {
	controller := http.NewResponseController(w)
	setDeadlines(controller, time.Now().Add(limit))
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.find(shares)
	if g == nil {
		if len(l.held) >= l.Limit {
			l.cutOff()
		}
		g = &group{shares, time.Now(), map[*http.ResponseController]bool{}}
		l.held = append(l.held, g)
	}
	g.requests[controller] = true
	return func() {
		l.leave(g, controller)
		server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
		if server != nil && server.WriteTimeout == 0 { // it would not set another one for the next request
			setDeadlines(controller, time.Time{})
		}
	}
}

func (l *Latest) find(shares any) *group {
	for _, g := range l.held {
		if shares != nil && g.shares == shares {
			return g
		}
	}
	return nil
}

// cutOff ends the requests that entered first.
func (l *Latest) cutOff() {
	for controller := range l.held[0].requests {
		setDeadlines(controller, time.Now())
	}
	l.held = l.held[1:]
}

func (l *Latest) leave(g *group, controller *http.ResponseController) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(g.requests, controller)
	if i := slices.Index(l.held, g); i >= 0 && len(g.requests) == 0 {
		l.held = slices.Delete(l.held, i, i+1)
		select {
		case l.left <- struct{}{}:
		default:
		}
	}
}

// setDeadlines does nothing to a writer without a connection.
func setDeadlines(of *http.ResponseController, t time.Time) {
	_ = of.SetReadDeadline(t)
	_ = of.SetWriteDeadline(t)
}
