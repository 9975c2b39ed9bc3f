package spool

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"syscall"
)

// errPower is what every call to a disk without power returns.
var errPower = errors.New("the power is off")

// disk is a folder that loses what was not synced when its power is cut: the bytes of files, and the names in the
// folder.
type disk struct {
	mu sync.Mutex
	// names are what a process sees; durable is what the folder held when it was last synced.
	names, durable map[string]*inode
	locked         bool
	// fuse counts down with every call; at 0 the power goes, in the middle of the call. Below 0 it never does.
	fuse int
	off  bool
	// pick chooses between 0 and n-1.
	pick func(n int) int
	// room is how many bytes still fit; below 0 there is no limit.
	room int
	made int // files ever
	// fail is what every writing call returns, if anything; syncFail is for Sync alone.
	fail, syncFail error
}

// inode is a file: what is surely on the platter, and what was done to it since.
type inode struct {
	made         int
	synced, data []byte
	since        []change
}

// change is a write (cut < 0) or a cut to a length.
type change struct {
	write []byte
	cut   int
}

func newDisk(pick func(n int) int) *disk {
	return &disk{names: map[string]*inode{}, durable: map[string]*inode{}, fuse: -1, room: -1, pick: pick}
}

// step is called first by every operation; it is an error once the power is off.
func (d *disk) step() error {
	if d.off {
		return errPower
	}
	if d.fuse > 0 {
		d.fuse--
		d.off = d.fuse == 0
	}
	if d.off {
		return errPower
	}
	return nil
}

// restart brings the power back: of what was not synced, any beginning may have reached the platter, and any name.
func (d *disk) restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.touched() {
		if d.pick(2) == 0 {
			continue
		}
		maps.DeleteFunc(d.durable, func(_ string, g *inode) bool { return g == f })
		for name, g := range d.names {
			if g == f {
				d.durable[name] = g
			}
		}
	}
	d.names = map[string]*inode{}
	for _, name := range slices.Sorted(maps.Keys(d.durable)) {
		d.durable[name].lose(d.pick)
		d.names[name] = d.durable[name]
	}
	d.off, d.fuse, d.locked = false, -1, false
}

// touched returns the files whose names are not as they were synced, in the order in which they were made. What was
// done to the names of one file (a rename) is done as a whole or not at all.
func (d *disk) touched() []*inode {
	var files []*inode
	for _, pair := range [][2]map[string]*inode{{d.names, d.durable}, {d.durable, d.names}} {
		for name, f := range pair[0] {
			if pair[1][name] != f && !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	slices.SortFunc(files, func(a, b *inode) int { return a.made - b.made })
	return files
}

// lose makes the file what the platter has after a power cut: a beginning of what was done, its last write torn,
// missing, or there in length but of zeros or of old bytes.
func (f *inode) lose(pick func(int) int) {
	f.data = slices.Clone(f.synced)
	n := 0
	if len(f.since) > 0 {
		n = pick(len(f.since) + 1)
	}
	for i, c := range f.since[:n] {
		last := i == n-1
		if c.cut >= 0 {
			f.data = f.data[:c.cut]
			continue
		}
		w := slices.Clone(c.write)
		if last {
			if pick(2) == 0 {
				w = w[:pick(len(w)+1)]
			}
			switch pick(4) {
			case 0:
				clear(w)
			case 1:
				clear(w[:min(len(w), pick(64))])
			case 2:
				for i := range w[len(w)/2:] {
					w[len(w)/2+i] ^= 0x5a
				}
			}
		}
		f.data = append(f.data, w...)
	}
	f.synced, f.since = slices.Clone(f.data), nil
}

func (d *disk) ReadDir() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return nil, err
	}
	var names []string
	for name := range d.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (d *disk) Create(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := cmp.Or(d.step(), d.fail); err != nil {
		return nil, err
	}
	if d.names[name] != nil {
		return nil, fs.ErrExist
	}
	d.made++
	f := &inode{made: d.made}
	d.names[name] = f
	return &handle{d, f}, nil
}

func (d *disk) Append(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return nil, err
	}
	if f := d.names[name]; f != nil {
		return &handle{d, f}, nil
	}
	return nil, fs.ErrNotExist
}

func (d *disk) Open(name string) (Reader, error) {
	f, err := d.Append(name)
	if err != nil {
		return nil, err
	}
	return f.(*handle), nil
}

func (d *disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	f := d.names[from]
	if f == nil {
		return fs.ErrNotExist
	}
	delete(d.names, from)
	d.names[to] = f
	return nil
}

func (d *disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	if d.names[name] == nil {
		return fs.ErrNotExist
	}
	delete(d.names, name)
	return nil
}

func (d *disk) SyncDir() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := cmp.Or(d.step(), d.fail); err != nil {
		return err
	}
	d.durable = map[string]*inode{}
	for name, f := range d.names {
		d.durable[name] = f
	}
	return nil
}

func (d *disk) Lock() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := cmp.Or(d.step(), d.fail); err != nil {
		return nil, err
	}
	if d.locked {
		return nil, fmt.Errorf("%w (process 4711)", errOwned)
	}
	d.locked = true
	return unlock{d}, nil
}

type unlock struct{ d *disk }

func (u unlock) Close() error {
	u.d.mu.Lock()
	defer u.d.mu.Unlock()
	u.d.locked = false
	return nil
}

// handle is an open file of a disk.
type handle struct {
	d *disk
	f *inode
}

func (h *handle) Write(b []byte) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.d.off {
		return 0, errPower
	}
	err := cmp.Or(h.d.step(), h.d.fail)
	n := len(b)
	if err == nil && h.d.room >= 0 && n > h.d.room {
		n, err = h.d.room, syscall.ENOSPC
	} else if err != nil && !errors.Is(err, errPower) {
		return 0, err
	}
	if h.d.room >= 0 {
		h.d.room -= n
	}
	h.f.data = append(h.f.data, b[:n]...)
	h.f.since = append(h.f.since, change{write: slices.Clone(b[:n]), cut: -1})
	return n, err
}

func (h *handle) Truncate(size int64) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.step(); err != nil {
		return err
	}
	if h.d.room >= 0 {
		h.d.room += len(h.f.data) - int(size)
	}
	h.f.data = h.f.data[:size:size]
	h.f.since = append(h.f.since, change{cut: int(size)})
	return nil
}

func (h *handle) Sync() error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := cmp.Or(h.d.step(), h.d.syncFail); err != nil {
		return err
	}
	h.f.synced, h.f.since = slices.Clone(h.f.data), nil
	return nil
}

func (h *handle) ReadAt(b []byte, offset int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.d.off {
		return 0, errPower
	}
	if offset >= int64(len(h.f.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.f.data[offset:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) Size() (int64, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return int64(len(h.f.data)), h.d.step()
}

func (h *handle) Close() error { return nil }
