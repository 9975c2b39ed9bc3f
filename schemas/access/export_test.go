package access

// What the tests of the package see from outside.
var (
	ErrDamaged  = errDamaged
	NewAttempts = newAttempts
)

// FileName is that of the copy on disk.
const FileName = fileName
