package schemas

// FeedHealth says when a feed was last seen, and since when it is silent, 0 while it is not.
type FeedHealth struct {
	Source      string
	LastSeen    Instant
	SilentSince Instant
}
