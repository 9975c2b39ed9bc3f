package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// release is the version of the chDB library that Fetch brings and that
// rollcall is tested with.
const release = "26.7.3-stable.1"

// oldest is the first version of ClickHouse that can listen in local mode.
const oldest = "26.6"

// Find returns the path of what to start: cfg.Engine, a clickhouse program or a chDB library, when it is set, else the
// fetched library. The error says in one sentence what to do. The version of a program is checked here, that of a
// library when it first answers.
func Find(ctx context.Context, cfg Config) (string, error) {
	if cfg.Engine != "" {
		return findNamed(ctx, cfg.Engine)
	}
	path, err := libraryPath(cfg.CacheDir)
	if err != nil {
		return "", backoff.Permanent(err)
	}
	if _, err := os.Stat(path); err != nil {
		return "", permanent("no ClickHouse engine found (%s): run `make engine` or `rollcall engine fetch` once, or set "+
			"store.engine to a libchdb library or a clickhouse program", path)
	}
	return path, nil
}

func findNamed(ctx context.Context, named string) (string, error) {
	path, err := exec.LookPath(named)
	if isLibrary(named) {
		path, err = named, nil
	}
	if err != nil {
		return "", permanent("store.engine %s is not a libchdb library or a program that can be run: %w", named, err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", fmt.Errorf("find store.engine %s: %w", named, err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", permanent("store.engine %s does not exist: correct it, or leave it out and run `make engine`", named)
	case err != nil:
		return "", permanent("look at store.engine: %w", err)
	case !info.Mode().IsRegular():
		return "", permanent("store.engine %s is not a file: name the libchdb library or the clickhouse program itself",
			named)
	case isLibrary(path):
		return path, nil
	}
	return path, checkProgram(ctx, path)
}

// isLibrary reports whether a name is that of a library, as in libchdb.so,
// libchdb.so.26 and libchdb.dylib.
func isLibrary(path string) bool {
	name := filepath.Base(path)
	return strings.HasSuffix(name, ".so") || strings.Contains(name, ".so.") || strings.HasSuffix(name, ".dylib")
}

var programVersion = regexp.MustCompile(`version (\d+\.\d+)`)

// checkProgram asks a clickhouse program for its version.
func checkProgram(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, path, "local", "--version").Output()
	if err != nil {
		return permanent("store.engine: ask %s for its version: %w", path, err)
	}
	found := programVersion.FindSubmatch(said)
	if found == nil {
		return permanent("store.engine %s is no clickhouse program: `local --version` says %.80q", path, said)
	}
	if !recent(string(found[1])) {
		return permanent("store.engine %s is ClickHouse %s, rollcall needs %s or later: install a newer one, or leave "+
			"store.engine out and run `make engine`", path, found[1], oldest)
	}
	return nil
}

// recent reports whether a "major.minor" is at least the oldest we can use.
func recent(version string) bool {
	major, minor := parts(version)
	needMajor, needMinor := parts(oldest)
	return major > needMajor || major == needMajor && minor >= needMinor
}

func parts(version string) (major, minor int) {
	first, second, _ := strings.Cut(version, ".")
	major, _ = strconv.Atoi(first)
	minor, _ = strconv.Atoi(second)
	return major, minor
}

// platform is this machine in the words of the chDB packages.
func platform() string {
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	if runtime.GOOS == "linux" {
		return "linux-" + arch + "-gnu"
	}
	return runtime.GOOS + "-" + arch
}

// libraryPath is where the fetched library lies; cache may be empty for the
// user's own cache folder.
func libraryPath(cache string) (string, error) {
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the user's cache folder (set HOME or XDG_CACHE_HOME, or store.engine): %w", err)
		}
		cache = filepath.Join(user, "rollcall", "engine")
	}
	return filepath.Join(cache, release, platform(), "libchdb.so"), nil
}
