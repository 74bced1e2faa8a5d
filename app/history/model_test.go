package history

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// modelChat is what a chat should be.
type modelChat struct {
	id      int64
	title   string
	texts   []string
	deleted bool
}

// TestStoreBehavesLikeItsModel does random things to a store and to a list in
// memory, and compares what they show.
func TestStoreBehavesLikeItsModel(t *testing.T) {
	t.Parallel() // it mostly waits for the disk
	ctx, base, runs := t.Context(), t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		s := openReopenable(t, filepath.Join(base, strconv.Itoa(runs), "chats.db"))
		defer func() { s.Close() }()
		var chats []*modelChat // in order of use, the last one last
		pick := func(t *rapid.T) *modelChat {
			if len(chats) == 0 {
				t.Skip("no chat yet")
			}
			return chats[rapid.IntRange(0, len(chats)-1).Draw(t, "chat")]
		}
		used := func(c *modelChat) {
			i := slices.Index(chats, c)
			chats = append(slices.Delete(chats, i, i+1), c)
		}
		check := func(t *rapid.T, err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"new": func(t *rapid.T) {
				title := rapid.String().Draw(t, "title")
				c, err := s.NewChat(ctx, Chat{Title: title})
				check(t, err)
				chats = append(chats, &modelChat{id: c.ID, title: title})
			},
			"rename": func(t *rapid.T) {
				c := pick(t)
				c.title = rapid.String().Draw(t, "title")
				check(t, s.Rename(ctx, c.id, c.title))
			},
			"delete": func(t *rapid.T) {
				c := pick(t)
				c.deleted = true
				check(t, s.Delete(ctx, c.id))
			},
			"undo": func(t *rapid.T) {
				c := pick(t)
				c.deleted = false
				check(t, s.Undelete(ctx, c.id))
			},
			"append": func(t *rapid.T) {
				c := pick(t)
				text := rapid.String().Draw(t, "text")
				check(t, second(s.Append(ctx, Message{ChatID: c.id, Role: User, Content: text})))
				c.texts = append(c.texts, text)
				used(c)
			},
			"answer": func(t *rapid.T) {
				c := pick(t)
				text := rapid.String().Draw(t, "text")
				m, err := s.BeginAnswer(ctx, c.id, "", "")
				check(t, err)
				check(t, errors.Join(s.UpdateAnswer(ctx, m.ID, "…"), s.FinishAnswer(ctx, m.ID, Answer{Text: text})))
				c.texts = append(c.texts, text)
				used(c)
			},
			"reopen": s.reopen,
			"": func(t *rapid.T) {
				var want []string
				for _, c := range slices.Backward(chats) {
					if !c.deleted {
						want = append(want, c.title)
					}
					if got := texts(must(s.Messages(ctx, c.id))); !slices.Equal(got, c.texts) {
						t.Fatalf("chat %d: %s", c.id, cmp.Diff(c.texts, got))
					}
				}
				if got := titles(must(s.Chats(ctx))); !slices.Equal(got, want) {
					t.Fatalf("chats: %s", cmp.Diff(want, got))
				}
			},
		})
	})
}

// reopenable is a store that a test closes and opens again.
type reopenable struct {
	*Store
	path string
}

func openReopenable(t *rapid.T, path string) *reopenable {
	s, notices, err := Open(path)
	if err != nil || len(notices) > 0 {
		t.Fatalf("notices %q, %v", notices, err)
	}
	return &reopenable{s, path}
}

func (r *reopenable) reopen(t *rapid.T) {
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r.Store = openReopenable(t, r.path).Store
}
