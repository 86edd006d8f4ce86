package door

import (
	"net/http"
	"sync"
	"time"
)

// Latest bounds how many requests read or write slowly at once. One more cuts off the
// one that entered first. It is safe for concurrent use.
type Latest struct {
	// Limit is the number of requests; it must be positive.
	Limit int

	mu   sync.Mutex
	held []*http.ResponseController // in the order of their entry
}

// Enter gives the request of w until now plus limit to read its body and to write its
// response, or less if it is cut off: then its reads and writes fail. Call leave at the
// end.
func (l *Latest) Enter(w http.ResponseWriter, r *http.Request, limit time.Duration) (leave func()) {
	controller := http.NewResponseController(w)
	setDeadlines(controller, time.Now().Add(limit))
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) >= l.Limit {
		setDeadlines(l.held[0], time.Now())
		l.held = l.held[1:]
	}
	l.held = append(l.held, controller)
	return func() {
		l.leave(controller)
		server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
		if server != nil && server.WriteTimeout == 0 { // it would not set another one for the next request
			setDeadlines(controller, time.Time{})
		}
	}
}

func (l *Latest) leave(controller *http.ResponseController) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, held := range l.held {
		if held == controller {
			l.held = append(l.held[:i:i], l.held[i+1:]...)
			return
		}
	}
}

// setDeadlines does nothing to a writer without a connection.
func setDeadlines(of *http.ResponseController, t time.Time) {
	_ = of.SetReadDeadline(t)
	_ = of.SetWriteDeadline(t)
}
