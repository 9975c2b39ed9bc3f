package engine

import (
	"crypto/rand"
	"crypto/sha256"
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
	return strings.NewReplacer(
		"{memory}", memory, "{durable}", durableSettings(cfg.Durable),
		"{log}", escape(filepath.Join(engineDir(cfg.Dir), "engine.log")),
		"{users}", escape(filepath.Join(engineDir(cfg.Dir), "users.xml")),
	).Replace(`<clickhouse>
  <logger><level>information</level><log>{log}</log><size>4M</size><count>2</count></logger>
  <users_config>{users}</users_config>
  <timezone>UTC</timezone>
  {memory}
  <mark_cache_size>67108864</mark_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <primary_index_cache_size>67108864</primary_index_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <compiled_expression_cache_size>16777216</compiled_expression_cache_size>
  <text_index_postings_cache_size>16777216</text_index_postings_cache_size>
  <vector_similarity_index_cache_size>16777216</vector_similarity_index_cache_size>
  <max_connections>256</max_connections>
  <background_schedule_pool_size>16</background_schedule_pool_size>
  <background_schedule_pool_max_parallel_tasks_per_type_ratio>1</background_schedule_pool_max_parallel_tasks_per_type_ratio>
  {durable}
</clickhouse>
`)
}

// durableSettings makes inserts and merges reach the disk, files and folders.
// Merges belong to it: they replace parts that were already safe.
func durableSettings(durable bool) string {
	if !durable {
		return "<merge_tree><fsync_after_insert>0</fsync_after_insert></merge_tree>"
	}
	return `<merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <min_rows_to_fsync_after_merge>1</min_rows_to_fsync_after_merge>
    <min_compressed_bytes_to_fsync_after_merge>1</min_compressed_bytes_to_fsync_after_merge>
  </merge_tree>`
}

// userSettings keeps default, which the child's own session needs, but leaves
// it nothing to read, and adds our user with everything.
func userSettings(as credentials) string {
	sum := sha256.Sum256([]byte(as.Password))
	return strings.NewReplacer("{user}", as.User, "{sha256}", hex.EncodeToString(sum[:])).Replace(`<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT SELECT ON system.numbers</query>
      </grants>
    </default>
    <{user}>
      <password_sha256_hex>{sha256}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </{user}>
  </users>
</clickhouse>
`)
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
