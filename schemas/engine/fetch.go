package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pinned is the integrity of the packed library as the registry gives it, by
// platform. Packages exist for linux-arm64-gnu, darwin-arm64 and darwin-x64
// too; until someone has seen theirs, it is given by FetchConfig.Integrity.
func pinned(platform string) string {
	return map[string]string{
		"linux-x64-gnu": "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
	}[platform]
}

// FetchConfig says what Fetch brings and where to.
type FetchConfig struct {
	// CacheDir is where engines are stored; empty means rollcall/engine in the
	// user's cache folder.
	CacheDir string
	// Integrity is "sha512-" and the base64 hash that the package must have;
	// empty means the one that rollcall knows for this platform.
	Integrity string
	// Pack brings the package: it leaves one .tgz in dir. Nil means npm pack.
	Pack func(ctx context.Context, dir, name string) error
}

// Fetch brings the embedded engine into the cache folder and returns its path;
// when it is there already it does nothing else. Progress (nil is allowed) is
// called with each step in a few words. Two fetches at once are safe: the second waits
// and finds the work done. The hash is checked before anything is unpacked, and
// the library appears under its name only when it is whole and on disk.
func Fetch(ctx context.Context, cfg FetchConfig, progress func(message string)) (string, error) {
	if progress == nil {
		progress = func(string) {}
	}
	library, err := libraryPath(cfg.CacheDir)
	if err != nil {
		return "", err
	}
	if cfg.Integrity == "" {
		cfg.Integrity = pinned(platform())
	}
	if cfg.Pack == nil {
		cfg.Pack = npmPack
	}
	if err = os.MkdirAll(filepath.Dir(library), 0o700); err != nil {
		return "", explain(filepath.Dir(library), "make the cache folder", err)
	}
	unlock, err := lockCache(ctx, filepath.Dir(library), progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(library); err == nil {
		progress("engine is there: " + library)
		return library, nil
	}
	return library, bring(ctx, cfg, library, progress)
}

// lockCache takes the lock of a cache folder, waiting for another fetch.
func lockCache(ctx context.Context, dir string, progress func(string)) (unlock func(), err error) {
	//nolint:gosec // our cache folder
	lock, err := os.OpenFile(filepath.Join(dir, "fetch.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explain(dir, "open its lock", err)
	}
	said := false
	for {
		err := tryLock(lock)
		if err == nil {
			return func() { _ = lock.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(explain(dir, "lock it", err), lock.Close())
		}
		if !said {
			said = true
			progress("waiting for another process that fetches the engine")
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, errors.Join(fmt.Errorf("wait for another fetch into %s: %w", dir, err), lock.Close())
		}
	}
}

// bring fetches, checks and unpacks into a folder beside the library, which is
// removed whatever happens.
func bring(ctx context.Context, cfg FetchConfig, library string, progress func(string)) (err error) {
	name := "@chdb/lib-" + platform() + "@" + release
	if cfg.Integrity == "" {
		return fmt.Errorf("no hash of %s is known, so it cannot be checked: install ClickHouse %s or later and set "+
			"store.engine to its program", name, oldest)
	}
	dir := filepath.Dir(library)
	if err = removeTorn(dir); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return explain(dir, "make a folder to fetch into", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	progress("fetching " + name + " with npm (about 180 MB, once)")
	if err = cfg.Pack(ctx, work, name); err != nil {
		return err
	}
	packed, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil {
		return fmt.Errorf("fetch %s: find the package: %w", name, err)
	}
	if len(packed) != 1 {
		return fmt.Errorf("fetch %s: npm left %d packages instead of one in %s", name, len(packed), work)
	}
	progress("checking its hash")
	if err := checkIntegrity(packed[0], cfg.Integrity); err != nil {
		return fmt.Errorf("fetch %s: %w", name, err)
	}
	progress("unpacking " + library)
	return explain(dir, "unpack the engine", unpack(ctx, packed[0], filepath.Join(work, "library"), library))
}

// removeTorn removes what killed fetches left; we hold the lock, so none is running.
func removeTorn(dir string) error {
	torn, err := filepath.Glob(filepath.Join(dir, "fetch-*"))
	for _, path := range torn {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return explain(dir, "remove an unfinished fetch", err)
}

// npmPack runs npm pack in dir.
func npmPack(ctx context.Context, dir, name string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("npm is needed once to fetch the embedded ClickHouse engine and was not found: install Node.js, "+
			"or set store.engine to a clickhouse program of %s or later", oldest)
	}
	var said bytes.Buffer
	//nolint:gosec // npm, as found on the PATH
	cmd := exec.CommandContext(ctx, npm, "pack", name, "--pack-destination", dir, "--ignore-scripts",
		"--no-update-notifier", "--loglevel=error")
	cmd.Dir, cmd.Stderr = dir, &said
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("fetch %s: npm pack failed (%s); check the network and npm's registry and run it again, or set "+
			"store.engine to a clickhouse program of %s or later: %w", name, firstLine(said.String()), oldest, err)
	}
	return nil
}

// firstLine returns the first line of npm's complaint that is more than a code.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "npm error"))
		if line != "" && !strings.HasPrefix(line, "code ") {
			return line
		}
	}
	return "it said nothing"
}

// checkIntegrity compares a file with "sha512-" and a base64 hash, the form of
// package registries (W3C Subresource Integrity).
func checkIntegrity(file, want string) error {
	f, err := os.Open(file) //nolint:gosec // a file that we have just fetched
	if err != nil {
		return fmt.Errorf("check its hash: %w", err)
	}
	defer func() { _ = f.Close() }()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("check its hash: %w", err)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("its hash is %s, but must be %s: it was not unpacked; fetch again, and if that repeats do not "+
			"trust the registry", got, want)
	}
	return nil
}

// unpack writes the library out of a package to temp, syncs it and renames it
// to its name.
func unpack(ctx context.Context, packed, temp, library string) error {
	f, err := os.Open(packed) //nolint:gosec // checked by its hash
	if err != nil {
		return fmt.Errorf("open package: %w", err)
	}
	defer func() { _ = f.Close() }()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read package: %w", err)
	}
	files := tar.NewReader(plain)
	for {
		header, err := files.Next()
		if err != nil {
			return fmt.Errorf("find the library in the package: %w", err)
		}
		if header.Typeflag == tar.TypeReg && isLibrary(path.Base(header.Name)) {
			break
		}
	}
	if err := writeSynced(ctx, temp, files); err != nil {
		return err
	}
	if err := os.Rename(temp, library); err != nil {
		return fmt.Errorf("name the library: %w", err)
	}
	return syncDir(filepath.Dir(library))
}

func writeSynced(ctx context.Context, name string, from io.Reader) error {
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in our cache folder
	if err != nil {
		return fmt.Errorf("make the library's file: %w", err)
	}
	_, err = io.Copy(to, &readUntil{ctx: ctx, from: from})
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return fmt.Errorf("write the library: %w", err)
	}
	return nil
}

// readUntil stops reading when its context ends.
type readUntil struct {
	ctx  context.Context //nolint:containedctx // a reader has no other way to learn of it
	from io.Reader
}

func (r *readUntil) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // our cache folder
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
