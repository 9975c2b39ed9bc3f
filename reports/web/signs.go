package web

import (
	"rollcall/schemas"
	"slices"
)

// fieldNames lists the state fields of a set.
func fieldNames(f schemas.Fields) []string {
	out := []string{}
	for i, name := range []string{"presence", "status", "routing"} {
		if f&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

func instantOrNil(t schemas.Instant) *schemas.Instant {
	if t == 0 {
		return nil
	}
	return &t
}

// signs gives the signs of life of the feeds.
func (s *Server) signs() []schemas.FeedSign {
	if s.deps.FeedSigns == nil {
		return nil
	}
	return s.deps.FeedSigns()
}

// silentFeeds gives the feeds that are silent now.
func (s *Server) silentFeeds() []schemas.FeedSign {
	return slices.DeleteFunc(s.signs(), func(f schemas.FeedSign) bool { return f.SilentSince == 0 })
}

// alarms gives what an admin has to know of now.
func (s *Server) alarms() []schemas.Alarm {
	if s.deps.Alarms == nil {
		return nil
	}
	return s.deps.Alarms()
}
