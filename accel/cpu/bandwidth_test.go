package cpu

import "testing"

func TestBandwidth(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: reads several gigabytes")
	}
	b, err := Bandwidth(2)
	if err != nil || b <= 0 {
		t.Errorf("%g bytes/s, %v", b, err)
	}
}
