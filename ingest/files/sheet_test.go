package files

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/ingest/files/rows"
)

// parts of a small workbook, as programs write them.
const (
	partTypes = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types ` +
		`xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	partRels = `<?xml version="1.0"?>` +
		`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" ` +
		`Target="xl/workbook.xml"/></Relationships>`
	partBook = `<workbook xmlns:r="r"><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/><sheet name="Second &amp; ` +
		`last" sheetId="2" r:id="rId2"/></sheets></workbook>`
	partLinks = `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="rId3" ` +
		`Type="x/styles" Target="styles.xml"/><Relationship Id="rId4" Type="x/sharedStrings" Target="sharedStrings.xml"/>` +
		`</Relationships>`
	// styles 0 to 7: general, date, time, date and time, hours that count on, five digits, our own date, share.
	partStyles = `<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" ` +
		`formatCode="[$-409]dd\ mmm&quot; day&quot;;@"/></numFmts><cellStyleXfs><xf numFmtId="22"/></cellStyleXfs><cellXfs>` +
		`<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/><xf numFmtId="22"/><xf numFmtId="46"/><xf numFmtId="164"/>` +
		`<xf numFmtId="165"/><xf numFmtId="9"/></cellXfs></styleSheet>`
	partTexts = `<sst><si><t>agent_id</t></si><si><t xml:space="preserve"> two </t></si><si><r><rPr><b/></rPr>` +
		`<t>ri</t></r><r><t>ch &lt;&#233;&gt;</t></r><rPh sb="0" eb="1"><t>silent</t></rPh></si><si>` +
		`<t>a_x000D__x005F_</t></si></sst>`
)

// book makes a workbook with this as its first sheet. Named parts replace those above.
func book(tb testing.TB, rows string, replace map[string]string) []byte {
	tb.Helper()
	parts := map[string]string{"[Content_Types].xml": partTypes, "_rels/.rels": partRels, "xl/workbook.xml": partBook,
		"xl/_rels/workbook.xml.rels": partLinks, "xl/styles.xml": partStyles, "xl/sharedStrings.xml": partTexts,
		"xl/worksheets/sheet1.xml": `<worksheet><sheetPr/><sheetData>` + rows + `</sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml": `<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="inlineStr"><x:is>` +
			`<x:t>second</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`}
	for name, text := range replace {
		parts[name] = text
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// TestNoWorkbook: files that are no workbook that we read, damaged ones and such as are made to do harm are refused
// with what to do, before they take memory.
func TestNoWorkbook(t *testing.T) {
	row := `<row r="1"><c r="A1" t="str"><v>agent_id</v></c></row>`
	good := book(t, row, nil)
	sheets := strings.Repeat(`<sheet name="x" r:id="rId1"/>`, 1001)
	flipped := slices.Clone(good)
	flipped[bytes.Index(flipped, []byte("sheet1.xml"))+20] ^= 0xff
	old := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 300_000)...)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"cut off", good[:len(good)-40], "damaged or was cut off"},
		{"a byte changed", flipped, "damaged or was cut off"},
		{"no sheet", book(t, row, map[string]string{"xl/workbook.xml": "<workbook/>"}), "the workbook has no sheet"},
		{"many sheets", book(t, row, map[string]string{"xl/workbook.xml": "<workbook>" + sheets + "</workbook>"}),
			"more than 1000 sheets"},
		{"zip bomb", book(t, row+strings.Repeat(" ", 6<<20), nil), "is it a zip bomb?"},
		{"bomb of texts", book(t, row,
			map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", 4<<20) + "</sst>"}),
			"is it a zip bomb?"},
		{"bomb that lies", lying(t, book(t, row+strings.Repeat(" ", 6<<20), nil)), "damaged or was cut off"},
		{"endless list", endless(t), "too long a list of contents"},
		{"binary workbook", book(t, row,
			map[string]string{"_rels/.rels": strings.Replace(partRels, "workbook.xml", "workbook.bin", 1),
				"xl/workbook.bin": "x"}), "binary Excel workbook (.xlsb); save it as .xlsx"},
		{"text document", book(t, row,
			map[string]string{"_rels/.rels": strings.Replace(partRels, "xl/workbook.xml", "word/document.xml", 1),
				"word/document.xml": "x"}), "another Office document"},
		{"UTF-16", book(t, row, map[string]string{"xl/workbook.xml": `<?xml version="1.0" encoding="UTF-16"?><x/>`}),
			"not written in UTF-8"},
		{"old", append(slices.Clone(old), wide("Workbook")...), "old Excel workbook (.xls); save it as .xlsx"},
		{"password", append(slices.Clone(old), wide("EncryptedPackage")...),
			"protected with a password; open it in Excel, take the password off"},
		{"page", []byte("\xef\xbb\xbf\n<HTML><table>"), "is a web page, whatever its name says"},
		{"XML", []byte(`<?xml version="1.0"?><Workbook/>`), "is XML, whatever its name says"},
	} {
		_, report, err := ReadActivityCodes(background, BytesInput("f.xlsx", c.data), Options{})
		if err != nil || !report.unusable || !strings.Contains(problems(report), c.want) || len(report.Problems) != 1 {
			t.Errorf("%s: %v %s", c.name, err, problems(report))
		}
	}
	if _, report, err := ReadActivityCodes(background, BytesInput("f.csv", []byte("code,category\n")),
		Options{Sheet: "Plan"}); err != nil ||
		!strings.Contains(problems(report), "leave --sheet out") {
		t.Error(err, problems(report))
	}
}

// lying makes a zip say of its parts that they are small.
func lying(tb testing.TB, data []byte) []byte {
	tb.Helper()
	data = slices.Clone(data)
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return data
		}
		copy(data[at+i+24:], []byte{0xff, 0, 0, 0})
		at += i + 4
	}
}

// endless is a zip with more parts than can be.
func endless(tb testing.TB) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 50_000 {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("%060d", i)}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// byExcelize writes a schedule as another program would.
func byExcelize(tb testing.TB) []byte {
	tb.Helper()
	f := excelize.NewFile()
	day, clock := "yyyy-mm-dd", "hh:mm"
	d, err := f.NewStyle(&excelize.Style{CustomNumFmt: &day})
	c, err2 := f.NewStyle(&excelize.Style{CustomNumFmt: &clock})
	err = errors.Join(err, err2,
		f.SetSheetRow("Sheet1", "A1", &[]any{"agent_id", "activity", "date", "start_time", "end_time", "category", "paid"}),
		f.SetSheetRow("Sheet1", "A2",
			&[]any{1001, "Phones & mail", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), 0.375, 12.5 / 24, "on_queue_work", true}),
		f.SetSheetRow("Sheet1", "A3",
			&[]any{1001, "Lunch", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), 12.5 / 24, 13.0 / 24, "meal", false}),
		f.SetCellStyle("Sheet1", "C2", "C3", d), f.SetCellStyle("Sheet1", "D2", "E3", c),
		f.SetCellRichText("Sheet1", "B3",
			[]excelize.RichTextRun{{Text: "Lu"}, {Text: "nch", Font: &excelize.Font{Bold: true}}}))
	var out bytes.Buffer
	if err = errors.Join(err, f.Write(&out), f.Close()); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

var wantOfPrograms = []string{
	"1001 2026-03-02 removed false · Phones & mail on_queue_work 2026-03-02T09:00:00Z 2026-03-02T12:30:00Z" +
		" · Lunch meal 2026-03-02T12:30:00Z 2026-03-02T13:00:00Z"}

// TestSheetOfExcelize: what excelize writes is read as meant.
func TestSheetOfExcelize(t *testing.T) {
	lines, report := read(t, Schedule, byExcelize(t), Options{TimeZone: "UTC"}, Known{})
	if report.ProblemCount > 0 || report.WarningCount > 0 || !slices.Equal(lines, wantOfPrograms) {
		t.Error(problems(report), report.Warnings, lines)
	}
}

// TestSheetOfLibreOffice: what LibreOffice makes of that workbook, and of CSV with German dates, is read as meant.
func TestSheetOfLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in.xlsx")
	if err := os.WriteFile(in, byExcelize(t), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+dir+"/profile", "--headless",
		"--convert-to", "xlsx", "--outdir", out, in)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("LibreOffice does not run here: %v %s", err, text)
	}
	data, err := os.ReadFile(filepath.Join(out, "in.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	lines, report := read(t, Schedule, data, Options{TimeZone: "UTC"}, Known{})
	if report.ProblemCount > 0 || report.WarningCount > 0 || !slices.Equal(lines, wantOfPrograms) {
		t.Error(problems(report), report.Warnings, lines)
	}
}

// TestSheetDates: a date is one whether it is shown with its time or not, and a time may come with the day that it
// counts from.
func TestSheetDates(t *testing.T) {
	data := book(t, `<row r="1"><c r="A1" t="str"><v>agent_id</v></c><c r="B1" t="str"><v>from</v></c></row>`+
		`<row r="2"><c r="A2"><v>7</v></c><c r="B2" s="3"><v>46083</v></c></row><row r="3"><c r="A3"><v>8</v></c>`+
		`<c r="B3" s="3"><v>46083.5</v></c></row>`, nil)
	rows, report, err := ReadRoster(background, BytesInput("f.xlsx", data), Options{})
	if err != nil || len(rows) != 1 || rows[0].From.String() != "2026-03-02" ||
		problems(report) !=
			`f.xlsx:3:2: from: "2026-03-02 12:00:00" is not a date; write year-month-day, such as 2026-03-02 (cell B3)` {
		t.Error(err, rows, problems(report))
	}
}

// TestSheetProblems: a bad cell is reported by line, column and name.
func TestSheetProblems(t *testing.T) {
	data := book(t, `<row r="1"><c r="A1" t="str"><v>code</v></c><c r="B1" t="str"><v>category</v></c><c r="C1" t="str">`+
		`<v>remark</v></c></row>`+
		`<row r="2"><c r="A2" t="str"><v>Phones</v></c><c r="B2" t="str"><v>on_queue_wrk</v></c></row>`+
		`<row r="3"><c r="A3" t="str"><v>Lunch</v></c><c r="B3" t="str"><v>meal</v></c><c r="C3" t="e"><v>#N/A</v></c></row>`+
		`<row r="5"><c r="A5" t="e"><v>#REF!</v></c><c r="B5" t="str"><v>meal</v></c></row>`, nil)
	_, report, err := ReadActivityCodes(background, BytesInput("f.xlsx", data), Options{})
	if err != nil || report.Encoding != rows.Workbook || report.Accepted != 1 || report.Rejected != 2 ||
		report.WarningCount != 1 ||
		!strings.HasPrefix(problems(report), "f.xlsx:2:2: category: ") ||
		!strings.Contains(report.Problems[0].Text(), "(cell B2)") ||
		report.Problems[1].String() !=
			"f.xlsx:5:1: code: holds the error #REF!; correct the formula or write the value (cell A5)" {
		t.Error(err, problems(report), report.Warnings)
	}
}

// wide is a name as the directory of an old Office file has it.
func wide(s string) []byte { return append(append([]byte{}, wide16(s)...), 0, 0) }
