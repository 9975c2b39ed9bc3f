package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheMailServerIsReadCheckedAndItsPasswordHidden(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	secret := write("secret", "s3cret words\n")
	c, err := Load(write("rollcall.yaml",
		"smtp:\n  address: mail.example.org:587\n  username: rollcall\n  password: file:"+secret+
			"\n  from: Rollcall <rollcall@example.org>\n"+
			"  domains: [example.org]\n  attach_limit: 1000\n  restate_above:\n    team: 0.25\n"),
		[]string{"ROLLCALL_SMTP_RESTATE_ABOVE_AGENT=3.5", "ROLLCALL_HTTP_PUBLIC_URL=https://rollcall.example/"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Mail()
	if err != nil || m.Server.Password != "s3cret words" || m.Server.Security != "starttls" || m.Above.Team != 0.25 ||
		m.Above.Agent != 3.5 || m.AttachLimit != 1000 ||
		m.Public != "https://rollcall.example" || m.Allows("kim@example.org") != nil ||
		m.Allows("kim@elsewhere.example") == nil {
		t.Errorf("%+v %v", m, err)
	}
	if text, err := c.Print(); err != nil || strings.Contains(text, "s3cret") ||
		!strings.Contains(text, "password: '****'") {
		t.Errorf("printed: %s %v", text, err)
	}
	c.SMTP.CAFile = write("ca.pem", "no certificate")
	if _, err := c.Mail(); err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("a file without a certificate: %v", err)
	}
	for key, yaml := range map[string]string{
		"smtp.address: ":             "address: mail.example.org\n  from: r@example.org",
		"smtp.security: ":            "address: mail.example.org:25\n  security: ssl\n  from: r@example.org",
		"smtp.username: ":            "address: mail.example.org:587\n  username: r\n  from: r@example.org",
		"smtp.from: ":                "address: mail.example.org:587\n  from: 'a b'",
		"smtp.attach_limit: ":        "address: mail.example.org:587\n  from: r@example.org\n  attach_limit: -1",
		"did you mean smtp.password": "passwort: x",
	} {
		if _, err := Load(write("wrong.yaml", "smtp:\n  "+yaml+"\n"), nil); err == nil ||
			!strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
