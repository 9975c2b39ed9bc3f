// Package access says who may do what. Its nouns: a credential (schemas.Credential: a token or a user, with a hash,
// never a secret), a [Principal] (the credential that a request was made with), an [Action], a [Target] (the agent,
// team, site or source that it touches), and the [Register] of all credentials.
//
// [Allow] is the one function that decides. It looks at the principal's role and scope and at the target, and at
// nothing else: scope comes from the credential's record only, never from the roster. A token's secret is 256 random
// bits behind "rc_", shown once and stored as SHA-256; a password is stored as an argon2id string. Instants are
// schemas.Instant.
//
// The truth about credentials is in ClickHouse ([Store]). The register holds a copy in memory, swapped as a whole so
// that a look-up takes no lock, and one in the file access.json of store.dir ([File]: mode 0600, written to a new file,
// fsynced, renamed, its folder fsynced), so that pushes and sign-in work while ClickHouse is away, from the first
// second after a start. A credential is written to the store first; the copies follow.
//
// # Why
//
// Permissions that are checked where they are needed end up different in each place. One table, one function and one
// record of scope can be read by a person in a minute and be walked by a test that calls every route as every role.
//
// A token is random enough that a fast hash is safe, and it is checked with every push; a password is not, so it gets a
// slow one, at most two at a time, and failed sign-ins are limited by address and by name ([AttemptsConfig]).
package access
