package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rollcall/schemas"
)

// remote is a running daemon as commands call it.
type remote struct {
	url, token string
	client     http.Client
}

// flags declares --url and --token.
func (d *remote) flags(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&d.url, "url", "",
		"address of the running daemon (default $ROLLCALL_URL, else the one configured)")
	cmd.PersistentFlags().StringVar(&d.token, "token", "", "token to call it with (default $ROLLCALL_TOKEN)")
}

// find settles address and token: flag, environment, configuration.
func (d *remote) find(g *globals) error {
	if err := g.checkOutput(); err != nil {
		return err
	}
	d.token = cmp.Or(d.token, os.Getenv("ROLLCALL_TOKEN"))
	d.url = cmp.Or(d.url, os.Getenv("ROLLCALL_URL"))
	if d.url == "" {
		c, err := g.config()
		if err != nil {
			return err
		}
		scheme := "http://"
		if c.HTTP.TLSCert != "" {
			scheme = "https://"
		}
		d.url = cmp.Or(c.HTTP.PublicURL, scheme+c.HTTP.Listen)
	}
	u, err := url.Parse(d.url)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return badInputf("%q is no address of a daemon; write it like http://127.0.0.1:8080", d.url)
	}
	d.url = strings.TrimSuffix(d.url, "/")
	return nil
}

// onDaemon runs a command on the daemon.
func (d *remote) onDaemon(g *globals, run runE) runE {
	return func(cmd *cobra.Command, args []string) error {
		if err := d.find(g); err != nil {
			return err
		}
		return run(cmd, args)
	}
}

// answerWithin bounds every call but streams.
const answerWithin = 30 * time.Second

// call makes a request with a JSON body, unless that is nil, and reads the answer into the value that into points to.
func (d *remote) call(ctx context.Context, method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
		sent = bytes.NewReader(b)
	}
	resp, err := d.open(ctx, method, path, sent)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // all is read
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", d.url, err)
	}
	return nil
}

// open makes a request; whoever calls it closes the body. An answer that does not say that it was done is an error.
func (d *remote) open(ctx context.Context, method, path string, body io.Reader, header ...string) (*http.Response,
	error) {
	r, err := http.NewRequestWithContext(ctx, method, d.url+path, body)
	if err != nil {
		return nil, badInputf("%s is no address of a daemon: %w", d.url, err)
	}
	if d.token != "" {
		r.Header.Set("Authorization", "Bearer "+d.token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, d.away(err)
	}
	if resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusAccepted {
		return resp, nil
	}
	defer resp.Body.Close() //nolint:errcheck // all that is wanted is read
	return nil, d.refused(resp)
}

// awayError says that no daemon answers.
type awayError struct {
	url string
	err error
}

func (e *awayError) Error() string {
	return fmt.Sprintf("no daemon answers at %s (%v); start one with `rollcall serve`, or say with --url or "+
		"ROLLCALL_URL where it is", e.url, e.err)
}

func (e *awayError) Unwrap() error { return e.err }

// away makes the error of a request that had no answer.
func (d *remote) away(err error) error {
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if op := new(net.OpError); errors.As(err, &op) {
		err = op.Err
	}
	return &awayError{d.url, err}
}

// refused makes the error of an answer that says that it was not done.
func (d *remote) refused(resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // another type is reported below
	var p schemas.Problem
	if kind != schemas.ProblemType || json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p) != nil {
		return fmt.Errorf("%s answers %s, and not as a rollcall daemon does; is --url right?", d.url, resp.Status)
	}
	text := p.Detail
	for _, e := range p.Errors {
		if !strings.Contains(text, e.Message) {
			_, place, _ := strings.Cut(e.Location, ".")
			text = strings.TrimPrefix(text+"; "+place+" "+e.Message, "validation failed; ")
		}
	}
	err := errors.New(text)
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		return badInputf("%w; make a token with `rollcall token create` and give it with --token or ROLLCALL_TOKEN", err)
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
		return badInput(err)
	}
	return err
}
