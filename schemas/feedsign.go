package schemas

// FeedSign is the life that a feed shows: when it was last heard of, and since when it is silent, 0 while it is not.
type FeedSign struct {
	Source      string
	LastSeen    Instant
	SilentSince Instant
}
