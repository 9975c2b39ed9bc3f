package files

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wlynxg/chardet"

	"rollcall/ingest/files/rows"
)

// mostSample is how many bytes of lines with other characters than those of ASCII are looked at to guess an encoding.
const mostSample = 16 << 10

// keep keeps lines that have other characters than those of ASCII.
func (v *inspection) keep(b []byte) {
	for len(b) > 0 && len(v.sample) < mostSample {
		end := bytes.IndexAny(b, "\r\n") + 1
		if end == 0 {
			end = len(b)
		}
		if line := b[:end]; isWide(line) {
			v.sample = append(v.sample, line[:min(end, mostSample)]...)
		}
		b = b[end:]
	}
}

// guess returns the encoding of a text that is neither UTF-8 nor UTF-16. What is written in Latin letters is that of
// which the words are words of a language, which a detector of encodings cannot say of so few; anything else the
// detector says.
func guess(sample []byte) rows.Encoding {
	if brokenUTF8(sample) {
		return rows.UTF8
	}
	best, least := rows.Windows1252, latinGuess{unlikely: 1 << 30}
	words := wordsOf(sample)
	for _, l := range latinEncodings() {
		if g := l.weigh(words); g.less(least) {
			best, least = l.name, g
		}
	}
	if 4*least.unlikely <= len(words) {
		return best
	}
	found := chardet.Detect(sample)
	name, err := rows.ParseEncoding(found.Encoding)
	if err != nil || name == "" || found.Confidence < 0.5 || name.Codec() == nil {
		return best
	}
	switch name {
	case rows.Windows1252, "windows-1254", "macintosh", "iso-8859-2", "windows-1250", "windows-1257", "iso-8859-13":
		return best // the detector only knows that the letters are Latin
	case "iso-8859-7": // of which Windows has its own, with another place for one letter
		if bad("windows-1253", words) <= bad(name, words) {
			return "windows-1253"
		}
	default:
	}
	return name
}

// brokenUTF8 says that a text is UTF-8 of which a few bytes are damaged or were cut off.
func brokenUTF8(sample []byte) bool {
	good, broken := 0, 0
	for len(sample) > 0 {
		c, n := utf8.DecodeRune(sample)
		switch {
		case c == utf8.RuneError && n == 1:
			broken++
		case n > 1:
			good++
		}
		sample = sample[n:]
	}
	return good >= 4*broken && good > 0
}

// wordsOf returns the words of a text that hold other characters than those of ASCII, each once.
func wordsOf(sample []byte) [][]byte {
	var words [][]byte
	seen := map[string]bool{}
	for _, w := range bytes.FieldsFunc(sample, func(c rune) bool { return c < utf8.RuneSelf && !unicode.IsLetter(c) }) {
		if isWide(w) && !seen[string(w)] {
			seen[string(w)] = true
			words = append(words, w)
		}
	}
	return words
}

// latinEncoding is an encoding of Latin letters with the languages that are written in it: for each its letters beyond
// those of English (Unicode CLDR, exemplar characters).
type latinEncoding struct {
	name      rows.Encoding
	languages []string
}

// latinEncodings are those that files come in, the most common first.
func latinEncodings() []latinEncoding {
	const (
		german     = "äöüß"
		romanian   = "ăâîşţșț"
		croatian   = "čćđšž"
		hungarian  = "áéíóöőúüű"
		polish     = "ąćęłńóśźż"
		czech      = "áčďéěíňóřšťúůýž"
		slovak     = "áäčďéíĺľňóôŕšťúýž"
		lithuanian = "ąčęėįšųūž"
		latvian    = "āčēģīķļņšūž"
		estonian   = "äõöüšž"
	)
	west := []string{german, "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "àáâãçéêíóôõúü", "àèéìíîòóùú", "áèéëïóöü", "åäöé", "æøåé",
		"àçèéíïòóúü"}
	central := []string{polish, czech, slovak, hungarian, romanian, croatian, german}
	return []latinEncoding{
		{rows.Windows1252, append([]string{"áðéíóúýþæö"}, west...)},
		{"windows-1250", central},
		{"windows-1254", []string{"âçğıiîöşûü", german}},
		{"macintosh", west},
		{"iso-8859-2", central},
		{"windows-1257", []string{lithuanian, latvian, estonian}},
		{"ibm850", west},
		{"ibm852", central},
	}
}

// latinGuess is how well an encoding fits: how many words are unlikely in it, and how many languages the others need.
type latinGuess struct{ unlikely, languages int }

func (g latinGuess) less(than latinGuess) bool {
	return g.unlikely < than.unlikely || g.unlikely == than.unlikely && g.languages < than.languages
}

// weigh says how well the encoding fits the words.
func (l *latinEncoding) weigh(words [][]byte) latinGuess {
	var g latinGuess
	var left []uint // of each likely word, the languages that have its letters
	for _, w := range words {
		letters, likely := lettersOf(l.name, w)
		var in uint
		for i, language := range l.languages {
			if strings.Trim(letters, language) == "" {
				in |= 1 << i
			}
		}
		switch {
		case !likely || in == 0 || len(w) > 2 && utf8.RuneCountInString(letters) == len(w):
			g.unlikely++
		case letters != "":
			left = append(left, in)
		}
	}
	for ; len(left) > 0; g.languages++ { // the language that explains most of what is left, again and again
		best, most := 0, 0
		for i := range l.languages {
			n := 0
			for _, in := range left {
				n += int(in >> i & 1) //nolint:gosec // 0 or 1
			}
			if n > most {
				best, most = i, n
			}
		}
		rest := left[:0]
		for _, in := range left {
			if in>>best&1 == 0 {
				rest = append(rest, in)
			}
		}
		left = rest
	}
	return g
}

// bad counts the words that are unlikely in the encoding, whatever the language.
func bad(name rows.Encoding, words [][]byte) int {
	n := 0
	for _, w := range words {
		if _, likely := lettersOf(name, w); !likely {
			n++
		}
	}
	return n
}

// lettersOf returns the letters of a word beyond those of English, in lower case, and whether the word is likely: it
// has no sign where a letter belongs, and no capital behind a small letter.
func lettersOf(name rows.Encoding, word []byte) (letters string, likely bool) {
	text, err := name.Codec().NewDecoder().Bytes(word)
	if err != nil {
		return "", false
	}
	var out strings.Builder
	all := []rune(string(text))
	at := func(i int) rune {
		if i < 0 || i >= len(all) {
			return ' '
		}
		return all[i]
	}
	likely = true
	for i, c := range all {
		before, after := at(i-1), at(i+1)
		switch {
		case c < utf8.RuneSelf:
		case unicode.IsLetter(c):
			out.WriteRune(unicode.ToLower(c))
			likely = likely && (!unicode.IsUpper(c) || !unicode.IsLower(before)) &&
				(!unicode.IsLower(c) || c == 'ß' || !unicode.IsUpper(before) || !unicode.IsUpper(after))
		case c == '’':
			likely = likely && (i <= 2 || !unicode.IsLower(after) || after == 's')
		case unicode.IsSpace(c) || unicode.In(c, unicode.Pd):
			likely = likely && (!unicode.IsLower(after) || !unicode.IsLower(before))
		case unicode.IsControl(c) || c == utf8.RuneError || unicode.IsLetter(before) || unicode.IsLetter(after):
			likely = false
		}
	}
	return out.String(), likely
}

// guessed tells which encoding was guessed, with texts as they were read.
func guessed(v *inspection) rows.Problem {
	text := string(v.sample)
	if codec := v.encoding.Codec(); codec != nil {
		text, _ = codec.NewDecoder().String(text) // what it cannot decode is shown so
	}
	var examples []string
	for _, f := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",;|\t\r\n\"", c) }) {
		if f = strings.TrimSpace(f); len(examples) < 2 && isWide([]byte(f)) {
			examples = append(examples, fmt.Sprintf("%.40q", f))
		}
	}
	example := strings.Join(examples, " and ")
	if v.encoding == rows.UTF8 {
		return rows.Problem{Message: "the file is UTF-8 of which some bytes are damaged, for example " + example,
			Remedy: "export it again, or say how it writes characters with --encoding"}
	}
	return rows.Problem{Message: fmt.Sprintf("the file does not say how it writes characters; it was read as %s, for "+
		"example %s", v.encoding, example), Remedy: "if that is wrong, say how with --encoding"}
}
