package chstore

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/churl"

	"rollcall/schemas"
)

// defaultDatabase is the database where an endpoint names none.
const defaultDatabase = "rollcall"

// Endpoint says where a ClickHouse server listens for its native protocol and who logs on. It is all that both clients
// know.
type Endpoint struct {
	// Addr is host:port, or several with commas: the next is tried where one does not answer.
	Addr           string
	User, Password string
	// Database is defaultDatabase when empty.
	Database string
	// Secure asks for TLS; SkipVerify accepts any certificate.
	Secure, SkipVerify bool
	// CAFile holds the authorities to trust (PEM) instead of the system's; CertFile and KeyFile are our own certificate.
	CAFile, CertFile, KeyFile string
	// Compress is how blocks are packed on the way: none ("" too), lz4 or zstd.
	Compress string
	// Settings are the server's settings of every query, as in a URL: max_memory_usage=1000000&max_threads=2.
	Settings string
	// DialTimeout bounds making a connection to one address, ReadTimeout the silence of a server at work; 0 leaves what
	// [Config] says.
	DialTimeout, ReadTimeout time.Duration
}

// String shows the endpoint without its password.
func (e Endpoint) String() string { return fmt.Sprintf("%s@%s/%s", e.User, e.Addr, e.database()) }

func (e Endpoint) database() string {
	if e.Database == "" {
		return defaultDatabase
	}
	return e.Database
}

const urlForm = "clickhouse://user:pass@host:9000/db?secure=true"

// ParseURL reads store.url: clickhouse://user:pass@host:9000,other:9000/db?secure=true. A port that is left out is
// 9000, with secure=true 9440. The parameters are those of [Endpoint] in lower case (secure, skip_verify, ca_file,
// cert_file, key_file, compress, dial_timeout, read_timeout) and setting.NAME for a setting of the server; another one
// is an error that names the nearest.
func ParseURL(raw string) (Endpoint, error) {
	u, err := churl.Parse(raw)
	if err != nil {
		return Endpoint{}, errors.New("store url cannot be read; write " + urlForm)
	}
	if u.Scheme != "clickhouse" || u.Hostname() == "" {
		return Endpoint{}, fmt.Errorf("store url %q names no server; write %s", u.Redacted(), urlForm)
	}
	e := Endpoint{User: u.User.Username(), Database: strings.TrimPrefix(u.Path, "/")}
	e.Password, _ = u.User.Password()
	settings := url.Values{}
	for key, values := range u.Query() {
		value := values[len(values)-1]
		if name, ok := strings.CutPrefix(key, "setting."); ok {
			settings.Set(name, value)
		} else if err := e.set(key, value); err != nil {
			return Endpoint{}, fmt.Errorf("store url: %w", err)
		}
	}
	e.Settings = settings.Encode()
	port := "9000"
	if e.Secure {
		port = "9440"
	}
	var addresses []string
	for host := range strings.SplitSeq(u.Host, ",") {
		addresses = append(addresses, withPort(host, port))
	}
	e.Addr = strings.Join(addresses, ",")
	return e, e.check()
}

func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// set takes one parameter of the URL.
func (e *Endpoint) set(key, value string) (err error) {
	parameters := map[string]any{
		"secure":       &e.Secure,
		"skip_verify":  &e.SkipVerify,
		"ca_file":      &e.CAFile,
		"cert_file":    &e.CertFile,
		"key_file":     &e.KeyFile,
		"compress":     &e.Compress,
		"dial_timeout": &e.DialTimeout,
		"read_timeout": &e.ReadTimeout,
	}
	switch at := parameters[key].(type) {
	case *bool:
		if *at, err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%s=%s is neither true nor false", key, value)
		}
	case *time.Duration:
		if *at, err = time.ParseDuration(value); err != nil || *at <= 0 {
			return fmt.Errorf("%s=%s is not a length of time; write 5s", key, value)
		}
	case *string:
		*at = value
	default:
		known := slices.Sorted(maps.Keys(parameters))
		return fmt.Errorf("parameter %q is not known; %s and setting.NAME are%s", key, strings.Join(known, ", "),
			schemas.DidYouMean(key, known))
	}
	return nil
}

// check reports parameters that do not go together.
func (e *Endpoint) check() error {
	switch {
	case !slices.Contains([]string{"", "none", "lz4", "zstd"}, e.Compress):
		return fmt.Errorf("store url: compress=%s is none of none, lz4, zstd", e.Compress)
	case !e.Secure && (e.SkipVerify || e.CAFile != "" || e.CertFile != "" || e.KeyFile != ""):
		return errors.New("store url: skip_verify, ca_file, cert_file and key_file need secure=true")
	case (e.CertFile == "") != (e.KeyFile == ""):
		return errors.New("store url: cert_file and key_file go together")
	}
	return nil
}
