package sample

import "math/bits"

// mersenne is the generator MT19937 (Matsumoto and Nishimura, 1998) with the
// seeding and the draws of Python's module random, so that the same seed gives
// the same choices as there.
type mersenne struct {
	state [624]uint32
	next  int
}

// seed starts the generator as random.seed does with a whole number: by the
// array of its 32-bit words, the lowest first.
func (m *mersenne) seed(seed uint64) {
	key := []uint32{uint32(seed)}
	if high := uint32(seed >> 32); high != 0 {
		key = append(key, high)
	}
	s := &m.state
	s[0] = 19650218
	for i := 1; i < len(s); i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + uint32(i)
	}
	// The first word is copied from the last whenever the index comes round.
	i := 1
	step := func() {
		if i++; i == len(s) {
			s[0], i = s[len(s)-1], 1
		}
	}
	for k := range max(len(s), len(key)) {
		j := k % len(key)
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + key[j] + uint32(j)
		step()
	}
	for range len(s) - 1 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		step()
	}
	s[0] = 1 << 31
	m.next = len(s)
}

// uint32 draws 32 random bits.
func (m *mersenne) uint32() uint32 {
	s := &m.state
	if m.next == len(s) {
		for i := range s {
			y := s[i]&(1<<31) | s[(i+1)%len(s)]&(1<<31-1)
			s[i] = s[(i+397)%len(s)] ^ y>>1 ^ -(y&1)&0x9908b0df
		}
		m.next = 0
	}
	y := s[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// below draws a whole number from 0 to n−1, n ≥ 1, as random.randrange does:
// as many bits as n has, again while they make a number too large.
func (m *mersenne) below(n int) int {
	for {
		if r := int(m.uint32() >> (32 - bits.Len(uint(n)))); r < n {
			return r
		}
	}
}
