package cpu

import (
	"context"

	"lumi/accel"
)

// lengths keeps a sequence in accord with rotary tables that have other
// frequencies for long sequences. All positions of a sequence turn by the same
// frequencies, so when its length passes the limit, in either direction, what
// the cache holds is computed anew. That makes the result a function of the
// sequence alone, however it was cut; Hugging Face's Phi-3 does the same.
type lengths struct {
	limit   int     // tokens of the longest short sequence; 0 if no table changes
	state   int     // what the cache holds
	history []int32 // the sequence's tokens
}

// The states of lengths.
const (
	unknown = iota // nothing that can be used
	short
	long
)

func newLengths(p *accel.Program, context int) lengths {
	for _, t := range p.Tables {
		if t.Long != nil {
			return lengths{limit: t.Limit, state: short, history: make([]int32, 0, context)}
		}
	}
	return lengths{}
}

// settle prepares the sequence for more tokens.
func (s *session) settle(ctx context.Context, tokens []int32) error {
	l := &s.lengths
	if l.limit == 0 {
		return nil
	}
	want := short
	if s.length+len(tokens) > l.limit {
		want = long
	}
	n := s.length
	if l.state != want && n > 0 {
		l.state = want
		s.length = 0
		_, err := s.pass(ctx, l.history[:n], accel.WantNone)
		s.length = n
		if err != nil {
			l.state = unknown
			return err
		}
	}
	l.state = want
	l.history = append(l.history[:n], tokens...)
	return nil
}
