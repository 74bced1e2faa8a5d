package app

import (
	"slices"
	"time"

	"lumi/llm"
)

// budget is what the next prompt takes of the context while a message is being
// written.
type budget struct {
	Prompt int // tokens of the whole prompt, with the message
	Known  bool
	asked  []llm.Message // what was counted
}

// calmDraft is how long nothing must be typed before the prompt is counted.
const calmDraft = 200 * time.Millisecond

// countSoon counts the prompt that the draft would make as soon as typing pauses.
func (c *controller) countSoon() {
	if !c.chat.drafted() {
		c.budget = budget{}
		c.view.BudgetChanged()
		return
	}
	if c.calm != nil {
		c.calm.Stop()
	}
	c.calm = time.AfterFunc(calmDraft, func() { c.Post(c.countDraft) })
}

// countDraft counts the prompt with what is being typed. There is never more
// than one count on its way: with a long chat each takes time.
func (c *controller) countDraft() {
	engine := c.model.engine
	if engine == nil || !c.chat.drafted() || c.chat.loading {
		return
	}
	if c.counting {
		c.countAgain = true
		return
	}
	prompt := c.chat.promptWith(c.chat.written())
	if c.counted(prompt) {
		c.countEnded()
		return
	}
	c.counting = true
	c.countTokens(engine, prompt, func(n int, err error) {
		c.counting = false
		if err == nil {
			c.budget = budget{Prompt: n, Known: true, asked: prompt}
			c.view.BudgetChanged()
		} else if c.afterCount != nil { // it would only fail again
			c.afterCount = nil
			c.failed(say("The message was not sent: {{.Why}}"), err, action{})
		}
		if c.countAgain {
			c.countAgain = false
			c.countDraft()
			return
		}
		c.countEnded()
	})
}

// countEnded goes on with a message that waited for the count.
func (c *controller) countEnded() {
	if then := c.afterCount; then != nil {
		c.afterCount = nil
		then()
	}
}

// counted reports whether the budget is that of the prompt.
func (c *controller) counted(prompt []llm.Message) bool {
	return c.budget.Known && slices.Equal(c.budget.asked, prompt)
}

// countTokens counts a prompt without holding up the window, and then goes on
// in the window's goroutine unless the model is gone by then.
func (c *controller) countTokens(engine Engine, prompt []llm.Message, then func(n int, err error)) {
	c.engines.add(func() {
		n, err := 0, errModelGone
		if c.ctx.Err() == nil && c.held == engine {
			err = c.guard("counting tokens", func() (err error) {
				n, err = engine.Count(prompt)
				return err
			})
			if err != nil {
				c.Log("counting tokens: %v", err)
			}
		}
		c.Post(func() { then(n, err) })
	})
}

// ContextUsed is how many tokens of the context the next prompt takes, as far
// as it is known, and how many there are; 0 of 0 without a model.
func (c *controller) ContextUsed() (used, size int) {
	if c.model.engine == nil {
		return 0, 0
	}
	used, size = c.readout.Stats.ContextUsed, c.readout.Stats.ContextSize
	if c.answer == nil && c.budget.Known && c.chat.drafted() {
		used, size = c.budget.Prompt, c.model.info.Context
	}
	return used, size
}
