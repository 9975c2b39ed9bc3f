package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Deps are what the server works with. Every field is needed but FeedHealth and Alarms.
type Deps struct {
	Access *access.Register
	// Journal takes a row for the journal and does not wait.
	Journal func(schemas.JournalRow)
	// Ready returns the reasons why the program is not ready, such as "the store is away"; none means ready.
	Ready func() []string
	// FeedHealth returns the feeds that have shown life and since when they are silent; nil where nobody watches them.
	FeedHealth func() []schemas.FeedHealth
	// Alarms returns what an admin has to know of now; nil where nothing can raise one.
	Alarms func() []schemas.Alarm
	Now    func() time.Time
	Log    logrus.FieldLogger
	// Metrics is where the server's own figures are registered, and what /metrics shows.
	Metrics *prometheus.Registry
	// Version is shown in the description of the API.
	Version string
	// Help are the topics of /help.
	Help []HelpTopic
}

// Server is all routes and the listener. Make it with New, add routes with Mount, then Run it.
type Server struct {
	config Config
	deps   Deps
	mux    *http.ServeMux
	routes []Route
	nav    []NavItem
	api    huma.API
	// operations has what the description of the API says of each, by id.
	operations map[string]operation
	sessions   *scs.SessionManager
	cross      *http.CrossOriginProtection
	pages      *Pages
	zip        func(http.Handler) http.HandlerFunc
	figures    *figures
	rates      *access.Rates
	// work is what goes on beside the requests: previews and imports of pages.
	work sync.WaitGroup
	// life ends when the server begins to stop, so that streams and work beside the requests end.
	life     context.Context
	stop     context.CancelFunc
	listener net.Listener
	// names are the host names that requests may be for, besides addresses; leaf is the certificate, nil without TLS.
	names map[string]bool
	leaf  *x509.Certificate
}

// New returns a server with all routes of this package; it does not listen yet.
func New(c Config, d Deps) (*Server, error) {
	zip, err := newZip()
	if err = errors.Join(c.Validate(), err); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s := &Server{
		config: c,
		deps:   d,
		mux:    http.NewServeMux(),
		zip:    zip,
		names:  hostNames(&c),
		rates:  access.NewRates(c.Rates),
	}
	s.life, s.stop = context.WithCancel(context.Background())
	s.sessions = newSessions(&c, newMemory(d.Now), s.Fail)
	s.api = newAPI(s)
	var errs [4]error
	s.figures, errs[0] = newFigures(d.Metrics)
	s.cross, errs[1] = crossOrigin(&c)
	s.operations, errs[2] = readOperations()
	s.pages, errs[3] = s.Pages(ownFiles)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return s, errors.Join(s.mountProbes(), s.mountSignIn(), s.mountOpenAPI(), s.mountRules(), s.mountHelp())
}

// Now returns the instant of the server's clock.
func (s *Server) Now() time.Time { return s.deps.Now() }

// Config returns what the server was made with.
func (s *Server) Config() Config { return s.config }

// Metrics returns where features register figures of their own.
func (s *Server) Metrics() *prometheus.Registry { return s.deps.Metrics }

// Log returns where features log what their answers do not say.
func (s *Server) Log() logrus.FieldLogger { return s.deps.Log }

// Go does work beside the requests. Run does not return before it has ended.
func (s *Server) Go(work func()) { s.work.Go(work) }

// Life returns a context that ends when the server begins to stop: what goes on beside the requests, or without an end,
// has to end then.
func (s *Server) Life() context.Context { return s.life }

// UntilStop returns a context that ends with ctx or when the server begins to stop.
func (s *Server) UntilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	end := context.AfterFunc(s.life, cancel)
	return ctx, func() { end(); cancel() }
}

// Listen opens the listener and returns its address; Run calls it unless that has been done.
func (s *Server) Listen(ctx context.Context) (net.Addr, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another http.listen or end the program that has it", s.config.Listen,
			err)
	}
	if s.config.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(s.config.TLSCert, s.config.TLSKey)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read certificate %s and key %s: %w", s.config.TLSCert, s.config.TLSKey, err),
				l.Close())
		}
		s.leaf = cert.Leaf
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
			NextProtos: []string{"h2", "http/1.1"}})
	}
	s.listener = l
	return l.Addr(), nil
}

// Run answers requests until ctx ends, then lets those that are under way finish, ends streams, and gives up on the
// rest after StopTime.
func (s *Server) Run(ctx context.Context) error {
	if s.listener == nil {
		if _, err := s.Listen(ctx); err != nil {
			return err
		}
	}
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       s.config.RequestTime,
		WriteTimeout:      s.config.RequestTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          log.New(quietLog{s.deps.Log}, "", 0),
	}
	ahead := &unused{}
	srv.ConnState = ahead.note
	srv.RegisterOnShutdown(ahead.close)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.listener) }()
	select {
	case err := <-served:
		s.stop()
		return fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
	case <-ctx.Done():
	}
	s.stop()
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.StopTime)
	defer cancel()
	err := srv.Shutdown(stopCtx)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop serving: %w", err), srv.Close())
	}
	s.work.Wait()
	<-served //nolint:errcheck // it says that the server was shut down, as it was asked to
	return err
}

// quietLog hands net/http's own lines (bad handshakes, mostly) to the log at debug level.
type quietLog struct{ log logrus.FieldLogger }

// Write logs one line.
func (q quietLog) Write(b []byte) (int, error) {
	q.log.WithField("text", string(b)).Debug("http server")
	return len(b), nil
}
