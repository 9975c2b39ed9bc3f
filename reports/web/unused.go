package web

import (
	"net"
	"net/http"
	"sync"
)

// unused are the connections on which nothing has been asked yet: browsers open some ahead of time. http.Server waits
// five seconds for them when it stops; nobody else would miss them.
type unused struct {
	mu   sync.Mutex
	held map[net.Conn]struct{}
}

// note follows the state of a connection (http.Server.ConnState).
func (u *unused) note(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.held, c)
		return
	}
	if u.held == nil {
		u.held = map[net.Conn]struct{}{}
	}
	u.held[c] = struct{}{}
}

// close closes them.
func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.held {
		_ = c.Close() // nothing was asked, so nobody waits for an answer
	}
}
