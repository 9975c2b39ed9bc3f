package web

import (
	"sync"
	"time"
)

// memory keeps sessions until they expire (an scs.Store). Expired ones are dropped when a session is written, which
// happens at sign-ins only, so that no clean-up has to run.
type memory struct {
	mu   sync.Mutex
	now  func() time.Time
	held map[string]heldSession
}

type heldSession struct {
	data   []byte
	expiry time.Time
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, held: map[string]heldSession{}}
}

// Find returns the data of a session that has not expired.
func (m *memory) Find(token string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.held[token]
	if !ok || !m.now().Before(h.expiry) {
		return nil, false, nil
	}
	return h.data, true, nil
}

// Commit keeps the data of a session.
func (m *memory) Commit(token string, data []byte, expiry time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for t, h := range m.held {
		if !now.Before(h.expiry) {
			delete(m.held, t)
		}
	}
	m.held[token] = heldSession{data, expiry}
	return nil
}

// Delete forgets a session.
func (m *memory) Delete(token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, token)
	return nil
}
