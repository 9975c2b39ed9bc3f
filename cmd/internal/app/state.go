package app

import (
	"sort"
	"sync"
)

// state holds why the daemon is not ready: one reason for each part that is not. The zero value is ready.
type state struct {
	mu  sync.Mutex
	why map[string]string
}

// set sets a part's reason; the empty reason means that the part is ready.
func (s *state) set(part, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil {
		s.why = map[string]string{}
	}
	if reason == "" {
		delete(s.why, part)
	} else {
		s.why[part] = reason
	}
}

// has says whether the part is not ready.
func (s *state) has(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why[part] != ""
}

// reasons lists why the daemon is not ready, in order; empty when it is.
func (s *state) reasons() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.why {
		out = append(out, r)
	}
	sort.Strings(out)
	return out
}
