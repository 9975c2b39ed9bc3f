package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// aPackage is a registry's package with one library in it, and its integrity.
func aPackage(t *testing.T, library []byte) (packed []byte, integrity string) {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	files := tar.NewWriter(zip)
	for name, body := range map[string][]byte{"package/index.js": []byte("no"), "package/libchdb.so": library} {
		header := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(body)), Typeflag: tar.TypeReg}
		if err := files.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(out.Bytes())
	return out.Bytes(), "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// delivers stands for npm: it puts packed into dir and counts its calls.
func delivers(packed []byte, calls *atomic.Int32) func(context.Context, string, string) error {
	return func(_ context.Context, dir, name string) error {
		calls.Add(1)
		if !strings.HasSuffix(name, "@"+release) {
			return errors.New("asked for " + name)
		}
		return os.WriteFile(filepath.Join(dir, "p.tgz"), packed, 0o600)
	}
}

// cached lists the names that a fetch left behind.
func cached(t *testing.T, cache string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(cache, release, platform()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func TestFetchesAtOnceBringOneWholeLibrary(t *testing.T) {
	library := bytes.Repeat([]byte("engine"), 1<<16)
	packed, integrity := aPackage(t, library)
	var calls atomic.Int32
	cfg := FetchConfig{CacheDir: t.TempDir(), Integrity: integrity, Pack: delivers(packed, &calls)}
	killed := filepath.Join(cfg.CacheDir, release, platform(), "fetch-killed")
	if err := os.MkdirAll(killed, 0o700); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			path, err := Fetch(t.Context(), cfg, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, library) {
				t.Errorf("fetched %d bytes (%v), want %d", len(got), err, len(library))
			}
		})
	}
	all.Wait()
	if calls.Load() != 1 {
		t.Errorf("npm ran %d times, want once", calls.Load())
	}
	if left := cached(t, cfg.CacheDir); left != "fetch.lock libchdb.so" {
		t.Errorf("the cache holds %q", left)
	}
	found, err := Find(t.Context(), Config{CacheDir: cfg.CacheDir})
	if err != nil || filepath.Base(found) != "libchdb.so" {
		t.Errorf("Find gives %+v, %v", found, err)
	}
}

func TestAPackageThatIsNotTheOneIsNotUnpacked(t *testing.T) {
	packed, integrity := aPackage(t, []byte("engine"))
	var calls atomic.Int32
	altered := bytes.Clone(packed)
	altered[len(altered)-1]++
	unasked := "must be " + pinned(platform())
	if pinned(platform()) == "" {
		unasked = "no hash of @chdb/lib-" + platform()
	}
	none := func(context.Context, string, string) error { return nil }
	for name, c := range map[string]struct {
		cfg  FetchConfig
		says string
	}{
		"other hash":  {FetchConfig{Integrity: integrity, Pack: delivers(altered, &calls)}, "not unpacked"},
		"pinned hash": {FetchConfig{Pack: delivers(packed, &calls)}, unasked},
		"no package":  {FetchConfig{Integrity: integrity, Pack: none}, "0 packages"},
		"failing pack": {FetchConfig{Integrity: integrity,
			Pack: func(context.Context, string, string) error { return errors.New("broken pipe") }}, "broken pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.CacheDir = t.TempDir()
			_, err := Fetch(t.Context(), c.cfg, nil)
			wantError(t, err, c.says)
			if left := cached(t, c.cfg.CacheDir); left != "fetch.lock" {
				t.Errorf("the cache holds %q, want nothing but the lock", left)
			}
		})
	}
}

func TestATornPackageLeavesNoLibrary(t *testing.T) {
	packed, _ := aPackage(t, bytes.Repeat([]byte("engine"), 1<<16))
	torn := packed[:len(packed)/2]
	sum := sha512.Sum512(torn)
	var calls atomic.Int32
	cfg := FetchConfig{CacheDir: t.TempDir(), Pack: delivers(torn, &calls), Integrity: "sha512-" +
		base64.StdEncoding.EncodeToString(sum[:])}
	if _, err := Fetch(t.Context(), cfg, nil); err == nil {
		t.Fatal("a torn package was unpacked")
	}
	if left := cached(t, cfg.CacheDir); left != "fetch.lock" {
		t.Errorf("the cache holds %q, want nothing but the lock", left)
	}
}

func TestWithoutNpmOrNetworkOneSentenceSaysWhatToDo(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	_, err := Fetch(t.Context(), FetchConfig{CacheDir: t.TempDir(), Integrity: "sha512-x"}, nil)
	wantError(t, err, "npm is needed", "Node.js", "store.engine")
	offline := "#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\necho 'npm error network request failed' >&2\nexit 1\n"
	if err = os.WriteFile(filepath.Join(bin, "npm"), []byte(offline), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = Fetch(t.Context(), FetchConfig{CacheDir: t.TempDir(), Integrity: "sha512-x"}, nil)
	wantError(t, err, "network request failed", "check the network", "store.engine")
}
