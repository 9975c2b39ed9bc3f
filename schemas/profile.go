package schemas

// SavedProfile is a profile of files that somebody has saved by a name: how files of another program are read (table
// profiles). The row of a name with the latest RecordedAt counts; an Ended one is none.
type SavedProfile struct {
	Name string `json:"name"`
	// Kind is what the files hold, such as schedule; Text is the YAML.
	Kind       string  `json:"kind"`
	Text       string  `json:"-"`
	Actor      string  `json:"actor"`
	Ended      bool    `json:"-"`
	RecordedAt Instant `json:"recorded_at"`
}
