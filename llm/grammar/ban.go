package grammar

// ban is the form of texts that hold none of a list: the automaton of Aho and
// Corasick ("Efficient string matching", 1975), in which the end of a text of
// the list is dead. ASCII letters count alike in both cases.
type ban struct {
	next [][256]int32
}

// maxBanned bounds the banned texts together, in bytes: each takes 1 KiB.
const maxBanned = 4096

// newBan returns nil when there is nothing to ban.
func newBan(texts []string) (*ban, error) {
	total := 0
	for _, t := range texts {
		total += len(t)
	}
	if total > maxBanned {
		return nil, ErrTooLong
	}
	if total == 0 {
		return nil, nil
	}
	b := &ban{next: make([][256]int32, 1, total+1)}
	ends := make([]bool, 1, total+1)
	for _, t := range texts {
		if t == "" {
			continue
		}
		at := int32(0)
		for i := range len(t) {
			c := lower(t[i])
			if b.next[at][c] == 0 {
				b.next[at][c] = int32(len(b.next))
				b.next, ends = append(b.next, [256]int32{}), append(ends, false)
			}
			at = b.next[at][c]
		}
		ends[at] = true
	}
	b.link(ends)
	return b, nil
}

// link turns the tree of the texts into the automaton: where a text does not
// go on, the longest end of what was read that begins another text does.
func (b *ban) link(ends []bool) {
	fail := make([]int32, len(b.next))
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		ends[at] = ends[at] || ends[fail[at]]
		for c := range 256 {
			to := b.next[at][c]
			shorter := int32(0)
			if at != 0 {
				shorter = b.next[fail[at]][c]
			}
			if to == 0 {
				b.next[at][c] = shorter
				continue
			}
			fail[to] = shorter
			queue = append(queue, to)
		}
	}
	for at := range b.next {
		for c := range 256 {
			if b.next[at][c] = b.next[at][lower(byte(c))]; ends[b.next[at][c]] {
				b.next[at][c] = dead
			}
		}
	}
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func (b *ban) start() int32                   { return 0 }
func (b *ban) step(state int32, c byte) int32 { return b.next[state][c] }
func (b *ban) complete(int32) (bool, bool)    { return true, false }
func (b *ban) trim(state int32) (int32, bool) { return state, false }
func (b *ban) fault() error                   { return nil }
func (b *ban) control() bool                  { return true }
