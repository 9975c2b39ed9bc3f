package web

import (
	"slices"

	"rollcall/schemas"
)

// OrNil returns nil for no instant, as JSON has it.
func OrNil(t schemas.Instant) *schemas.Instant {
	if t == 0 {
		return nil
	}
	return &t
}

// Signs returns the signs of life of the feeds.
func (s *Server) Signs() []schemas.FeedHealth {
	if s.deps.FeedHealth == nil {
		return nil
	}
	return s.deps.FeedHealth()
}

// SilentFeeds returns the feeds that are silent now.
func (s *Server) SilentFeeds() []schemas.FeedHealth {
	return slices.DeleteFunc(s.Signs(), func(f schemas.FeedHealth) bool { return f.SilentSince == 0 })
}

// Alarms returns what an admin has to know of now.
func (s *Server) Alarms() []schemas.Alarm {
	if s.deps.Alarms == nil {
		return nil
	}
	return s.deps.Alarms()
}
