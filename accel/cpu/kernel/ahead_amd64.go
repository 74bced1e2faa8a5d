package kernel

// ahead is how far ahead of the weights that are being multiplied more of them
// are prefetched, in bytes; 0 is not at all.
//
// Intel's processors stop following a stream at the end of every page of 4 KiB:
// with prefetching a core reads 1.2 to 1.4 times as fast for one token and up to
// 1.7 times for eight. AMD's follow on by themselves: Zen 4 was 20 to 40 %
// slower with it. Those before it (Zen 3), whose narrower registers take more
// instructions per byte and so look less far ahead, were 10 to 25 % faster.
var ahead = distance(maker(vendor()), Best())

func distance(maker string, best Level) int {
	switch {
	case maker == "GenuineIntel":
		return 4096
	case maker == "AuthenticAMD" && best == AVX2:
		return 512
	}
	return 0
}

// quads says that one token is multiplied with four groups of rows at a time
// where there are kernels for that. It is what makes Zen 3 read fast: its cores
// follow four streams at 1.3 to 1.5 times the speed of one. Unquantised weights
// are read so everywhere.
var quads = maker(vendor()) == "AuthenticAMD"

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
