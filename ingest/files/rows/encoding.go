package rows

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// Encoding is how a file writes characters, by its usual name in lower case.
type Encoding string

// The encodings that are told apart without guessing, and the most common of the others.
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
	name := strings.ToLower(strings.TrimSpace(s))
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(name) {
	case "":
		return "", nil
	case "utf8":
		return UTF8, nil
	case "utf16", "utf16le":
		return UTF16LE, nil
	case "utf16be":
		return UTF16BE, nil
	case "latin1":
		return Windows1252, nil
	case "macroman":
		name = "macintosh"
	case "maccyrillic":
		name = "x-mac-cyrillic"
	}
	number := strings.TrimPrefix(name, "cp")
	for _, try := range []string{name, "windows-" + number, "ibm" + number} {
		if codec := codecOf(try); codec != nil {
			return nameOf(codec), nil
		}
	}
	return "", fmt.Errorf("encoding %q is not known; write its usual name, such as %s, %s, %s, windows-1250, "+
		"windows-1251, iso-8859-2, macintosh or ibm850", s, UTF8, UTF16LE, Windows1252)
}

// Codec decodes the encoding; it is nil for UTF-8, UTF-16 and workbooks.
func (e Encoding) Codec() encoding.Encoding {
	if e == UTF8 || e == UTF16LE || e == UTF16BE || e == Workbook {
		return nil
	}
	return codecOf(string(e))
}

// codecOf finds the encoding of a name that browsers or IANA know; nil for none that decodes text.
func codecOf(name string) encoding.Encoding {
	codec, err := htmlindex.Get(name)
	if err != nil {
		codec, err = ianaindex.IANA.Encoding(name)
	}
	if err != nil || codec == nil || nameOf(codec) == "" {
		return nil
	}
	return codec
}

// nameOf is the name by which codecOf finds the encoding; empty for those that only stand in for others.
func nameOf(codec encoding.Encoding) Encoding {
	name, err := htmlindex.Name(codec)
	if err != nil {
		name, err = ianaindex.IANA.Name(codec)
	}
	if name = strings.ToLower(name); err != nil || name == "replacement" || name == "x-user-defined" ||
		strings.HasPrefix(name, "utf-16") || name == string(UTF8) {
		return ""
	}
	return Encoding(name)
}
