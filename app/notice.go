package app

import (
	"context"
	"errors"
)

// action is what a person can do about a notice; without a Do there is none.
type action struct {
	Label phrase
	Do    func()
}

// undo is the action that takes back what a notice tells of.
func undo(do func()) action { return action{say("Undo"), do} }

// undoes reports whether it is one.
func (a action) undoes() bool { return a.Label.key == undo(nil).Label.key }

// notice is one sentence for the person, with at most one action.
type notice struct {
	Text   phrase
	Fault  bool // an error, not just news
	Action action
	deed   phrase // what an undo undoes
}

// beside is a notice that leaves to before what it offers: n with what before
// said in front, so that it can be read what is undone.
func (n notice) beside(before *notice) *notice {
	n.deed = before.deed
	n.Text, n.Action = together(before.deed, n.Text), before.Action
	return &n
}

// tell shows a sentence that is no error.
func (c *controller) tell(text phrase, a action) { c.show(&notice{Text: text, Action: a}) }

// tellAll shows several sentences at once; none is lost behind another.
func (c *controller) tellAll(sentences ...phrase) {
	if len(sentences) > 0 {
		c.tell(together(sentences...), action{})
	}
}

// failAll shows what went wrong in several places at once.
func (c *controller) failAll(faults []phrase) {
	if len(faults) > 0 {
		c.show(&notice{Text: together(faults...), Fault: true})
	}
}

// add shows sentences behind the fault that is being shown, if there is one,
// and else as tellAll does.
func (c *controller) add(sentences ...phrase) {
	if n := c.notice; n != nil && n.Fault && len(sentences) > 0 {
		c.show(&notice{Text: together(append([]phrase{n.Text}, sentences...)...), Fault: true, Action: n.Action})
		return
	}
	c.tellAll(sentences...)
}

// allReported are errors as a person is told them, one after the other.
func allReported(errs []error) []phrase {
	list := make([]phrase, len(errs))
	for i, err := range errs {
		list[i] = reported(err)
	}
	return list
}

// fail shows an error. A cancelled context is no error: somebody wanted it.
func (c *controller) fail(err error, a action) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	c.show(&notice{Text: reported(err), Fault: true, Action: a})
}

// failed is fail with a phrase that says what could not be done; its place
// {{.Why}} says why.
func (c *controller) failed(what phrase, err error, a action) {
	if err != nil {
		c.fail(what.because(err), a)
	}
}

// reported is an error as a person is told it who has not been told yet that
// something failed.
func reported(err error) phrase {
	p := explained(err)
	if p.foreign != "" {
		return say("Something went wrong: {{.Why}}", fields{"Why": p})
	}
	return p
}

// show replaces the notice. One that offers nothing leaves the offer to undo
// where it is.
func (c *controller) show(n *notice) {
	switch {
	case n == nil:
	case n.Action.undoes():
		n.deed, c.undoing = n.Text, n.Action
	case n.Action.Do == nil && c.offersUndo():
		n = n.beside(c.notice)
	}
	c.notice = n
	c.view.NoticeChanged()
}

// offersUndo reports whether the notice does.
func (c *controller) offersUndo() bool { return c.notice != nil && c.notice.Action.undoes() }

// Dismiss takes the notice away.
func (c *controller) Dismiss() {
	if c.notice != nil {
		c.show(nil)
	}
}

// Act does what the notice offers and takes it away.
func (c *controller) Act() {
	n := c.notice
	if c.offersUndo() {
		c.Undo()
		return
	}
	c.Dismiss()
	if n != nil && n.Action.Do != nil {
		n.Action.Do()
	}
}

// CanUndo reports whether there is something to take back.
func (c *controller) CanUndo() bool { return c.undoing.Do != nil }

// Undo takes back what a notice last offered to, whether it still does or not.
func (c *controller) Undo() {
	if !c.CanUndo() {
		return
	}
	do := c.undoing.Do
	c.undoing = action{}
	if c.offersUndo() {
		c.Dismiss()
	}
	do()
}
