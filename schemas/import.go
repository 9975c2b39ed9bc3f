package schemas

// Import is one import of a roster, of requirements or of activity codes, or the undo of one: what the file held and
// what it changed. ID is that of its journal row. (A schedule import is a [Revision].)
type Import struct {
	ID         string      `json:"id"`
	Kind       JournalKind `json:"kind"`
	RecordedAt Instant     `json:"recorded_at"`
	Actor      string      `json:"actor"`
	// Origin is the file's name, or the import that was undone.
	Origin   string `json:"origin"`
	Undoes   string `json:"undoes"`
	FileHash string `json:"file_hash"`
	// Range is the time that the file covers, for requirements; empty for others.
	Range Interval `json:"range,omitzero" ch:"start_at,end_at"`
	// Rows are those that the file gave. Added, Changed, Removed and Unchanged count agents of a roster, intervals of
	// requirements, codes.
	Rows      int `json:"rows" ch:"row_count"`
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Removed   int `json:"removed"`
	Unchanged int `json:"unchanged"`
}
