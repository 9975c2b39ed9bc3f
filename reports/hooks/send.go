package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"rollcall/schemas"
)

// sign returns the value of the header Rollcall-Signature for a body sent at a timestamp in Unix seconds, as the
// package comment defines it.
func sign(secret, timestamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, timestamp+"."+body) // a hash takes everything
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// newClient returns the client of one hook: no proxy, no redirects, one idle connection that stays open for a while.
func newClient(h *Hook, timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{DialContext: dialer(h), TLSHandshakeTimeout: timeout, MaxIdleConnsPerHost: 1,
			IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// mostAnswer is how much of an answer is read, for the connection's sake; longestAnswer how much of it an error shows.
const (
	mostAnswer    = 4 << 10
	longestAnswer = 200
)

// send makes one attempt. The error is a *backoff.PermanentError where another attempt makes no sense.
func (q *queue) send(ctx context.Context, d *schemas.WebhookDelivery, now time.Time) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, q.hook.URL, strings.NewReader(d.Body))
	if err != nil {
		return backoff.Permanent(fmt.Errorf("make the request: %w", err))
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	for key, value := range map[string]string{
		"Content-Type":       "application/json",
		"User-Agent":         "Rollcall-Webhook",
		"Rollcall-Event":     d.Event,
		"Rollcall-Delivery":  d.ID,
		"Rollcall-Timestamp": stamp,
		"Rollcall-Signature": sign(q.hook.Secret, stamp, d.Body),
	} {
		r.Header.Set(key, value)
	}
	resp, err := q.client.Do(r)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which the delivery names
		}
		var refused *refusedError
		if errors.As(err, &refused) {
			return backoff.Permanent(refused)
		}
		return err
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer)) // whatever came of it
	_ = resp.Body.Close()                                        // nothing more is wanted of it
	return answer(resp, text, now)
}

// answer judges what the receiver said.
func answer(resp *http.Response, text []byte, now time.Time) error {
	code := resp.StatusCode
	err := fmt.Errorf("the receiver answers %d %s", code, http.StatusText(code))
	if shown := strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "?")), " "); shown != "" {
		err = fmt.Errorf("%w: %.*s", err, longestAnswer, shown)
	}
	switch {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusTooManyRequests || code >= 500:
		if until := retryAfter(resp.Header.Get("Retry-After"), now); until > 0 {
			return &later{err, until}
		}
		return err
	case code >= 300 && code < 400:
		return backoff.Permanent(fmt.Errorf("%w; redirects are not followed, write the final address into the configuration",
			err))
	}
	return backoff.Permanent(err)
}

// later is the error of a receiver that says when to come back.
type later struct {
	error
	after time.Duration
}

// Unwrap returns what the receiver said.
func (l *later) Unwrap() error { return l.error }

// retryAfter reads the header: seconds, or an HTTP date; 0 where there is none.
func retryAfter(text string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(text); err == nil && s > 0 {
		return time.Duration(min(s, 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
