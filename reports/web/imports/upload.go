package imports

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// fieldBytes bounds the fields of a form besides its file, together with the form's own frame.
const fieldBytes = 1 << 20

// upload is a form with a file that was received.
type upload struct {
	opt imports.Options
	in  files.Input
	// said are the fields as they came.
	said url.Values
	// stored is the file, which has no name any more: it is gone when it is closed, or when this program ends.
	stored *os.File
}

func (u *upload) close() { _ = u.stored.Close() } // only read

// reading is a look at the file from its beginning.
type reading struct{ *io.SectionReader }

// Close does nothing: the upload closes the file.
func (reading) Close() error { return nil }

// receive reads a form: the file goes to disk as it comes in, never into memory.
func (r *importRoutes) receive(req *http.Request) (*upload, error) {
	form, err := req.MultipartReader()
	if err != nil {
		return nil, schemas.NewProblem(http.StatusUnsupportedMediaType,
			fmt.Sprintf("%v; send multipart/form-data with a part named file", err))
	}
	u := &upload{said: url.Values{}}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = r.part(u, part)
		}
		if err != nil {
			if u.stored != nil {
				u.close()
			}
			return nil, brokenForm(err)
		}
	}
	if u.stored == nil {
		return nil, badForm("file", "is missing; send the file as a part of that name")
	}
	if err := u.opt.Validate(schemas.InstantOf(r.Now())); err != nil {
		u.close()
		return nil, schemas.NewProblem(http.StatusUnprocessableEntity, err.Error())
	}
	return u, nil
}

// brokenForm says of an error of the form itself that it is the sender's.
func brokenForm(err error) error {
	var tooLong *http.MaxBytesError
	var problem *schemas.Problem
	var disk *os.PathError
	if errors.As(err, &tooLong) || errors.As(err, &problem) || errors.As(err, &disk) {
		return err
	}
	return schemas.NewProblem(http.StatusBadRequest,
		fmt.Sprintf("the form broke off or is damaged: %v; nothing was imported", err))
}

func badForm(field, message string) error {
	return schemas.NewProblem(http.StatusUnprocessableEntity, field+" "+message,
		schemas.ProblemDetail{Location: "body." + field, Message: message})
}

// part takes one part of the form.
func (r *importRoutes) part(u *upload, part *multipart.Part) error {
	name := part.FormName()
	if name == "file" {
		if u.stored != nil {
			return badForm("file", "comes twice; import one file at a time")
		}
		return r.store(u, part)
	}
	text, err := io.ReadAll(io.LimitReader(part, fieldBytes))
	if err != nil {
		return err
	}
	return u.field(name, strings.TrimSpace(string(text)))
}

// formFields are the fields besides the file.
var formFields = []string{"profile", "time_zone", "sheet", "encoding", "from", "to", "missing", "longest",
	"allow_partial", "allow_removals", "if_revision"}

// field takes a field of the form; an empty one counts as not sent.
func (u *upload) field(name, value string) error {
	var err error
	if value != "" {
		u.said.Set(name, value)
	}
	switch {
	case value == "" && name != "":
	case name == "profile":
		if strings.ContainsAny(value, "\n:") {
			u.opt.Profile, err = profile.Parse("profile", []byte(value), files.LayoutOf)
		} else {
			u.opt.Profile, err = profile.Find(value, files.LayoutOf)
		}
		if errors.Is(err, profile.ErrNotReady) {
			u.opt.SavedProfile, err = value, nil
		}
	case name == "time_zone":
		u.opt.TimeZone = value
	case name == "sheet":
		u.opt.Sheet = value
	case name == "longest":
		u.opt.LongestMS, err = profile.ParseLongest(value)
	case name == "encoding":
		u.opt.Encoding, err = rows.ParseEncoding(value)
	case name == "from":
		u.opt.From, err = schemas.ParseDate(value)
	case name == "to":
		u.opt.To, err = schemas.ParseDate(value)
	case name == "allow_partial":
		u.opt.AllowPartial, err = strconv.ParseBool(value)
	case name == "allow_removals":
		u.opt.AllowRemovals, err = strconv.ParseBool(value)
	case name == "missing":
		u.opt.Missing, err = files.ParseMissing(value)
	case name == "if_revision":
		u.opt.IfRevision = value
	default:
		hint := "; the fields are file, " + strings.Join(formFields, ", ")
		if near := schemas.Nearest(name, append(formFields, "file")); near != "" {
			hint = fmt.Sprintf("; did you mean %s?", near)
		}
		return badForm(fmt.Sprintf("%.60q", name), "is no field of an import"+hint)
	}
	if err != nil {
		return badForm(name, err.Error())
	}
	return nil
}

// store writes the file to disk.
func (r *importRoutes) store(u *upload, part *multipart.Part) (err error) {
	if u.stored, err = r.unnamedFile(); err != nil {
		return err
	}
	f := u.stored
	size, err := io.Copy(f, part)
	u.in = files.Input{Name: fileName(part.FileName()), Size: size, Open: func() (io.ReadCloser, error) {
		return reading{io.NewSectionReader(f, 0, size)}, nil
	}}
	return err
}

// unnamedFile makes a file on disk under no name: it is gone when it is closed, or when this program ends.
func (r *importRoutes) unnamedFile() (*os.File, error) {
	if err := os.MkdirAll(r.limits.Dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(r.limits.Dir, "upload-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// fileName is how messages and lists call the file: the last part of the sender's path, on one line, not too long.
func fileName(sent string) string {
	name := filepath.Base(strings.ReplaceAll(sent, `\`, "/"))
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	if name == "." || name == "/" || name == "" {
		return "file"
	}
	if len(name) > schemas.MaxIDBytes {
		name = strings.ToValidUTF8(name[:schemas.MaxIDBytes], "")
	}
	return name
}
