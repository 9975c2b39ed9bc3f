package engine

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(RunTests(m)) }

func TestSmoke(t *testing.T) {
	start := time.Now()
	at := ForTest(t)
	t.Log(at, time.Since(start))
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(at.EnginePID) + "/status")
	t.Log(string(b))
	start = time.Now()
	t.Log(greet(context.Background(), at, time.Second))
	t.Log(time.Since(start))
}
