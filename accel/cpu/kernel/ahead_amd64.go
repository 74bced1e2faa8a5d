package kernel

// ahead is how far ahead of the weights that are being multiplied more of them
// are prefetched, in bytes; 0 is not at all.
//
// Intel's processors stop following a stream at the end of every page of 4 KiB:
// with prefetching a core reads 1.2 to 1.4 times as fast for one token and up to
// 1.7 times for eight. AMD's (Zen 4) follow on by themselves and were 20 to 40 %
// slower with it.
var ahead = distance(maker(vendor()))

func distance(maker string) int {
	if maker == "GenuineIntel" {
		return 4096
	}
	return 0
}

// maker joins the letters of the processor's maker.
func maker(first, second, third uint32) string {
	var name [12]byte
	for i, letters := range [3]uint32{first, second, third} {
		le.PutUint32(name[4*i:], letters)
	}
	return string(name[:])
}

// aheadFor is the distance for a tile of tokens: the first ones of a batch fetch
// the weights from memory, the others find them in the cache.
func aheadFor(token int) int {
	if token < lanes {
		return ahead
	}
	return 0
}
