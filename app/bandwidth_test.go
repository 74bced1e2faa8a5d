package app

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestBandwidthIsMeasuredOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", "bandwidth.json")
	measured := 0
	cache := &bandwidthCache{path, func(threads int) (float64, error) {
		measured++
		return 2e10, nil
	}}
	for _, damage := range []string{"", "", "null", "{", "[]"} {
		if damage != "" {
			if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b := newBench(t, "")
		b.Bandwidth = cache
		b.use(newFakeEngine("x"))
		b.until("the bandwidth is known", func() bool { return b.bandwidth > 0 })
		if b.bandwidth != 2e10 {
			t.Errorf("%v bytes/s", b.bandwidth)
		}
		b.end()
	}
	if measured != 4 { // the first time, and after each damage
		t.Errorf("measured %d times", measured)
	}
	if cache.known("another machine") != 0 {
		t.Error("another machine's bandwidth is known")
	}
}

// TestBandwidthBesideAnAnswer checks that what was measured while the model
// worked is thrown away.
func TestBandwidthBesideAnAnswer(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	begun, go_ := make(chan struct{}), make(chan struct{})
	cache := &bandwidthCache{filepath.Join(t.TempDir(), "bandwidth.json"), func(int) (float64, error) {
		close(begun)
		<-go_
		return 1e9, nil
	}}
	b.Bandwidth = cache
	e := newFakeEngine("yes")
	b.use(e)
	<-begun
	b.ask("Are you busy?")
	close(go_)
	done := make(chan struct{})
	b.controller.engines.add(func() { b.Post(func() { close(done) }) })
	b.until("the measurement has ended", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	if b.bandwidth != 0 || cache.known(machineKey(e.info)) != 0 {
		t.Error("a disturbed measurement is taken for the machine's bandwidth")
	}
	cache.measure = func(int) (float64, error) { return 0, errors.New("no memory") }
	b.use(newFakeEngine("x"))
	b.quiet()
	if b.notice != nil {
		t.Errorf("a measurement that fails tells %+v", b.notice)
	}
}

func TestBandwidthText(t *testing.T) {
	themedApp(t)
	for _, tc := range []struct {
		weights         int64
		rate, bandwidth float64
		want            string
	}{
		{97e6, 100, 0, "–"},
		{97e6, 0, 31.7e9, "31.7 GB/s"},
		{100e6, 100, 20e9, "50 % of 20.0 GB/s"},
	} {
		if got := bandwidthText(tc.weights, tc.rate, tc.bandwidth); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc, got, tc.want)
		}
	}
}
