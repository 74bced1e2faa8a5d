package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lumi/llm"
	"lumi/llm/gguf"
	"lumi/llm/store"
)

// fakeEngine answers with the words of its script, one token each.
type fakeEngine struct {
	info  llm.Info
	words []string
	// thinking are the words that it thinks before it answers.
	thinking []string
	// step is called before every token and may wait, fail or panic.
	step func(ctx context.Context, i int) error

	recommended float32 // temperature, 0 for none

	mu      sync.Mutex
	prompts [][]llm.Message
	used    []llm.Settings // what every token was sampled with
	opened  bool           // set by the loader
	closed  bool
	cached  []llm.Message // what the KV cache holds
}

func newFakeEngine(words ...string) *fakeEngine {
	return &fakeEngine{
		words: words,
		info: llm.Info{
			Path: "/models/tiny.gguf", Name: "Tiny Model", Quantisation: "Q4_1", Architecture: "llama",
			Size: 98_000_000, Context: 2048, Device: "CPU · 4 threads", Chat: true,
		},
	}
}

func (e *fakeEngine) Info() llm.Info { return e.info }

func (e *fakeEngine) Count(messages []llm.Message) (int, error) { return countWords(messages), nil }

func (e *fakeEngine) Pieces(messages []llm.Message) ([]llm.Piece, int, error) {
	var pieces []llm.Piece
	for _, m := range messages {
		pieces = append(pieces, llm.Piece{Text: "<" + m.Role + ">", Control: true}, llm.Piece{Text: m.Content})
	}
	return pieces, countWords(messages), nil
}

func (e *fakeEngine) Recommend(s *llm.Settings) []string {
	if e.recommended == 0 {
		return nil
	}
	s.Temperature = e.recommended
	return []string{"temperature"}
}

func countWords(messages []llm.Message) int {
	n := 0
	for _, m := range messages {
		n += 4 + len(strings.Fields(m.Content))
	}
	return n
}

func (e *fakeEngine) Reply(ctx context.Context, messages []llm.Message, settings func() llm.Settings, emit func(llm.Event)) (llm.Reply, error) {
	e.mu.Lock()
	e.prompts = append(e.prompts, slices.Clone(messages))
	reused := 0
	for reused < min(len(e.cached), len(messages)) && e.cached[reused] == messages[reused] {
		reused++
	}
	e.mu.Unlock()
	stats := llm.Stats{
		PromptTokens: countWords(messages), Reused: countWords(messages[:reused]),
		PromptTime: 50 * time.Millisecond, ContextSize: e.info.Context,
	}
	emit(llm.Event{Stats: stats, Prefilled: stats.PromptTokens})
	reply := llm.Reply{Reason: llm.StopEnd, Seed: 7}
	for _, word := range e.thinking {
		stats.Tokens++
		text := word
		if reply.Text == "" {
			text = "<think>\n" + word
		}
		reply.Text, reply.Thinking = reply.Text+text, reply.Thinking+word
		emit(llm.Event{Text: text, Thinking: word, Stats: stats})
	}
	if len(e.thinking) > 0 {
		reply.Text += "\n</think>\n\n"
		emit(llm.Event{Text: "\n</think>\n\n", Stats: stats})
	}
	for i, word := range e.words {
		if e.step != nil {
			if err := e.step(ctx, i); err != nil {
				return reply, err
			}
		}
		if ctx.Err() != nil {
			reply.Reason = llm.StopUser
			break
		}
		e.mu.Lock()
		e.used = append(e.used, settings())
		e.mu.Unlock()
		stats.Tokens++
		stats.FirstToken = 120 * time.Millisecond
		stats.DecodeTime = time.Duration(stats.Tokens-1) * 14 * time.Millisecond
		stats.ContextUsed = stats.PromptTokens + stats.Tokens
		reply.Text += word
		reply.Answer += word
		emit(llm.Event{Text: word, Answer: word, Stats: stats})
	}
	reply.Stats = stats
	e.mu.Lock()
	e.cached = append(slices.Clone(messages), llm.Message{Role: llm.Assistant, Content: reply.Text})
	e.mu.Unlock()
	return reply, nil
}

func (e *fakeEngine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return fmt.Errorf("closed twice")
	}
	e.closed = true
	return nil
}

// loop is a window's goroutine for tests: it runs what is posted when told to.
type loop struct {
	t     testing.TB
	posts chan func()
}

func newLoop(t testing.TB) *loop {
	return &loop{t: t, posts: make(chan func(), 1<<16)}
}

func (l *loop) post(f func()) { l.posts <- f }

// until runs what is posted until the condition holds. It has two minutes, in
// ticks: of those a computer that stands still for a while misses all but one.
func (l *loop) until(what string, done func() bool) {
	l.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for ticks := 0; !done(); {
		select {
		case f := <-l.posts:
			f()
		case <-tick.C:
			if ticks++; ticks == 1200 {
				l.t.Fatalf("never came to: %s", what)
			}
		}
	}
}

// drain runs what is posted already.
func (l *loop) drain() {
	for {
		select {
		case f := <-l.posts:
			f()
		default:
			return
		}
	}
}

// recorder is a view that remembers what it was told.
type recorder struct {
	c        *controller
	texts    map[int64]string // of the messages, as a window would show them
	order    []int64
	notices  []string
	composed string
	chose    int
	asked    []*shortage
	showed   []int64 // messages that were scrolled to
}

func (r *recorder) ModelsChanged() {}
func (r *recorder) ModelChanged()  {}
func (r *recorder) ChatsChanged()  {}
func (r *recorder) BusyChanged()   {}
func (r *recorder) SpeedChanged()  {}
func (r *recorder) BenchChanged()  {}
func (r *recorder) ChooseModel()   { r.chose++ }

func (r *recorder) ConversionChanged()    {}
func (r *recorder) ConversionShown() bool { return false }
func (r *recorder) BudgetChanged()        {}
func (r *recorder) LeftOutChanged()       {}
func (r *recorder) AskRoom()              { r.asked = append(r.asked, r.c.short) }
func (r *recorder) SettingsChanged()      {}
func (r *recorder) PresetsChanged()       {}
func (r *recorder) ShowMessage(key int64) { r.showed = append(r.showed, key) }
func (r *recorder) SearchChanged()        {}
func (r *recorder) TransferChanged()      {}

func (r *recorder) ChatOpened() {
	r.texts, r.order = map[int64]string{}, nil
	for _, m := range r.c.chat.messages {
		r.MessageAdded(m)
	}
}

func (r *recorder) MessageAdded(m message) {
	r.order = append(r.order, m.Key)
	r.texts[m.Key] = m.shown()
}
func (r *recorder) MessageGrew(key int64, _, answer string) { r.texts[key] += answer }
func (r *recorder) MessageReplaced(m message)               { r.texts[m.Key] = m.shown() }
func (r *recorder) MessageChanged(message)                  {}
func (r *recorder) MessageDone(message)                     {}
func (r *recorder) PathChanged(after int64, messages []message) {
	at := slices.Index(r.order, after) + 1
	r.MessagesRemoved(slices.Clone(r.order[at:]))
	for _, m := range messages {
		r.MessageAdded(m)
	}
}

func (r *recorder) MessagesRemoved(keys []int64) {
	for _, key := range keys {
		delete(r.texts, key)
		r.order = slices.DeleteFunc(r.order, func(k int64) bool { return k == key })
	}
}

func (r *recorder) NoticeChanged() {
	if n := r.c.notice; n != nil {
		r.notices = append(r.notices, told(n.Text))
	}
}
func (r *recorder) Compose(text string) { r.composed = text }
func (r *recorder) EditBegan(m message) { r.composed = m.shown() }
func (r *recorder) EditEnded()          { r.composed = "" }

// shown are the texts in the order of the window.
func (r *recorder) shown() []string {
	var list []string
	for _, key := range r.order {
		list = append(list, r.texts[key])
	}
	return list
}

var testModels = []store.Found{
	{Path: "/models/tiny.gguf", Name: "tiny-135M-Instruct", Architecture: "llama", Quantisation: "Q4_1", Size: 98_000_000},
	{Path: "/models/large.gguf", Name: "large-8B-Instruct", Architecture: "qwen2", Quantisation: "Q4_K", Size: 4_920_000_000},
	{Path: "/models/broken.gguf", Name: "broken", Size: 1_200_000, Problem: &gguf.TruncatedError{Need: 4_920_000, Have: 1_200_000}},
}
