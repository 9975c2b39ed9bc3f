package engine

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// probeTimeout bounds one health check. It is generous, because a machine that
// is busy merging is not a reason to kill the engine.
const probeTimeout = 5 * time.Second

// Packet codes and the revision we claim, from ClickHouse's native protocol
// (clickhouse.com/docs/native-protocol/basics). The revision is old enough that
// nothing must follow the greeting and new enough to get the version.
const (
	packetHello      = 0
	packetException  = 2
	protocolRevision = 54401
)

// probe greets the engine as its user and returns nil when it greets back.
func probe(ctx context.Context, at Endpoint, timeout time.Duration) error {
	_, err := greet(ctx, at, timeout)
	return err
}

// greet opens a connection, says hello and returns the version of the server
// as "major.minor".
func greet(ctx context.Context, at Endpoint, timeout time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", at.Addr)
	if err != nil {
		return "", fmt.Errorf("greet engine: %w", err)
	}
	defer func() { _ = conn.Close() }()
	unhook := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer unhook()
	if _, err = conn.Write(helloPacket(at)); err != nil {
		return "", fmt.Errorf("greet engine at %s: %w", at.Addr, err)
	}
	version, err := readHello(bufio.NewReader(conn))
	if err != nil {
		return "", fmt.Errorf("greet engine at %s: %w", at.Addr, err)
	}
	return version, nil
}

func helloPacket(at Endpoint) []byte {
	text := func(b []byte, s string) []byte { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	b := binary.AppendUvarint(nil, packetHello)
	b = text(b, "rollcall probe")
	b = binary.AppendUvarint(b, 1)
	b = binary.AppendUvarint(b, 0)
	b = binary.AppendUvarint(b, protocolRevision)
	b = text(b, "")
	b = text(b, at.User)
	return text(b, at.Password)
}

func readHello(r *bufio.Reader) (string, error) {
	code, err := binary.ReadUvarint(r)
	if err != nil {
		return "", fmt.Errorf("read greeting: %w", err)
	}
	if code == packetException {
		return "", errors.New("the engine refuses its own user")
	}
	if code != packetHello {
		return "", fmt.Errorf("packet %d instead of a greeting: something else listens there", code)
	}
	name, err := binary.ReadUvarint(r)
	if err != nil || name > 1<<10 {
		return "", fmt.Errorf("read server name of %d bytes: %w", name, err)
	}
	if _, err := io.CopyN(io.Discard, r, int64(name)); err != nil {
		return "", fmt.Errorf("read server name: %w", err)
	}
	major, err1 := binary.ReadUvarint(r)
	minor, err2 := binary.ReadUvarint(r)
	if err := errors.Join(err1, err2); err != nil {
		return "", fmt.Errorf("read server version: %w", err)
	}
	return fmt.Sprintf("%d.%d", major, minor), nil
}

// refused reports whether nothing listens at all, which is certain, unlike an
// answer that is merely late.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
