package rows

import (
	"fmt"
	"strings"
)

// Encoding is how a file writes characters.
type Encoding string

// The encodings that are read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
	// Workbook is that of XLSX files, which are no text.
	Workbook Encoding = "xlsx"
)

// ParseEncoding reads the name of an encoding, in the usual spellings; empty means that it is to be detected.
func ParseEncoding(s string) (Encoding, error) {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s)) {
	case "":
		return "", nil
	case "utf8":
		return UTF8, nil
	case "utf16", "utf16le":
		return UTF16LE, nil
	case "utf16be":
		return UTF16BE, nil
	case "windows1252", "cp1252", "1252", "latin1", "iso88591":
		return Windows1252, nil
	}
	return "", fmt.Errorf("encoding %q is not known; write %s, %s, %s or %s", s, UTF8, UTF16LE, UTF16BE, Windows1252)
}
