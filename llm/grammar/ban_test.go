package grammar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBan(t *testing.T) {
	pieces := []string{"c", "at", "C", "A", "T", " cat", "cas", "a", "concat", "e"}
	m := newMatcher(t, nil, []string{"Cat", "", "tea"}, pieces...)
	text := ""
	for _, step := range []struct {
		token int32
		want  string // those that are not allowed
	}{
		{-1, "5 8"},
		{0, "1 5 8"}, // c+at
		{3, "4 5 8"},
		{2, "1 5 8"},
		{9, "5 8"},
		{4, "5 8"},
		{9, "1 3 5 7 8"}, // te+a
	} {
		if step.token >= 0 {
			m.Accept(step.token)
			text += pieces[step.token]
		}
		ids := allowed(t, m)
		var not []string
		for id := range int32(len(pieces) + 2) {
			if !slices.Contains(ids, id) {
				not = append(not, fmt.Sprint(id))
			}
		}
		if got := strings.Join(not, " "); got != step.want {
			t.Errorf("after %q: %s are not allowed, want %s", text, got, step.want)
		}
	}
	if _, err := NewMatcher(m.v, nil, []string{strings.Repeat("x", maxBanned+1)}); !errors.Is(err, ErrTooLong) {
		t.Errorf("error %v, want ErrTooLong", err)
	}
	g, _ := Parse(`root ::= [a-d]+`)
	both := newMatcher(t, g, []string{"cc"}, "c", "d", "cc", "x")
	both.Accept(0)
	if got := allowed(t, both); !slices.Equal(got, []int32{1, 4}) {
		t.Errorf("a grammar and a banned text together allow %v", got)
	}
}

// TestBanHolds writes what is allowed and looks for what is banned.
func TestBanHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("abA")), 1, 4, -1)
		banned := rapid.SliceOfN(letters, 1, 4).Draw(t, "banned")
		pieces := rapid.SliceOfN(letters, 1, 8).Draw(t, "pieces")
		m := newMatcher(t, nil, banned, pieces...)
		text := ""
		for range 20 {
			ids := allowed(t, m)
			for id, p := range pieces {
				found := slices.ContainsFunc(banned, func(b string) bool {
					return strings.Contains(strings.ToLower(text+p), strings.ToLower(b))
				})
				if slices.Contains(ids, int32(id)) == found {
					t.Fatalf("after %q, %q is allowed: %v", text, p, !found)
				}
			}
			ids = slices.DeleteFunc(ids, func(id int32) bool { return int(id) >= len(pieces) })
			if len(ids) == 0 {
				return
			}
			id := rapid.SampledFrom(ids).Draw(t, "token")
			m.Accept(id)
			text += pieces[id]
		}
	})
}
