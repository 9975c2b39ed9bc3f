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
	o := &Opened{}
	find, err := o.endpoint(ctx, c, log, waiting)
	if err != nil {
		return nil, err
	}
	cfg := chstore.DefaultConfig()
	cfg.Endpoint = find
	if o.Store, err = chstore.New(cfg); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	if _, err := o.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bringing the schema up to date: %w", err), o.Close())
	}
	return o, nil
}

// endpoint returns where the store is; it starts or joins the embedded engine where no server is configured.
func (o *Opened) endpoint(ctx context.Context, c config.Config, log logrus.FieldLogger,
	waiting func(string)) (func(context.Context) (chstore.Endpoint, error), error) {
	if c.Store.URL != config.Embedded {
		at, err := chstore.ParseURL(c.Store.URL)
		return chstore.Fixed(at), err
	}
	ec := engineConfig(c)
	e, err := engine.Open(ctx, ec, engine.Deps{Log: log, Waiting: waiting})
	if err != nil {
		return nil, err
	}
	o.engine = e
	return embedded(e), nil
}

func engineConfig(c config.Config) engine.Config {
	ec := engine.DefaultConfig()
	ec.Dir, ec.Engine = c.Store.Dir, c.Store.Engine
	return ec
}

// embedded asks the engine where it is, for every new connection.
func embedded(e *engine.Engine) func(context.Context) (chstore.Endpoint, error) {
	return func(context.Context) (chstore.Endpoint, error) {
		at, ok := e.Endpoint()
		if !ok {
			return chstore.Endpoint{}, errEngineAway
		}
		return chstore.Endpoint{Addr: at.Addr, User: at.User, Password: at.Password}, nil
	}
}

var errEngineAway = fmt.Errorf("the embedded engine is starting or away: %w", chstore.ErrUnavailable)

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
