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
func (s *Server) Signs() []schemas.FeedSign {
	if s.deps.FeedSigns == nil {
		return nil
	}
	return s.deps.FeedSigns()
}

// SilentFeeds returns the feeds that are silent now.
func (s *Server) SilentFeeds() []schemas.FeedSign {
	return slices.DeleteFunc(s.Signs(), func(f schemas.FeedSign) bool { return f.SilentSince == 0 })
}

// Alarms returns what an admin has to know of now.
func (s *Server) Alarms() []schemas.Alarm {
	if s.deps.Alarms == nil {
		return nil
	}
	return s.deps.Alarms()
}
