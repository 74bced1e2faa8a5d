package cpu

import (
	"sync"
	"time"

	"lumi/accel/cpu/kernel"
)

const (
	bandwidthBytes  = 512 << 20 // more than any cache holds
	bandwidthRounds = 5
)

// Bandwidth measures how fast the given number of threads together read
// memory, in bytes per second: the best of some rounds over a large block, each
// thread through a part of its own, with a loop that does nothing else. Decoding cannot be faster than this divided
// by the bytes it reads per token.
func Bandwidth(threads int) (float64, error) {
	a, err := newArena(bandwidthBytes, true)
	if err != nil {
		return 0, err
	}
	defer a.free()
	for i := 0; i < len(a.mem); i += 4096 {
		a.mem[i] = 1 // untouched pages are all the same one
	}
	var best float64
	for range bandwidthRounds {
		start := time.Now()
		var wait sync.WaitGroup
		for i := range threads {
			wait.Go(func() {
				kernel.ReadSum(a.mem[i*len(a.mem)/threads : (i+1)*len(a.mem)/threads])
			})
		}
		wait.Wait()
		best = max(best, bandwidthBytes/time.Since(start).Seconds())
	}
	return best, nil
}
