package chstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/schemas"
)

// Fixed returns an endpoint that never changes, for Config.Endpoint.
func Fixed(e Endpoint) func(context.Context) (Endpoint, error) {
	return func(context.Context) (Endpoint, error) { return e, nil }
}

// Config says how to reach the store.
type Config struct {
	// Endpoint is asked before every new connection, because an embedded engine that was restarted may listen elsewhere.
	// Its error means that the store is away for now.
	Endpoint func(ctx context.Context) (Endpoint, error)
	// MaxConns bounds the connections of each of the two clients that are open at once; a call that needs another waits.
	MaxConns int
	// DialTimeout bounds making a connection to one address, ReadTimeout the silence of a server at work, where the
	// endpoint says nothing else.
	DialTimeout, ReadTimeout time.Duration
}

// DefaultConfig returns the configuration without its endpoint.
func DefaultConfig() Config {
	return Config{MaxConns: 16, DialTimeout: 5 * time.Second, ReadTimeout: 2 * time.Minute}
}

// Validate reports what is missing or cannot be.
func (c Config) Validate() error {
	switch {
	case c.Endpoint == nil:
		return errors.New("store: no endpoint is configured")
	case c.MaxConns < 2:
		return fmt.Errorf("store: %d connections are too few; at least 2 are needed", c.MaxConns)
	case c.DialTimeout <= 0 || c.ReadTimeout <= 0:
		return errors.New("store: timeouts must be longer than nothing")
	}
	return nil
}

// endpoint asks where the server is; not to know means that it is away.
func (c Config) endpoint(ctx context.Context) (Endpoint, error) {
	at, err := c.Endpoint(ctx)
	if err != nil && !errors.Is(err, schemas.ErrUnavailable) {
		err = fmt.Errorf("%w (%w)", schemas.ErrUnavailable, err)
	}
	at.DialTimeout, at.ReadTimeout = cmp.Or(at.DialTimeout, c.DialTimeout), cmp.Or(at.ReadTimeout, c.ReadTimeout)
	return at, err
}
