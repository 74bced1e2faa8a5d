package history

import (
	"bytes"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// node is a message of a tree as it should be.
type node struct {
	id, parent int64
	role, text string
	removal    int64 // the message it was deleted with, 0 if it is there
}

// branchModel is a chat with branches, in memory.
type branchModel struct {
	nodes    []*node // in order of their ids
	head     int64
	removals []Removal
}

func (b *branchModel) node(id int64) *node {
	i := slices.IndexFunc(b.nodes, func(n *node) bool { return n.id == id })
	if i < 0 {
		return &node{}
	}
	return b.nodes[i]
}

// live returns the messages that are there.
func (b *branchModel) live() (live []*node) {
	for _, n := range b.nodes {
		if n.removal == 0 {
			live = append(live, n)
		}
	}
	return live
}

func (b *branchModel) siblings(id int64) (ids []int64) {
	for _, n := range b.live() {
		if n.parent == b.node(id).parent {
			ids = append(ids, n.id)
		}
	}
	return ids
}

// below returns a message and all that follow it and are there.
func (b *branchModel) below(id int64) (below []*node) {
	in := map[int64]bool{id: true}
	for _, n := range b.live() {
		if in[n.id] || in[n.parent] {
			in[n.id] = true
			below = append(below, n)
		}
	}
	return below
}

func (b *branchModel) newest(id int64) int64 {
	below := b.below(id)
	return below[len(below)-1].id
}

func (b *branchModel) path() (texts []string, ids []int64) {
	for n := b.node(b.head); n.id != 0; n = b.node(n.parent) {
		texts, ids = append(texts, n.text), append(ids, n.id)
	}
	slices.Reverse(texts)
	slices.Reverse(ids)
	return texts, ids
}

func (b *branchModel) add(m Message) {
	b.nodes = append(b.nodes, &node{id: m.ID, parent: m.ParentID, role: m.Role, text: m.Content})
	b.head = m.ID
}

func (b *branchModel) remove(id int64) {
	siblings := b.siblings(id)
	for _, n := range b.below(id) {
		n.removal = id
	}
	if b.node(b.head).removal == 0 {
		return
	}
	b.head = b.node(id).parent
	if i := slices.Index(siblings, id); i > 0 {
		b.head = b.newest(siblings[i-1])
	} else if len(siblings) > 1 {
		b.head = b.newest(siblings[1])
	}
}

// restore reports whether there was anything to restore.
func (b *branchModel) restore(r Removal) bool {
	back, any := b.node(b.node(r.Message).parent).removal, false
	for _, n := range b.nodes {
		if n.removal == r.Message {
			n.removal, any = back, true
		}
	}
	if any && r.Head != 0 && b.node(r.Head).removal == 0 {
		b.head = r.Head
	}
	return any
}

// TestBranchesBehaveLikeTheirModel grows, edits, prunes and copies a tree.
func TestBranchesBehaveLikeTheirModel(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	ctx, base, runs := t.Context(), t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		s := openReopenable(t, filepath.Join(base, strconv.Itoa(runs), "chats.db"))
		defer func() { s.Close() }()
		chat := must(s.NewChat(ctx, Chat{Title: "tree"})).ID
		model := &branchModel{}
		pick := func(t *rapid.T) *node {
			live := model.live()
			if len(live) == 0 {
				t.Skip("no message")
			}
			return live[rapid.IntRange(0, len(live)-1).Draw(t, "message")]
		}
		finish := func(t *rapid.T, m Message, err error) {
			if err != nil {
				t.Fatal(err)
			}
			m.Content = rapid.String().Draw(t, "text")
			if err := s.FinishAnswer(ctx, m.ID, Answer{Text: m.Content}); err != nil {
				t.Fatal(err)
			}
			model.add(m)
		}
		t.Repeat(map[string]func(*rapid.T){
			"ask": func(t *rapid.T) {
				model.add(must(s.Append(ctx, Message{ChatID: chat, Role: User, Content: rapid.String().Draw(t, "text")})))
			},
			"answer": func(t *rapid.T) {
				m, err := s.BeginAnswer(ctx, chat, "", "")
				finish(t, m, err)
			},
			"edit": func(t *rapid.T) {
				old, text := pick(t), rapid.String().Draw(t, "text")
				m, err := s.Edit(ctx, old.id, text, nil)
				if err != nil || m.Role != old.role || m.ParentID != old.parent {
					t.Fatalf("%d edited: %+v, %v", old.id, m, err)
				}
				model.add(m)
			},
			"regenerate": func(t *rapid.T) {
				old := pick(t)
				m, err := s.Regenerate(ctx, old.id, "", "")
				finish(t, m, err)
				if want := map[string]int64{User: old.id, Assistant: old.parent}[old.role]; m.ParentID != want {
					t.Fatalf("the new answer follows %d, want %d", m.ParentID, want)
				}
			},
			"switch": func(t *rapid.T) {
				n := pick(t)
				model.head = model.newest(n.id)
				if head, err := s.SwitchTo(ctx, n.id); err != nil || head != model.head {
					t.Fatalf("switched to %d, %v, want %d", head, err, model.head)
				}
			},
			"head": func(t *rapid.T) {
				model.head = pick(t).id
				if err := s.SetHead(ctx, chat, model.head); err != nil {
					t.Fatal(err)
				}
			},
			"delete": func(t *rapid.T) {
				n, before := pick(t), model.head
				model.remove(n.id)
				r, err := s.DeleteMessage(ctx, n.id)
				if err != nil || r != (Removal{n.id, before}) {
					t.Fatalf("deleted: %+v, %v", r, err)
				}
				model.removals = append(model.removals, r)
			},
			"undo": func(t *rapid.T) {
				if len(model.removals) == 0 {
					t.Skip("nothing to undo")
				}
				r := model.removals[rapid.IntRange(0, len(model.removals)-1).Draw(t, "removal")]
				if err := s.UndeleteMessage(ctx, r); (err == nil) != model.restore(r) {
					t.Fatalf("restored: %v", err)
				}
			},
			"reopen": s.reopen,
			"copy": func(t *rapid.T) {
				var file bytes.Buffer
				if err := s.ExportJSON(ctx, &file, chat); err != nil {
					t.Fatal(err)
				}
				other := must(OpenTemporary(ctx))
				defer other.Close()
				if _, err := other.importFrom(ctx, &file, "copy.json"); err != nil {
					t.Fatal(err)
				}
				copied := must(other.Chats(ctx))[0]
				want, _ := model.path()
				if got := texts(must(other.Messages(ctx, copied.ID))); !slices.Equal(got, want) {
					t.Fatalf("the copy's path: %s", cmp.Diff(want, got))
				}
				if n := must(number(ctx, other.conn, "SELECT count(*) FROM messages")); int(n) != len(model.live()) {
					t.Fatalf("the copy has %d messages, want %d", n, len(model.live()))
				}
			},
			"": func(t *rapid.T) {
				want, ids := model.path()
				if got := texts(must(s.Messages(ctx, chat))); !slices.Equal(got, want) {
					t.Fatalf("path: %s", cmp.Diff(want, got))
				}
				forks := map[int64][]int64{}
				for _, id := range ids {
					if siblings := model.siblings(id); len(siblings) > 1 {
						forks[id] = siblings
					}
				}
				if diff := cmp.Diff(forks, must(s.Forks(ctx, chat))); diff != "" {
					t.Fatalf("forks: %s", diff)
				}
				for _, n := range model.live() {
					if got := must(s.Siblings(ctx, n.id)); !slices.Equal(got, model.siblings(n.id)) {
						t.Fatalf("siblings of %d: %d, want %d", n.id, got, model.siblings(n.id))
					}
				}
			},
		})
	})
}
