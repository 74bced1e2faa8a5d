package cpu

import (
	"slices"
	"testing"
)

func TestPlace(t *testing.T) {
	all := cores()
	if len(all) == 0 {
		t.Fatal("no cores")
	}
	var p place
	for _, c := range all {
		p.take(c)
		if now := cores(); !slices.Equal(now, []int{c}) {
			t.Errorf("bound to core %d, but may run on %v", c, now)
		}
		p.leave()
		p.leave()
		if now := cores(); !slices.Equal(now, all) {
			t.Errorf("after core %d may run on %v, before on %v", c, now, all)
		}
	}
	const none = 1023
	if p.take(none); p.held || !slices.Equal(cores(), all) {
		t.Errorf("bound to core %d, which is none", none)
	}
}
