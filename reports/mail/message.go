package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	gomail "github.com/wneessen/go-mail"

	"rollcall/reports"
)

//go:embed templates/*
var templateFiles embed.FS

// templates are those of both parts, parsed once. They are the program's own: a test renders each, so that a broken one
// never gets this far.
var templates = sync.OnceValues(func() (*template.Template, *texttemplate.Template) {
	funcs := template.FuncMap{"tight": tight, "colour": func(class string) string { return colours[class] }}
	return template.Must(template.New("").Funcs(funcs).ParseFS(templateFiles, "templates/*.html")),
		texttemplate.Must(texttemplate.New("").Funcs(textFuncs).ParseFS(templateFiles, "templates/*.txt"))
})

// tight puts a number and its unit on one line.
func tight(text string) string {
	out := []rune(text)
	for i := 1; i+1 < len(out); i++ {
		if out[i] == ' ' && out[i-1] >= '0' && out[i-1] <= '9' && strings.ContainsRune("%hms", out[i+1]) {
			out[i] = '\u00a0'
		}
	}
	return string(out)
}

// Message is a mail before it is bytes: a subject, two bodies that say the same, and files.
type Message struct {
	Subject, HTML, Text string
	Files               []File
}

// File is an attachment.
type File struct {
	Name string
	Data []byte
}

// render writes both parts of a mail from the templates of a name. One that fails is a bug.
func render(name, subject string, view any) *Message {
	var html, text bytes.Buffer
	inHTML, inText := templates()
	if err := errors.Join(inHTML.ExecuteTemplate(&html, name+".html", view),
		inText.ExecuteTemplate(&text, name+".txt", view)); err != nil {
		panic(fmt.Errorf("mail template %s: %w", name, err))
	}
	return &Message{Subject: subject, HTML: strings.TrimLeft(html.String(), "\n"), Text: text.String()}
}

// DailyMessage writes the mail of a day. workbook is the file to attach; nil for none, which the mail explains by the
// words of without: empty says nothing.
func DailyMessage(d *reports.Daily, pages Pages, workbook *File, without string, footer []string) *Message {
	v := viewOf(d, pages, footer)
	var files []File
	switch {
	case v.Empty != "":
	case workbook != nil:
		files = []File{*workbook}
		v.Workbook = "The workbook with every agent-day and exception is attached: " + workbook.Name
	case without != "":
		v.Workbook, v.WorkbookLink = without, pages.workbook(d)
	}
	m := render("daily", reports.Shown(v.Title, mostSubject), v)
	m.Files = files
	return m
}

// mostSubject is how many characters a subject has at most.
const mostSubject = 150

// Envelope is what a mail's head says beside its subject.
type Envelope struct {
	// From is a mailbox, with or without a name; To a bare address.
	From, To string
	// ID is the Message-ID without angle brackets; Answers that of the mail that this one is about, or empty.
	ID, Answers string
	Date        time.Time
	// Unsubscribe is the address of the page of subscriptions; empty without one.
	Unsubscribe string
}

// Bytes composes the mail: text and HTML as alternatives, then the files. The boundaries are random, so the bytes are
// to be stored and not made again.
func (l *Message) Bytes(e Envelope) ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	if err := m.From(e.From); err != nil {
		return nil, fmt.Errorf("compose the mail: sender %q: %w", e.From, err)
	}
	if err := m.To(e.To); err != nil {
		return nil, fmt.Errorf("compose the mail: recipient %q: %w", e.To, err)
	}
	m.Subject(l.Subject)
	m.SetMessageIDWithValue(e.ID)
	m.SetDateWithValue(e.Date)
	m.SetUserAgent("Rollcall")
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	if e.Answers != "" {
		m.SetGenHeader("In-Reply-To", "<"+e.Answers+">")
		m.SetGenHeader("References", "<"+e.Answers+">")
	}
	if e.Unsubscribe != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+e.Unsubscribe+">")
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	for _, f := range l.Files {
		if err := m.AttachReader(f.Name, bytes.NewReader(f.Data),
			gomail.WithFileContentType(contentType(f.Name))); err != nil {
			return nil, fmt.Errorf("compose the mail: attach %s: %w", f.Name, err)
		}
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose the mail: %w", err)
	}
	return b.Bytes(), nil
}

func contentType(name string) gomail.ContentType {
	if strings.HasSuffix(name, ".xlsx") {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return gomail.TypeAppOctetStream
}
