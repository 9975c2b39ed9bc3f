package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rollcall/schemas"
)

// fileName is the name of the credentials' file in store.dir.
const fileName = "access.json"

// File is the copy of all credentials on disk: hashes, never secrets.
type File struct{ path string }

// NewFile returns the file access.json of the folder; nothing is touched yet.
func NewFile(dir string) *File { return &File{filepath.Join(dir, fileName)} }

// errDamaged is wrapped by Load when the file is not what Replace wrote.
var errDamaged = errors.New("the file is damaged")

// content is the form of the file. The sum is SHA-256 in hex over the compact JSON of Credentials.
type content struct {
	Format      int             `json:"format"`
	SHA256      string          `json:"sha256"`
	Credentials json.RawMessage `json:"credentials"`
}

const fileFormat = 1

// Load reads the credentials. A file that does not exist holds none. A damaged one wraps errDamaged and says what
// helps.
func (f *File) Load() ([]schemas.Credential, error) {
	b, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the credentials: %w; let this user read %s", err, f.path)
	}
	list, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("read the credentials in %s: %w (%w); it is written again from the store once ClickHouse "+
			"answers",
			f.path, errDamaged, err)
	}
	if err := os.Chmod(f.path, 0o600); err != nil {
		return nil, fmt.Errorf("keep %s from other users: %w", f.path, err)
	}
	return list, nil
}

func decode(b []byte) ([]schemas.Credential, error) {
	var c content
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, err
	}
	if c.Format != fileFormat {
		return nil, fmt.Errorf("format %d where %d is known", c.Format, fileFormat)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, c.Credentials); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(compact.Bytes()); hex.EncodeToString(sum[:]) != c.SHA256 {
		return nil, errors.New("its checksum does not match")
	}
	var list []schemas.Credential
	return list, json.Unmarshal(c.Credentials, &list)
}

func encode(list []schemas.Credential) ([]byte, error) {
	if list == nil {
		list = []schemas.Credential{}
	}
	rows, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(rows)
	return json.Marshal(content{Format: fileFormat, SHA256: hex.EncodeToString(sum[:]), Credentials: rows})
}

// Replace writes the credentials so that after a crash at any moment the file holds either the old ones or the new
// ones, whole: new file, fsync, rename, fsync of the folder.
func (f *File) Replace(list []schemas.Credential) error {
	b, err := encode(list)
	if err != nil {
		return fmt.Errorf("write the credentials: %w", err)
	}
	if err := f.replace(b); err != nil {
		return fmt.Errorf("write the credentials to %s: %w; make room and let this user write to the folder", f.path, err)
	}
	return nil
}

func (f *File) replace(b []byte) (err error) {
	dir := filepath.Dir(f.path)
	t, err := os.CreateTemp(dir, "."+fileName+"-*") // mode 0600 by itself
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, discard(t))
		}
	}()
	if _, err := t.Write(b); err != nil {
		return err
	}
	if err := t.Sync(); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	if err := os.Rename(t.Name(), f.path); err != nil {
		return err
	}
	return syncDir(dir)
}

// discard closes and removes a file that is not wanted any more; that it is closed or gone already is no error.
func discard(t *os.File) error {
	closing, removing := t.Close(), os.Remove(t.Name())
	if errors.Is(closing, os.ErrClosed) {
		closing = nil
	}
	if errors.Is(removing, fs.ErrNotExist) {
		removing = nil
	}
	return errors.Join(closing, removing)
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the folder that the operator configured
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
