package engine

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// userName is the user that rollcall logs on as; default may only listen.
const userName = "rollcall"

// credentials are made new by every owner of the folder.
type credentials struct{ User, Password string }

func newCredentials() credentials {
	return credentials{User: userName, Password: rand.Text()}
}

// The two configuration files, with {names} for what is filled in.
var (
	//go:embed config.xml.tmpl
	configTemplate string
	//go:embed users.xml.tmpl
	usersTemplate string
)

func engineDir(dir string) string  { return filepath.Join(dir, "engine") }
func configPath(dir string) string { return filepath.Join(engineDir(dir), "config.xml") }
func dataPath(dir string) string   { return filepath.Join(engineDir(dir), "data") }

// writeSettings writes ClickHouse's two configuration files with mode 0600.
func writeSettings(cfg Config, as credentials) error {
	if err := os.MkdirAll(engineDir(cfg.Dir), 0o700); err != nil {
		return explain(cfg.Dir, "make the engine's folder", err)
	}
	files := map[string]string{"config.xml": serverSettings(cfg), "users.xml": userSettings(as)}
	for name, text := range files {
		if err := writeFile(filepath.Join(engineDir(cfg.Dir), name), []byte(text)); err != nil {
			return explain(cfg.Dir, "write the engine's settings", err)
		}
	}
	return nil
}

// serverSettings keeps the engine small (caches of tens of megabytes where
// ClickHouse takes gigabytes), its log bounded and its clock in UTC.
func serverSettings(cfg Config) string {
	memory := "<max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>"
	if cfg.MemoryBytes > 0 {
		memory = fmt.Sprintf("<max_server_memory_usage>%d</max_server_memory_usage>", cfg.MemoryBytes)
	}
	durable := "0"
	if cfg.Durable {
		durable = "1"
	}
	return strings.NewReplacer(
		"{memory}", memory, "{durable}", durable,
		"{log}", escape(filepath.Join(engineDir(cfg.Dir), "engine.log")),
		"{users}", escape(filepath.Join(engineDir(cfg.Dir), "users.xml")),
	).Replace(configTemplate)
}

// userSettings keeps default, which the child's own session needs, but leaves
// it nothing to read, and adds our user with everything.
func userSettings(as credentials) string {
	sum := sha256.Sum256([]byte(as.Password))
	return strings.NewReplacer("{user}", as.User, "{sha256}", hex.EncodeToString(sum[:])).Replace(usersTemplate)
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// arguments are what clickhouse local is started with: listen on a port of 127.0.0.1 for the native protocol, then
// sleep for ever, because the process ends with its query.
func arguments(dir string, port int) []string {
	return []string{
		"--path", dataPath(dir), "--config-file", configPath(dir),
		"--listen_host=127.0.0.1", fmt.Sprintf("--tcp_port=%d", port),
		"--log-level=information", "--logger.console",
		"--query", "SYSTEM START LISTEN TCP; SELECT sleepEachRow(1) FROM system.numbers " +
			"SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=0 FORMAT Null",
	}
}
