package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

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

// rowsOf returns all rows of a sheet, "!" before what is wrong with a row or cell.
func rowsOf(data []byte, name string) ([]string, error) {
	s, err := Open(bytes.NewReader(data), int64(len(data)),
		Options{Name: name, Warn: func(rows.Problem) {}, Read: func(int) {}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // only read
	var out []string
	for rec, err := s.Header(); ; rec, err = s.Next() {
		m := (*rows.Problem)(nil)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.As(err, &m):
			out = append(out, "!"+m.Error())
			if len(out) == 1 {
				return out, nil
			}
			continue
		case err != nil:
			return out, err
		}
		var fields []string
		for i := range rec.Fields {
			fields = append(fields, string(rec.Fields[i].Text))
			if got := rec.Column(&rec.Fields[i]); got != i+1 {
				return nil, fmt.Errorf("field %d stands in column %d", i, got)
			}
		}
		for _, f := range rec.Flaws {
			fields[f.Field] = "!" + rows.Remedies(f.Message, f.Remedy)
		}
		out = append(out, fmt.Sprintf("%d:%s", rec.Line, strings.Join(fields, "|")))
	}
}

// TestSheetCells: every kind of cell comes as the text that our readers want.
func TestSheetCells(t *testing.T) {
	head := `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>`
	for _, c := range []struct{ name, cell, want string }{
		{"shared text", `t="s"><v>1</v>`, " two "},
		{"rich text", `t="s"><v>2</v>`, "rich <é>"},
		{"control characters", `t="s"><v>3</v>`, "a\r_"},
		{"missing text", `t="s"><v>9</v>`,
			`!names a text that is not in the workbook ("9"); the workbook is damaged: open it and save it again`},
		{"inline rich text", `t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r></is>`, "xy"},
		{"literal", `t="str"><v><![CDATA[a<b]]></v>`, "a<b"},
		{"formula's text", `t="str"><f>A1&amp;"x"</f><v>agx</v>`, "agx"},
		{"formula's empty text", `t="str"><f>""</f><v></v>`, ""},
		{"formula's number", `><f>1+1</f><v>2</v>`, "2"},
		{"formula's date", `s="1"><f>TODAY()</f><v>46083</v>`, "2026-03-02"},
		{"formula without result", `><f>1+1</f>`,
			"!holds a formula without its result; open the workbook in Excel or LibreOffice and save it, or paste the values"},
		{"error", `t="e"><f>1/0</f><v>#DIV/0!</v>`, "!holds the error #DIV/0!; correct the formula or write the value"},
		{"true", `t="b"><v>1</v>`, "true"},
		{"number", `><v>1001</v>`, "1001"},
		{"number with an exponent", `><v>1.001E3</v>`, "1001"},
		{"number with float dust", `><v>0.30000000000000004</v>`, "0.3"},
		{"share", `s="7"><v>0.3</v>`, "0.3"},
		{"number with zeros before it", `s="5"><v>42</v>`, "00042"},
		{"forgotten digits", `><v>1234567890123456</v>`,
			"!is a number of more than 15 digits, of which a workbook forgets the last; format the column as text and write " +
				"it again"},
		{"no number", `><v>x</v>`, `!holds a number that is none ("x"); the workbook is damaged: open it and save it again`},
		{"date", `s="1"><v>46083</v>`, "2026-03-02"},
		{"date of a language", `s="6"><v>46083</v>`, "2026-03-02"},
		{"date with a time behind", `s="1"><v>46083.375</v>`, "2026-03-02 09:00:00"},
		{"time", `s="2"><v>0.375</v>`, "09:00:00"},
		{"time that is not exact", `s="2"><v>0.70833333333</v>`, "17:00:00"},
		{"time past midnight", `s="2"><v>1.25</v>`, "06:00:00"},
		{"time of a date", `s="2"><v>46083.375</v>`, "2026-03-02 09:00:00"},
		{"date and time", `s="3"><v>46083</v>`, "2026-03-02 00:00:00"},
		{"milliseconds", `s="3"><v>46083.000005787</v>`, "2026-03-02 00:00:00.500"},
		{"24 hours", `s="4"><v>1</v>`, "24:00:00"},
		{"never", `s="1"><v>60</v>`,
			"!is the 29th of February 1900, which never was, or a date without a day; correct the cell"},
		{"before it", `s="1"><v>59</v>`, "1900-02-28"},
		{"negative", `s="1"><v>-1</v>`, "!is shown as a date or time, but none has this number; is the number format right?"},
		{"ISO date", `t="d" s="1"><v>2026-03-02T00:00:00</v>`, "2026-03-02"},
		{"ISO date and time", `t="d" s="3"><v>2026-03-02T09:30:00</v>`, "2026-03-02 09:30:00"},
		{"no such style", `s="99"><v>7</v>`, "7"},
	} {
		data := book(t, head+`<row r="2"><c r="A2" `+c.cell+`</c><c r="B2"><v>1</v></c></row>`, nil)
		rows, err := rowsOf(data, "")
		if err != nil || !slices.Equal(rows, []string{"1:agent_id|b", "2:" + c.want + "|1"}) {
			t.Errorf("%s: %v %q", c.name, err, rows)
		}
	}
	data := book(t, head+`<row r="2"><c r="A2" s="1"><v>44621</v></c><c r="B2" s="2"><v>0.5</v></c></row>`,
		map[string]string{
			"xl/workbook.xml": strings.Replace(partBook, "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)})
	if rows, err := rowsOf(data, ""); err != nil || rows[1] != "2:2026-03-02|12:00:00" {
		t.Errorf("1904: %v %q", err, rows)
	}
}

// TestSheetRows: rows and cells that are left out, notes at the side, other sheets, prefixes, and what is damaged.
func TestSheetRows(t *testing.T) {
	cell := func(ref, text string) string {
		return `<c r="` + ref + `" t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	head := `<row r="3">` + cell("A3", "a") + cell("B3", "b") + cell("C3", "c") + `<c r="D3" s="1"/></row>`
	for _, c := range []struct {
		name, rows string
		want       []string
		wrong      string
	}{
		{"left out", head + `<row r="4"/><row r="6" spans="1:3">` + cell("B6", "x") +
			`</row><row r="9"><c r="A9" s="2"/></row>`, []string{"3:a|b|c", "6:|x|"}, ""},
		{"no places", `<row><c t="str"><v>a</v></c></row><row><c t="str"><v>b</v></c></row>`, []string{"1:a", "2:b"}, ""},
		{"at the side", head + `<row r="4">` + cell("A4", "x") + cell("F4", "note") + `</row>`, []string{"3:a|b|c", "4:x||"},
			""},
		{"comment", `<!-- > ' --><row r="1">` + cell("A1", "a") + `</row>`, []string{"1:a"}, ""},
		{"merged header", head + `</sheetData><mergeCells><mergeCell ref="B3:C3"/></mergeCells><sheetData>`,
			[]string{"!3:2: the cells B3:C3 of the header are merged, so that it is not clear which name each column has; " +
				"split them (Home, Merge & Center) and give each column one name"}, ""},
		{"merged title", `<row r="1">` + cell("A1", "a") +
			`</row></sheetData><mergeCells><mergeCell ref="G9:H9"/></mergeCells><sheetData>`, []string{"1:a"}, ""},
		{"merged values", head + `<row r="4">` + cell("A4", "x") + cell("C4", "z") + `</row><row r="5">` + cell("C5", "y") +
			`</row></sheetData><mergeCells><mergeCell ref="A4:A5"/></mergeCells><sheetData>`,
			[]string{"3:a|b|c", "4:x||z",
				"5:!is one of the merged cells A4:A5, of which only the first holds the value; split them and write the value " +
					"into each||y"}, ""},
		{"too wide", `<row r="1">` + cell("A1", "a") + cell("BAA1", "b") + `</row>`,
			[]string{"!1:0: the header has 1379 columns; at most 1000 are read: is it a table?"}, ""},
		{"header with an error", `<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>`,
			[]string{"!1:1: the header's cell holds the error #N/A; correct the formula or write the value"}, ""},
		{"backwards", `<row r="2">` + cell("A2", "a") + `</row><row r="2">` + cell("A2", "b") + `</row>`, []string{"2:a"},
			"row 2 of the sheet stands behind row 2"},
		{"cells backwards", `<row r="1">` + cell("B1", "a") + cell("A1", "b") + `</row>`, nil, "out of order"},
		{"other row's cell", `<row r="1">` + cell("A2", "a") + `</row>`, nil, `a cell named "A2"`},
		{"row far away", `<row r="1048577">` + cell("A1048577", "a") + `</row>`, nil, "a row numbered"},
		{"document type", `<!DOCTYPE x [<!ENTITY a "b">]>`, nil, "declares a document type"},
		{"entity", `<row r="1"><c r="A1" t="str"><v>&lol;</v></c></row>`, nil, "entity"},
		{"cut", `<row r="1"><c r="A1" t="str"><v>a`, nil, "ends in the middle"},
		{"giant cell", `<row r="1"><c r="A1" t="str"><v>` + strings.Repeat("x", maxCell+1) + `</v></c></row>`, nil,
			"more than 32,767 characters"},
		{"giant text", `<row r="1">` + cell("A1", strings.Repeat("x", 3*maxCell)) + `</row>`, nil,
			"longer than the 32,767 characters"},
		{"giant row", `<row r="1">` + cell("A1", "a") + cell("B1", "b") + cell("C1", "c") + `</row><row r="2">` +
			cell("A2", strings.Repeat("x", 40_000)) + cell("B2", strings.Repeat("x", 40_000)) + `</row><row r="3">` +
			cell("A3", "y") + `</row>`,
			[]string{"1:a|b|c", "!2:0: the row holds more than 65536 bytes; is it a row of a table?", "3:y||"}, ""},
	} {
		rows, err := rowsOf(book(t, c.rows, nil), "")
		if !slices.Equal(rows, c.want) || (c.wrong == "") != (err == nil) || err != nil &&
			!strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %v %q", c.name, err, rows)
		}
	}
	data := book(t, head, nil)
	if rows, err := rowsOf(data, "second & LAST"); err != nil || !slices.Equal(rows, []string{"1:second"}) {
		t.Errorf("by name: %v %q", err, rows)
	}
	_, err := rowsOf(data, "Plann")
	if want := `there is no sheet "Plann"; there are "Plan", "Second & last"; did you mean "Plan"?`; err == nil ||
		err.Error() != want {
		t.Errorf("wrong name: %v", err)
	}
	hidden := map[string]string{"xl/workbook.xml": strings.Replace(partBook, `sheetId="1"`, `state="hidden" sheetId="1"`,
		1)}
	if rows, err := rowsOf(book(t, head, hidden), ""); err != nil || !slices.Equal(rows, []string{"1:second"}) {
		t.Errorf("hidden: %v %q", err, rows)
	}
}

// FuzzSheet: a sheet of any XML yields rows or says what is wrong with the workbook; a row that it yields has its
// place.
func FuzzSheet(f *testing.F) {
	f.Add([]byte(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" s="1"><v>46083</v></c></row><row r="9"><c t="str">`+
		`<f>A1</f></c></row>`), []byte(partTexts), []byte(partStyles))
	f.Add([]byte(`<row><c t="inlineStr"><is><r><t>a</t></r><rPh><t>b</t></rPh></is></c><c t="b"><v>1</v></c><c t="e">`+
		`<v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells><sheetData>`),
		[]byte(`<sst/>`), []byte(`<x/>`))
	f.Add([]byte(`<!-- --><?x ?><row r="2"><c r="B2" t="d"><v>2026-03-02T00:00:00</v></c></row><![CDATA[x]]>`),
		[]byte(`<sst><si><t>_x000D_&#x41;</t></si>`),
		[]byte(`<numFmt numFmtId="1" formatCode="[h]:mm;&quot;x"/><cellXfs><xf numFmtId="1"/>`))
	f.Fuzz(func(t *testing.T, cells, texts, styles []byte) {
		data := book(t, string(cells),
			map[string]string{"xl/sharedStrings.xml": string(texts), "xl/styles.xml": string(styles)})
		out, err := rowsOf(data, "")
		if err != nil && !errors.As(err, new(*rows.Unusable)) {
			t.Errorf("%d rows: %v", len(out), err)
		}
	})
}

// FuzzWorkbook: a file that begins as a zip file does is read or refused, never more.
func FuzzWorkbook(f *testing.F) {
	f.Add(book(f, `<row r="1"><c r="A1" t="str"><v>code</v></c></row>`, nil))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := rowsOf(data, ""); err != nil && !errors.As(err, new(*rows.Unusable)) {
			t.Error(err)
		}
	})
}
