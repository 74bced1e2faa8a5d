package grammar

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

// The bounds of an automaton. What is remembered is dropped between two
// tokens when it has grown past keepStates.
const (
	maxDepth   = 1 << 12 // rules that are open in one another
	maxConfigs = 1 << 13 // ways to go on at one place of a text
	keepStates = 1 << 13
	maxStates  = 1 << 17 // within one token
	maxWork    = 1 << 24 // steps within one token, about two seconds
)

// ErrAmbiguous ends an answer under a grammar that cannot be followed.
var ErrAmbiguous = errors.New("the grammar allows too many readings of the text so far to follow them all: rewrite the rules so that they tell sooner which of them applies")

// dead is the state after a text that no answer begins with.
const dead = -1

// config is one way that the text so far can be read: the instruction that
// waits for a byte, and the calls that are open.
type config struct{ pc, frame int32 }

// frame is an open call: where it returns to and what was open before it.
// Equal frames have equal numbers. Frame 0 is none.
type frame struct{ pc, below int32 }

// automaton runs a grammar over bytes. States are numbered as they are met.
type automaton struct {
	g      *Grammar
	frames []frame
	depths []int32
	byCall map[frame]int32

	states  [][]config // sorted
	accepts []bool     // the text so far is a whole answer
	byKey   map[string]int32
	steps   []int32 // per state and class of bytes: the next state + 1, 0 for not known yet, −1 for dead
	work    int
	err     error

	// Scratch of closure.
	seen map[config]struct{}
	todo []config
	next []config
	done bool // the closure holds the end of the grammar
	key  []byte
}

func newAutomaton(g *Grammar) *automaton {
	a := &automaton{g: g, seen: map[config]struct{}{}}
	a.forget()
	return a
}

// forget drops all states and frames.
func (a *automaton) forget() {
	a.frames, a.depths = []frame{{}}, []int32{0}
	a.byCall, a.byKey = map[frame]int32{}, map[string]int32{}
	a.states, a.accepts, a.steps = nil, nil, nil
}

// start is the state before any text.
func (a *automaton) start() int32 {
	a.work = 0
	a.open()
	a.follow(config{pc: a.g.root})
	return a.state()
}

// step is the state after one more byte.
func (a *automaton) step(state int32, b byte) int32 {
	class := a.g.classes[b]
	at := int(state)*len(a.g.examples) + int(class)
	switch next := a.steps[at]; {
	case next > 0:
		return next - 1
	case next < 0:
		return dead
	}
	a.open()
	example := a.g.examples[class]
	for _, c := range a.states[state] {
		if in := a.g.code[c.pc]; in.low <= example && example <= in.high {
			a.follow(config{c.pc + 1, c.frame})
		}
	}
	next := a.state()
	if a.steps[at] = next + 1; next == dead {
		a.steps[at] = -1
	}
	return next
}

// open begins a new set of configurations.
func (a *automaton) open() {
	clear(a.seen)
	a.next, a.done = a.next[:0], false
}

// follow adds a configuration and all that it leads to without another byte.
func (a *automaton) follow(c config) {
	a.todo = append(a.todo[:0], c)
	for len(a.todo) > 0 {
		c := a.todo[len(a.todo)-1]
		a.todo = a.todo[:len(a.todo)-1]
		if _, ok := a.seen[c]; ok {
			continue
		}
		if a.work++; a.work > maxWork || len(a.seen) >= 8*maxConfigs || len(a.next) >= maxConfigs {
			a.err = ErrAmbiguous
			return
		}
		a.seen[c] = struct{}{}
		switch in := a.g.code[c.pc]; in.op {
		case opByte:
			a.next = append(a.next, c)
		case opSplit:
			a.todo = append(a.todo, config{in.x, c.frame}, config{c.pc + 1, c.frame})
		case opJump:
			a.todo = append(a.todo, config{in.x, c.frame})
		case opCall:
			if f, ok := a.call(c); ok {
				a.todo = append(a.todo, config{in.x, f})
			}
		case opReturn:
			if c.frame == 0 {
				a.done = true
				continue
			}
			f := a.frames[c.frame]
			a.todo = append(a.todo, config{f.pc, f.below})
		}
	}
}

// call is the frame of a call at c. A call that is the last thing its rule
// does needs none, so that lists written by recursion do not grow. Calls
// nested too deeply are not followed: the text has to close some first.
func (a *automaton) call(c config) (int32, bool) {
	pc := c.pc + 1
	for a.g.code[pc].op == opJump {
		pc = a.g.code[pc].x
	}
	if a.g.code[pc].op == opReturn {
		return c.frame, true
	}
	if a.depths[c.frame] >= maxDepth {
		return 0, false
	}
	return a.frameOf(frame{pc, c.frame}), true
}

func (a *automaton) frameOf(f frame) int32 {
	if n, ok := a.byCall[f]; ok {
		return n
	}
	n := int32(len(a.frames))
	a.frames = append(a.frames, f)
	a.depths = append(a.depths, a.depths[f.below]+1)
	a.byCall[f] = n
	return n
}

// state is the number of the set of configurations that was collected.
func (a *automaton) state() int32 {
	if len(a.states) >= maxStates {
		a.err = ErrAmbiguous
	}
	if a.err != nil || len(a.next) == 0 && !a.done {
		return dead
	}
	slices.SortFunc(a.next, func(x, y config) int {
		return cmp.Or(cmp.Compare(x.pc, y.pc), cmp.Compare(x.frame, y.frame))
	})
	a.key = a.key[:0]
	for _, c := range a.next {
		a.key = binary.LittleEndian.AppendUint32(a.key, uint32(c.pc))
		a.key = binary.LittleEndian.AppendUint32(a.key, uint32(c.frame))
	}
	if a.done {
		a.key = append(a.key, 1)
	}
	if n, ok := a.byKey[string(a.key)]; ok {
		return n
	}
	n := int32(len(a.states))
	a.states = append(a.states, slices.Clone(a.next))
	a.accepts = append(a.accepts, a.done)
	a.byKey[string(a.key)] = n
	a.steps = append(a.steps, make([]int32, len(a.g.examples))...)
	return n
}

// complete reports whether the text so far is a whole answer, and final
// whether nothing can follow.
func (a *automaton) complete(state int32) (whole, final bool) {
	if state == dead {
		return false, true
	}
	return a.accepts[state], len(a.states[state]) == 0
}

// trim forgets what was remembered when it is too much, and returns the new
// number of the state, the only one that stays. It begins a new token.
func (a *automaton) trim(state int32) (_ int32, forgot bool) {
	a.work = 0
	if len(a.states) < keepStates && len(a.frames) < 8*keepStates || state == dead {
		return state, false
	}
	configs, done, frames := a.states[state], a.accepts[state], a.frames
	a.forget()
	a.open()
	for _, c := range configs {
		var open []int32
		for f := c.frame; f != 0; f = frames[f].below {
			open = append(open, frames[f].pc)
		}
		f := int32(0)
		for _, pc := range slices.Backward(open) {
			f = a.frameOf(frame{pc, f})
		}
		a.next = append(a.next, config{c.pc, f})
	}
	a.done = done
	return a.state(), true
}
