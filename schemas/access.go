package schemas

// Role is what a user or token may do at all.
type Role string

// The roles.
const (
	RoleAgent      Role = "agent"
	RoleSupervisor Role = "supervisor"
	RolePlanner    Role = "planner"
	RoleManager    Role = "manager"
	RoleFeed       Role = "feed"
	RoleAdmin      Role = "admin"
)

// Credential is a token or a user as it is stored: with a hash, never with the secret. Teams and Sites are its scope;
// empty means no restriction only for an admin. AgentID ties a user of role agent to the agent that it is.
type Credential struct {
	ID      string   `json:"id"`
	User    bool     `json:"user"`
	Name    string   `json:"name"`
	Role    Role     `json:"role"`
	Source  string   `json:"source,omitempty"`
	AgentID string   `json:"agent_id,omitempty"`
	Teams   []string `json:"teams,omitempty"`
	Sites   []string `json:"sites,omitempty"`
	// Hash is SHA-256 of a token's secret in hex, or the argon2id string of a user's password.
	Hash string `json:"hash"`
	// Expires is 0 for never; Revoked and Disabled are final for tokens and reversible for users.
	Expires    Instant `json:"expires,omitempty" ch:"expires_at"`
	Revoked    bool    `json:"revoked,omitempty"`
	RecordedAt Instant `json:"recorded_at"`
	CreatedBy  string  `json:"created_by"`
}
