package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/cmd/internal/config"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
	"rollcall/schemas/engine"
)

// Clock returns the time of the machine.
func Clock() time.Time { return time.Now() }

// Now returns the present instant.
func Now() schemas.Instant { return schemas.InstantOf(Clock()) }

// Opened is the store as one command has it: connected, with a schema that the program knows.
type Opened struct {
	*chstore.Store
	engine *engine.Engine
}

// OpenStore connects to the configured store for the length of a command: to the server, to the engine of a running
// daemon, or to an engine that is started for it. waiting is called when another command has to end first. The schema
// is brought up to date.
func OpenStore(ctx context.Context, c config.Config, log logrus.FieldLogger, waiting func(string)) (*Opened, error) {
	s, e, err := connect(c, func(ec engine.Config) (*engine.Engine, error) {
		return engine.Open(ctx, ec, engine.Deps{Log: log, Waiting: waiting})
	})
	o := &Opened{s, e}
	if err == nil {
		if _, err = s.Migrate(ctx); err != nil {
			err = fmt.Errorf("bringing the schema up to date: %w", err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

// connect makes the connection to the configured store. Where no server is configured it goes to the embedded engine,
// which open makes; it is asked where it is for every new connection.
func connect(c config.Config, open func(engine.Config) (*engine.Engine, error)) (*chstore.Store, *engine.Engine,
	error) {
	cfg := chstore.DefaultConfig()
	if c.Store.URL != config.Embedded {
		at, err := chstore.ParseURL(c.Store.URL)
		if err != nil {
			return nil, nil, fmt.Errorf("store.url: %w", err)
		}
		cfg.Endpoint = chstore.Fixed(at)
		s, err := chstore.New(cfg)
		return s, nil, err
	}
	ec := engine.DefaultConfig()
	ec.Dir, ec.Engine = c.Store.Dir, c.Store.Engine
	e, err := open(ec)
	if err != nil {
		return nil, nil, err
	}
	cfg.Endpoint = func(context.Context) (chstore.Endpoint, error) {
		at, ok := e.Endpoint()
		if !ok {
			return chstore.Endpoint{}, errEngineAway
		}
		return chstore.Endpoint{Addr: at.Addr, User: at.User, Password: at.Password}, nil
	}
	s, err := chstore.New(cfg)
	return s, e, err
}

var errEngineAway = fmt.Errorf("the embedded engine is starting or away: %w", schemas.ErrUnavailable)

// Close disconnects, and ends the engine if it was started for this command.
func (o *Opened) Close() error {
	var errs []error
	if o.Store != nil {
		errs = append(errs, o.Store.Close())
	}
	if o.engine != nil {
		errs = append(errs, o.engine.Close())
	}
	return errors.Join(errs...)
}
