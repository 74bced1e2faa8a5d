package transcript

import (
	"slices"
	"testing"
)

func TestInsertAfter(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.SetMessages([]Message{{ID: 1, Role: User, Markdown: "one"}, {ID: 2, Role: Assistant, Markdown: "two"}})
	tr.InsertAfter(1, Message{ID: -1, Role: System, Author: "between", Markdown: "of them"})
	tr.InsertAfter(0, Message{ID: -2, Role: Notice, Markdown: "before all"})
	tr.InsertAfter(99, Message{ID: -3, Role: Notice, Markdown: "behind all"})
	tr.AppendText(2, " and more")
	var ids []int64
	at := 0
	for _, m := range tr.msgs {
		ids = append(ids, m.id)
		if m.start != at {
			t.Errorf("message %d begins at block %d, want %d", m.id, m.start, at)
		}
		for i := range m.count {
			if b := tr.blocks[m.start+i]; b.msg != m {
				t.Errorf("block %d belongs to message %d, want %d", m.start+i, b.msg.id, m.id)
			}
		}
		at += m.count
	}
	if want := []int64{-2, 1, -1, 2, -3}; !slices.Equal(ids, want) || at != len(tr.blocks) {
		t.Errorf("messages %d in %d of %d blocks, want %d", ids, at, len(tr.blocks), want)
	}
	if got := tr.byID[2].text(); got != "two and more" {
		t.Errorf("the message behind is %q", got)
	}
}
