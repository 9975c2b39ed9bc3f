package app

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
)

// A job that does not end uses up the time of the stop: the spool and the store are closed all the same, and one that
// does not end either is left behind.
func TestLateComponentsStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := logrus.New()
		log.SetOutput(io.Discard)
		d, closed := &Daemon{log: log}, false
		passed := Clock().Add(-time.Second)
		run, end := context.WithCancel(t.Context())
		spool := &running{component: component{name: "spool", close: func() error { closed = true; return nil }},
			end: end, ended: make(chan struct{})}
		go func() {
			<-run.Done()
			time.Sleep(100 * time.Millisecond) // it closes its files
			close(spool.ended)
		}()
		if err := d.stop(passed, spool); err != nil || !closed {
			t.Errorf("stop: %v, closed %v", err, closed)
		}
		deaf, began := &running{component: component{name: "deaf"}, end: func() {}, ended: make(chan struct{})}, Clock()
		err := d.stop(passed, deaf)
		if err == nil || !strings.HasPrefix(err.Error(), "deaf did not stop") || Clock().Sub(began) != leastStop {
			t.Errorf("stop: %v after %s", err, Clock().Sub(began))
		}
	})
}
