package chstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/jackc/puddle/v2"

	"rollcall/schemas"
)

// What can be wrong with the store beyond one statement, besides [schemas.ErrUnavailable]. Each says what to do next;
// the errors of a [Store] wrap them around what the server or the network said.
var (
	// ErrLogOn: trying again does not help, and may lock the account.
	ErrLogOn = errors.New("the store refuses this user or password; correct them in store.url")
	// ErrNoDatabase: [Store.Migrate] creates the database where the user may.
	ErrNoDatabase = errors.New(
		"the store has no such database; correct its name in store.url or run `rollcall migrate up`")
	// ErrReadOnly: the user lacks a right, which is mostly the right to write.
	ErrReadOnly = errors.New("the store does not let this user do that; " +
		"grant the user SELECT, INSERT, ALTER, CREATE and DROP on the database, or name another user in store.url")
	// ErrMemory: the statement needed more memory than the server or the user has.
	ErrMemory = errors.New("the store ran out of memory; ask for fewer agents or days at once, or give the server more " +
		"memory")
	// ErrTLS: the server's certificate is not trusted, the server refuses ours, or it does not speak TLS.
	ErrTLS = errors.New("no TLS connection to the store comes about; correct secure, ca_file, cert_file and key_file in " +
		"store.url")
)

// ErrStop may be returned by a yield function to end a read early without an error.
var ErrStop = errors.New("stop reading")

// serverCodes are the codes of a server's exceptions that stand for one of the errors above. Those of
// [schemas.ErrUnavailable] come from a server that cannot reach the others of its cluster.
var serverCodes = map[error][]int32{
	schemas.ErrUnavailable: {32, 209, 210, 279},
	ErrLogOn:               {192, 193, 194, 516},
	ErrNoDatabase:          {81},
	ErrReadOnly:            {164, 497},
	ErrMemory:              {241},
}

// explain wraps what went wrong in the error that says what to do, if there is one. Whoever gave up gets their own
// error.
func explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	kind := kindOf(err)
	if kind == nil || errors.Is(err, kind) {
		return err
	}
	return fmt.Errorf("%w (%w)", kind, err)
}

func kindOf(err error) error {
	if code, answered := serverCode(err); answered {
		for kind, codes := range serverCodes {
			if slices.Contains(codes, code) {
				return kind
			}
		}
		return nil
	}
	var (
		untrusted *tls.CertificateVerificationError
		plain     tls.RecordHeaderError
		op        *net.OpError
		network   net.Error
	)
	switch {
	case errors.Is(err, ErrNoDatabase):
		return ErrNoDatabase
	case errors.Is(err, ErrTLS), errors.As(err, &untrusted), errors.As(err, &plain),
		errors.As(err, &op) && op.Op == "remote error": // an alert
		return ErrTLS
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed),
		errors.Is(err, ch.ErrClosed), errors.Is(err, clickhouse.ErrAcquireConnTimeout), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE),
		errors.Is(err, puddle.ErrClosedPool): // another call has found the server elsewhere
		return schemas.ErrUnavailable
	}
	return nil
}

// serverCode returns the code of the exception that a server answered with.
func serverCode(err error) (int32, bool) {
	var row *clickhouse.Exception
	if errors.As(err, &row) {
		return row.Code, true
	}
	if column, ok := ch.AsException(err); ok {
		return int32(column.Code), true //nolint:gosec // codes of errors are small
	}
	return 0, false
}

// stoppable turns ErrStop into nil.
func stoppable(err error) error {
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}

// wrap says what was tried; it leaves nil alone.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
