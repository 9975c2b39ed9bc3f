package schemas

// The sources of changes that people make in Rollcall itself. They are no feeds: nobody pushes under these names, they
// never declare fields, and nothing waits for them to be complete, because what they report is durable when it is
// answered.
const (
	// SourceSelf is an agent who sets their own state.
	SourceSelf = "self"
	// SourceSupervisor is somebody else who sets an agent's state: a supervisor or an admin.
	SourceSupervisor = "supervisor"
)

// SourceWords returns what a sentence calls a source: a feed by its name, people by who they are.
func SourceWords(source string) string {
	switch source {
	case "":
		return "the feed"
	case SourceSelf:
		return "the agent"
	case SourceSupervisor:
		return "a supervisor"
	}
	return source
}

// OwnSource reports whether a source is one of Rollcall's own rather than a feed.
func OwnSource(source string) bool { return source == SourceSelf || source == SourceSupervisor }
