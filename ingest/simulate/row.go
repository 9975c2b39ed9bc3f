package simulate

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"os"
	"strconv"
	"strings"
)

// table is one CSV file that is being written. After the first failure it does nothing; close returns it.
type table struct {
	file *os.File
	w    *csv.Writer
	rows int // without the header
	err  error
}

// create begins a file with its header line.
func create(path, header string) *table {
	f, err := os.Create(path) //nolint:gosec // the folder is the user's choice
	t := &table{file: f, w: csv.NewWriter(bufio.NewWriterSize(f, 1<<18)), rows: -1, err: err}
	t.put(strings.Split(header, ",")...)
	return t
}

func (t *table) put(fields ...string) {
	if t.err == nil {
		t.err = t.w.Write(fields)
		t.rows++
	}
}

func (t *table) close() error {
	if t.file == nil {
		return t.err
	}
	t.w.Flush()
	return cmp.Or(t.err, t.w.Error(), t.file.Close())
}

// seconds writes whole seconds.
func seconds(ms int64) string { return strconv.FormatInt(ms/1000, 10) }

// percent writes hundredths with two decimals, without trailing zeros; nothing where the percentage does not exist.
func percent(hundredths int64, exists bool) string {
	if !exists {
		return ""
	}
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
}
