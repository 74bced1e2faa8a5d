package llm

import "strings"

// stopper cuts an answer at the first stop text. Text that could be the
// beginning of one is held back until it is clear.
type stopper struct {
	stops   []string
	whole   strings.Builder // everything let through
	held    string
	stopped bool
}

func newStopper(stops []string) *stopper {
	s := &stopper{}
	for _, t := range stops {
		if t != "" {
			s.stops = append(s.stops, t)
		}
	}
	return s
}

// push adds new text and returns what may be shown.
func (s *stopper) push(text string) string {
	if s.stopped {
		return ""
	}
	s.held += text
	end := len(s.held)
	for _, stop := range s.stops {
		if i := strings.Index(s.held, stop); i >= 0 && i < end {
			end, s.stopped = i, true
		}
	}
	if !s.stopped {
		end -= s.open()
	}
	out := s.held[:end]
	s.held = s.held[end:]
	s.whole.WriteString(out)
	return out
}

// open is the length of the longest end of the held text that begins a stop
// text.
func (s *stopper) open() int {
	longest := 0
	for _, stop := range s.stops {
		for n := min(len(stop)-1, len(s.held)); n > longest; n-- {
			if strings.HasSuffix(s.held, stop[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// rest ends the text with its last piece and returns what may still be shown,
// and the whole answer.
func (s *stopper) rest(last string) (tail, whole string) {
	tail = s.push(last)
	if !s.stopped {
		tail += s.held
		s.whole.WriteString(s.held)
		s.held = ""
	}
	return tail, s.whole.String()
}
