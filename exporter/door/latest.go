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
	entered  time.Time
	requests map[*http.ResponseController]bool
}

// Request is what a handler is called with.
type Request struct {
	W http.ResponseWriter
	R *http.Request
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

// Enter gives requests until now plus limit to read their bodies and to write their
// responses, or less if they are cut off: then reads and writes fail. Several requests
// share what they hold in memory, and count as one. Each calls its leave at the end; they
// are in the order of the requests.
func (l *Latest) Enter(limit time.Duration, requests ...Request) (leave []func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) >= l.Limit {
		l.cutOff()
	}
	g := &group{time.Now(), map[*http.ResponseController]bool{}}
	l.held = append(l.held, g)
	for _, request := range requests {
		controller := http.NewResponseController(request.W)
		setDeadlines(controller, g.entered.Add(limit))
		g.requests[controller] = true
		leave = append(leave, func() {
			l.leave(g, controller)
			server, _ := request.R.Context().Value(http.ServerContextKey).(*http.Server)
			if server != nil && server.WriteTimeout == 0 { // it would not set another one for the next request
				setDeadlines(controller, time.Time{})
			}
		})
	}
	return leave
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
