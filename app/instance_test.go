package app

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patient has programs wait for each other however slow the computer is.
func patient(t *testing.T) {
	before := patience
	patience = time.Hour
	t.Cleanup(func() { patience = before })
}

func TestOneInstance(t *testing.T) {
	patient(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir, err := os.MkdirTemp("", "lumi") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "window.sock")
	// What a crash leaves behind is a socket without anybody listening.
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	first, err := claim(path, "", t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	raised := make(chan string, 8)
	first.serve(func(model string) bool { raised <- model; return true })

	for _, model := range []string{"", "/models/a \"strange\"\nname.gguf"} {
		if _, err := claim(path, model, t.Logf); !errors.Is(err, errRunning) {
			t.Fatalf("a second program gets %v, want %v", err, errRunning)
		}
		if got := <-raised; got != model {
			t.Errorf("handed over %q, want %q", got, model)
		}
	}
	conn, err := net.Dial("unix", path) // noise does not end it
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := claim(path, "", t.Logf); !errors.Is(err, errRunning) {
		t.Errorf("after noise a second program gets %v", err)
	}
	first.end()
	next, err := claim(path, "", t.Logf)
	if err != nil {
		t.Fatalf("after the end of the first: %v", err)
	}
	next.end()
}

// TestOneAfterAnother starts a program while another one, whose window is closed,
// still saves: it waits and then is the first.
func TestOneAfterAnother(t *testing.T) {
	patient(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir, err := os.MkdirTemp("", "lumi")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "window.sock")
	first, err := claim(path, "", t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	var once sync.Once
	first.serve(func(string) bool {
		once.Do(func() { close(asked) })
		return false
	})
	var saved atomic.Bool
	var others sync.WaitGroup
	others.Go(func() {
		<-asked
		saved.Store(true)
		first.end()
	})
	next, err := claim(path, "", t.Logf)
	if err != nil || !saved.Load() {
		t.Fatalf("the next program gets %v; all is saved: %v", err, saved.Load())
	}
	others.Wait()
	next.end()
}

// TestOneOfManyAtOnce starts many programs at the same moment, where a crash
// has left a socket: one becomes the first, all others hand over to it.
func TestOneOfManyAtOnce(t *testing.T) {
	patient(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir, err := os.MkdirTemp("", "lumi")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "window.sock")
	const rounds, programs = 20, 8
	for range rounds {
		stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		stale.SetUnlinkOnClose(false)
		if err := stale.Close(); err != nil {
			t.Fatal(err)
		}
		var raised atomic.Int32
		first := make(chan *instance, programs)
		var all sync.WaitGroup
		for range programs {
			all.Go(func() {
				i, err := claim(path, "", t.Logf)
				switch {
				case err == nil:
					i.serve(func(string) bool { raised.Add(1); return true })
					first <- i
				case !errors.Is(err, errRunning):
					t.Error(err)
				}
			})
		}
		all.Wait()
		close(first)
		n := 0
		for i := range first {
			i.end()
			n++
		}
		if got := raised.Load(); n != 1 || got != programs-1 {
			t.Fatalf("%d programs are the first and were called %d times, want 1 and %d", n, got, programs-1)
		}
	}
}
