package app

import "lumi/llm"

// SameAgain writes the last answer again with the seed that it was drawn with:
// as long as nothing else is changed, it comes out the same.
func (c *controller) SameAgain() {
	seed := c.LastSeed()
	if seed == 0 {
		c.tell(say("The seed of the last answer is not known."), action{})
		return
	}
	c.nextSeed = seed
	c.Regenerate()
	c.nextSeed = 0
}

// LastSeed is the seed of the open chat's last answer, 0 if it is not known.
func (c *controller) LastSeed() uint64 {
	if i := c.chat.last(llm.Assistant); i >= 0 {
		return c.chat.messages[i].Seed
	}
	return 0
}

// settingsOf are what an answer's tokens are sampled with: asked for each.
func (c *controller) settingsOf(a *answer) func() llm.Settings {
	return func() llm.Settings {
		s := c.Settings()
		if left := a.left.Load(); left != nil {
			s = *left
		}
		if a.seed != 0 {
			s.Seed = a.seed
		}
		return s
	}
}

// leaveAnswer lets an answer of the open chat go on with its settings when
// another chat is opened.
func (c *controller) leaveAnswer() {
	if c.answer != nil && c.answer.chat == c.chat {
		s := c.Settings()
		c.answer.left.Store(&s)
	}
}

// meetAnswer has an answer of the chat that was opened follow the panel again.
func (c *controller) meetAnswer() {
	if c.answer != nil && c.answer.chat == c.chat {
		c.answer.left.Store(nil)
	}
}
