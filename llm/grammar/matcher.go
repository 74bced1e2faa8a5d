package grammar

import "errors"

// form is something that a text is held to, as states that bytes lead to.
type form interface {
	start() int32
	step(state int32, b byte) int32 // dead when no answer begins like this
	complete(state int32) (whole, final bool)
	trim(state int32) (_ int32, forgot bool)
	fault() error
	control() bool // tokens that are no part of the text may stand anywhere
}

func (a *automaton) fault() error  { return a.err }
func (a *automaton) control() bool { return false }

// maxMasks is how many masks a form remembers.
const maxMasks = 256

// tracker follows one form.
type tracker struct {
	form  form
	state int32
	masks map[int32][]uint64
}

// Matcher follows an answer, token by token, and says which tokens may come
// next. It remembers what it has worked out, also for later answers. It is not
// safe for concurrent use.
type Matcher struct {
	v     *Vocabulary
	forms []*tracker
	mask  []uint64 // of several forms
	path  []int32
}

// ErrTooLong says that banned texts are too many.
var ErrTooLong = errors.New("the banned texts are longer than 4096 bytes together")

// NewMatcher holds answers to a grammar, which may be nil, and to not holding
// any of the banned texts, in upper or lower case (ASCII letters only).
func NewMatcher(v *Vocabulary, g *Grammar, banned []string) (*Matcher, error) {
	m := &Matcher{v: v, path: make([]int32, v.longest+1), mask: make([]uint64, v.words())}
	if g != nil {
		m.forms = append(m.forms, &tracker{form: newAutomaton(g)})
	}
	b, err := newBan(banned)
	if err != nil {
		return nil, err
	}
	if b != nil {
		m.forms = append(m.forms, &tracker{form: b})
	}
	for _, t := range m.forms {
		t.masks = map[int32][]uint64{}
	}
	m.Reset()
	return m, nil
}

// Reset begins a new answer.
func (m *Matcher) Reset() {
	for _, t := range m.forms {
		t.state = t.form.start()
	}
}

// Err is why the form cannot be followed any further, if so. No token is
// allowed then.
func (m *Matcher) Err() error {
	for _, t := range m.forms {
		if err := t.form.fault(); err != nil {
			return err
		}
	}
	return nil
}

// Finished reports whether the answer is whole and nothing can follow.
func (m *Matcher) Finished() bool {
	for _, t := range m.forms {
		if whole, final := t.form.complete(t.state); whole && final {
			return true
		}
	}
	return false
}

// Allows reports whether the token may come next.
func (m *Matcher) Allows(id int32) bool {
	for _, t := range m.forms {
		if t.after(m.v, id) == dead {
			return false
		}
	}
	return true
}

// Accept goes on with a token. One that is not allowed leaves an answer that
// nothing can follow.
func (m *Matcher) Accept(id int32) {
	for _, t := range m.forms {
		if t.state == dead {
			continue
		}
		var forgot bool
		if t.state, forgot = t.form.trim(t.after(m.v, id)); forgot {
			clear(t.masks)
		}
	}
}

// after is the state after a token.
func (t *tracker) after(v *Vocabulary, id int32) int32 {
	if t.state == dead || id < 0 || int(id) >= v.tokens {
		return dead
	}
	piece := v.pieces[id]
	if piece == nil { // it ends the answer or is no part of it
		if whole, _ := t.form.complete(t.state); v.isEnd(id) && whole || t.form.control() {
			return t.state
		}
		return dead
	}
	state := t.state
	for _, b := range piece {
		if state = t.form.step(state, b); state == dead {
			return dead
		}
	}
	return state
}

func (v *Vocabulary) isEnd(id int32) bool {
	for _, e := range v.ends {
		if e == id {
			return true
		}
	}
	return false
}

// Mask has a bit for every token that may come next. It is valid until the
// next call of a method.
func (m *Matcher) Mask() []uint64 {
	if len(m.forms) == 1 {
		return m.forms[0].mask(m)
	}
	for i := range m.mask {
		m.mask[i] = ^uint64(0)
	}
	for _, t := range m.forms {
		for i, w := range t.mask(m) {
			m.mask[i] &= w
		}
	}
	return m.mask
}

func (t *tracker) mask(m *Matcher) []uint64 {
	if mask, ok := t.masks[t.state]; ok {
		return mask
	}
	mask := make([]uint64, m.v.words())
	if t.state == dead {
		return mask
	}
	m.v.walk(t.form, t.state, mask, m.path)
	if whole, _ := t.form.complete(t.state); whole {
		set(mask, m.v.ends)
	}
	if t.form.control() {
		set(mask, m.v.control)
	}
	if t.form.fault() != nil {
		clear(mask)
	}
	if len(t.masks) >= maxMasks {
		clear(t.masks)
	}
	t.masks[t.state] = mask
	return mask
}
