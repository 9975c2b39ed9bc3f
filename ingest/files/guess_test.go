package files

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"rollcall/ingest/files/rows"
)

// namesOf are agents of small centres, with the encodings that their files come in.
func namesOf() map[string][]rows.Encoding {
	west := []rows.Encoding{"windows-1252", "macintosh", "ibm850"}
	central := []rows.Encoding{"windows-1250", "iso-8859-2", "ibm852"}
	cyrillic := []rows.Encoding{"windows-1251", "koi8-r", "ibm866", "x-mac-cyrillic", "iso-8859-5"}
	return map[string][]rows.Encoding{
		"Zoé Brück;Büro": west,
		"Ben Müller;Büro\nJörg Weiß;Köln\nÅsa Öberg;Straße\nKARL MÜLLER;BÜRO":           west,
		"Zoé Lefèvre;Équipe\nFrançois Béranger;L’équipe\nNoël Gérard;Équipe":            west[:2],
		"José Núñez;Atención\nMaría Peña;Atención\nAndrés Gómez;Ventas":                 west,
		"João Gonçalves;Atenção\nInês Simões;Vendas":                                    west,
		"Søren Kjær;Støtte\nÅse Bjørnstad;Salg":                                         west,
		"Łukasz Żółć;Sprzedaż\nKatarzyna Wójcik;Obsługa\nMałgorzata Dąbrowska;Sprzedaż": central,
		"Jiří Dvořák;Prodej\nRadek Šťastný;Podpora\nZuzana Černá;Prodej":                central,
		"László Szűcs;Értékesítés\nZsófia Kőszegi;Ügyfélszolgálat":                      central,
		"Ştefan Ţîru;Vânzări\nIoana Băsescu;Vânzări":                                    central,
		"Yıldız Çem;Satış\nGökhan Şahin;Destek\nAyşe Güneş;Satış":                       {"windows-1254"},
		"Jānis Bērziņš;Pārdošana\nLīga Kļaviņa;Atbalsts":                                {"windows-1257"},
		"Ольга Ким;Продажи":                                                             cyrillic,
		"Иван Петров;Поддержка\nАнна Щербакова;Продажи":                                 cyrillic,
		"Олександр Шевченко;Продажі\nЇржі Бондаренко;Підтримка":                         {"windows-1251"},
		"Γιώργος Παπαδόπουλος;Πωλήσεις\nΆννα Νικολάου;Υποστήριξη":                       {"windows-1253"},
		"שרה לוי;מכירות\nדוד כהן;תמיכה\nיעקב אברהם;מכירות":                              {"windows-1255"},
	}
}

// TestEncodingIsGuessedAndTold: a file that does not say how it writes characters is read as its words have it, and the
// answer shows what was read. Where the encoding is said, nothing is guessed.
func TestEncodingIsGuessedAndTold(t *testing.T) {
	for text, encodings := range namesOf() {
		file, want := "agent_id;name;team\n", []string(nil)
		for i, line := range strings.Split(text, "\n") {
			file += fmt.Sprintf("%d;%s\n", i, line)
			name, team, _ := strings.Cut(line, ";")
			want = append(want, fmt.Sprintf("%d %s %s  1970-01-01 1970-01-01", i, name, team))
		}
		for _, e := range encodings {
			data, err := e.Codec().NewEncoder().Bytes([]byte(file))
			if err != nil {
				t.Fatal(e, err)
			}
			got, report := read(t, Roster, data, Options{}, Known{})
			if !slices.Equal(got, want) {
				t.Errorf("%s was read as %s: %q", e, report.Encoding, got)
			}
			first := want[0][2:strings.Index(want[0], " ")+1] + strings.Split(text, ";")[0]
			if len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0].String(), first) ||
				!strings.Contains(report.Warnings[0].String(), string(report.Encoding)) {
				t.Errorf("%s: %v do not show %s", e, report.Warnings, first)
			}
			got, report = read(t, Roster, data, Options{Encoding: e}, Known{})
			if !slices.Equal(got, want) || report.WarningCount > 0 {
				t.Errorf("said to be %s: %q %v", e, got, report.Warnings)
			}
		}
	}
	for name, want := range map[string]string{"cp1251.csv": "olg Ольга Ким Продажи Europe/Sofia 1970-01-01 1970-01-01",
		"macroman.csv": "zoe Zoé Brück Büro  1970-01-01 1970-01-01"} {
		got, report := read(t, Roster, field(t, name), Options{}, Known{})
		if !slices.Equal(got, []string{want}) || len(report.Warnings) != 1 {
			t.Errorf("%s: got %q %v", name, got, report.Warnings)
		}
	}
}

// TestDamagedUTF8IsToldWhereItIs: a file that is UTF-8 but for some bytes is not read as something else.
func TestDamagedUTF8IsToldWhereItIs(t *testing.T) {
	text := "agent_id,name\n1,Zoé\n2,Nuñez\n3,Brück\n4,Wei\xdf\n5,Ålesund\n"
	got, report := read(t, Roster, []byte(text), Options{AllowPartial: true}, Known{})
	if report.Encoding != rows.UTF8 || len(got) != 4 || len(report.Warnings) != 1 ||
		!strings.HasPrefix(problems(report), `f.csv:5:3: name: is not UTF-8`) {
		t.Errorf("%q as %s\n%s %v", got, report.Encoding, problems(report), report.Warnings)
	}
}

// TestEncodingsHaveTheirUsualNames.
func TestEncodingsHaveTheirUsualNames(t *testing.T) {
	for name, want := range map[string]rows.Encoding{"": "", "UTF-8": rows.UTF8, "utf16": rows.UTF16LE,
		"cp1251": "windows-1251",
		"1250":   "windows-1250", "Latin1": rows.Windows1252, "ISO-8859-1": rows.Windows1252, "MacRoman": "macintosh",
		"cp850": "ibm850", "437": "ibm437", "Shift_JIS": "shift_jis", "koi8-r": "koi8-r", "gb2312": "gbk"} {
		got, err := rows.ParseEncoding(name)
		if err != nil || got != want {
			t.Errorf("%s: got %q, want %q, %v", name, got, want, err)
		}
		if again, err := rows.ParseEncoding(string(got)); err != nil || again != got {
			t.Errorf("%s is %q and %v when it is read again", got, again, err)
		}
	}
	for _, name := range []string{"ebcdic", "utf-7", "replacement", "x-user-defined", "xlsx", "1249"} {
		if got, err := rows.ParseEncoding(name); err == nil {
			t.Errorf("%s is no encoding of a text; got %s", name, got)
		}
	}
}

// FuzzGuess: of any bytes an encoding is guessed that can be read, and its reading is text in NFC.
func FuzzGuess(f *testing.F) {
	for text, encodings := range namesOf() {
		for _, e := range encodings {
			data, err := e.Codec().NewEncoder().Bytes([]byte(text))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name := guess(data)
		if again, err := rows.ParseEncoding(string(name)); err != nil || again != name {
			t.Fatalf("%s is %s: %v", name, again, err)
		}
		if name == rows.UTF8 {
			return
		}
		if text, err := name.Codec().NewDecoder().Bytes(data); err != nil || !norm.NFC.IsNormal(norm.NFC.Bytes(text)) {
			t.Fatalf("%s of %q: %v", name, data, err)
		}
	})
}
