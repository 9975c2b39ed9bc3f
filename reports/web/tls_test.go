package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a self-signed certificate for the name and gives its files.
func certificate(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der},
		key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestWithACertificateTheServerIsKnownByItsNamesAndCookiesNeedTLS(t *testing.T) {
	c := config()
	c.Listen = "0.0.0.0:0"
	c.TLSCert, c.TLSKey = certificate(t, "rollcall.example.org")
	h := newHouse(t, c)
	_, port, _ := strings.Cut(strings.TrimPrefix(h.url, "http://["), "]:")
	client := &http.Client{CheckRedirect: stay,
		Transport: &http.Transport{DisableKeepAlives: true, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the certificate is nobody's
	for host, want := range map[string]int{"rollcall.example.org": http.StatusSeeOther,
		"evil.example": http.StatusMisdirectedRequest} {
		form := url.Values{"name": {"agent"}, "password": {password}}
		r, err := http.NewRequestWithContext(t.Context(), "POST", "https://127.0.0.1:"+port+"/login",
			strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		status, head, _ := send(t, client, r)
		cookie := head.Get("Set-Cookie")
		if status != want || (want == http.StatusSeeOther) != (strings.HasPrefix(cookie, "__Host-") &&
			strings.Contains(cookie, "Secure")) {
			t.Errorf("for %s: got %d with %q", host, status, cookie)
		}
		if head.Get("Strict-Transport-Security") == "" {
			t.Errorf("for %s: browsers are not told to stay with TLS", host)
		}
	}
}

func TestACertificateThatCannotBeReadSaysWhich(t *testing.T) {
	c := config()
	c.TLSCert, c.TLSKey = certificate(t, "rollcall.example.org")
	if err := os.WriteFile(c.TLSKey, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bare(t, c).Listen(t.Context()); err == nil || !strings.Contains(err.Error(), c.TLSKey) {
		t.Errorf("got %v", err)
	}
}
