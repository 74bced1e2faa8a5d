package llm

import (
	"path/filepath"
	"slices"
	"testing"

	"lumi/accel"
)

// stories is the 260K-parameter stories model, real and small.
func stories(t testing.TB) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(conformance(t), "seed", "stories260K", "*.gguf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories260K: %v", err)
	}
	return files[0]
}

func greedy() Settings {
	s := DefaultSettings()
	s.Temperature, s.RepeatPenalty, s.MaxTokens = 0, 1, 120
	return s
}

func openStories(t testing.TB, threads int) *Model {
	t.Helper()
	m, err := Open(t.Context(), stories(t), Options{Threads: threads}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func complete(t *testing.T, m *Model, text string, s Settings) Reply {
	t.Helper()
	r, err := m.Complete(t.Context(), text, func() Settings { return s }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSameText demands one text at temperature 0 for any number of threads
// and for fresh and re-used prefixes, and also with sampling and a seed.
func TestSameText(t *testing.T) {
	const start = "Once upon a time, there was a little girl named Lily."
	sampled := greedy()
	sampled.Temperature, sampled.Seed = 1, 42
	for _, s := range []Settings{greedy(), sampled} {
		one, two := openStories(t, 1), openStories(t, 2)
		want := complete(t, one, start, s)
		if want.Stats.Tokens == 0 || want.Text == "" {
			t.Fatal("nothing was generated")
		}
		if got := complete(t, two, start, s); got.Text != want.Text {
			t.Errorf("2 threads: %q, want %q", got.Text, want.Text)
		}
		again := complete(t, two, start, s)
		if again.Text != want.Text {
			t.Errorf("re-used prefix: %q, want %q", again.Text, want.Text)
		}
		if again.Stats.Reused == 0 {
			t.Error("the prefix was not re-used")
		}
	}
}

// TestPrefillAtOnceOrTokenByToken feeds one prompt in both ways.
func TestPrefillAtOnceOrTokenByToken(t *testing.T) {
	m := openStories(t, 2)
	ids := m.randomIDs(300)
	want, tokens, err := m.Eval(t.Context(), ids, 20)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.rewind(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(oneByOne(t, m, ids), want) {
		t.Error("other logits token by token")
	}
	if _, again, _ := m.Eval(t.Context(), ids, 20); !slices.Equal(again, tokens) {
		t.Error("other tokens after a rewind")
	}
}

// oneByOne feeds ids in as many steps and returns the last logits.
func oneByOne(t *testing.T, m *Model, ids []int32) (last []float32) {
	t.Helper()
	for i := range ids {
		var err error
		if last, err = m.forward(t.Context(), ids[i:i+1], 1); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// TestSameBitsInEveryType demands of every weight type, with precise activations
// and others, that threads and batches change nothing.
func TestSameBitsInEveryType(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(conformance(t), "quantised", "*.gguf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no quantised models: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			checkSameBits(t, file, PrecisionFast)
			checkSameBits(t, file, PrecisionHigh)
		})
	}
}

// checkSameBits compares threads and batches of one model.
func checkSameBits(t *testing.T, file string, precision Precision) {
	t.Helper()
	kv := accel.F32
	o := Options{KV: &kv, Threads: 1, ByID: true, Precision: precision}
	one := openWith(t, file, o)
	o.Threads = 2
	two := openWith(t, file, o)
	ids := one.randomIDs(70)
	want, tokens, err := one.Eval(t.Context(), ids, 16)
	if err != nil {
		t.Fatal(err)
	}
	got, again, err := two.Eval(t.Context(), ids, 16)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) || !slices.Equal(again, tokens) {
		t.Errorf("%v precision: 2 threads compute other logits or tokens", precision)
	}
	if err := two.rewind(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(oneByOne(t, two, ids), want) {
		t.Errorf("%v precision: other logits token by token", precision)
	}
}

// TestConversationReusesCache checks that a second turn runs only new tokens.
func TestConversationReusesCache(t *testing.T) {
	m := openStories(t, 2)
	set := func() Settings { s := greedy(); s.MaxTokens = 20; return s }
	chat := []Message{{Role: User, Content: "Tell me about Tom and his big red ball in the park."}}
	first, err := m.Reply(t.Context(), chat, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	chat = append(chat, Message{Role: Assistant, Content: first.Text}, Message{Role: User, Content: "And then?"})
	second, err := m.Reply(t.Context(), chat, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	if second.Stats.Reused < first.Stats.PromptTokens-1 {
		t.Errorf("%d tokens re-used, want at least the first prompt's %d", second.Stats.Reused, first.Stats.PromptTokens)
	}
	fresh, err := openStories(t, 1).Reply(t.Context(), chat, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Text != second.Text {
		t.Errorf("re-used prefix: %q, fresh: %q", second.Text, fresh.Text)
	}
}
