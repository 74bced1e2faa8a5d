package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"lumi/llm"
	"lumi/llm/sample"
)

// studyFlags are the ways to complete a text that Lumi's first version had.
type studyFlags struct {
	study    llm.Study
	sampler  string
	unmasked bool
	tokens   bool
	history  string
	timer    bool
	memory   bool
}

// The values of --sampler.
const (
	samplerChain = "chain"
	samplerSeed  = "seed"
)

func (f *studyFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&f.sampler, "sampler", samplerChain, "the `WAY` to pick tokens: chain, or seed, that of Lumi's first version: equal chances for all tokens within top-p, with Python's random numbers; of the settings it knows --temperature (0 takes the most likely token), --top-p and --seed")
	fs.IntVar(&f.study.Length, "seq-length", 0, "end when prompt and answer have `N` tokens together, the start token not counted; 0 is no limit")
	fs.BoolVar(&f.study.OneByOne, "one-at-a-time", false, "prefill the prompt token by token instead of all at once")
	fs.BoolVar(&f.study.NoCache, "no-kv-cache", false, "keep no keys and values: run the whole text again for every token")
	fs.BoolVar(&f.unmasked, "no-mask", false, "let the prompt's tokens look at later ones, within batches of 512: shows what the causal mask is for")
	fs.BoolVar(&f.tokens, "print-tokens", false, "print the prompt's tokens to stderr")
	fs.StringVar(&f.history, "sampler-history", "", "save what each token was picked from to `FILE`, one JSON object a line")
	fs.BoolVar(&f.timer, "timer", false, "report the times of loading, prefill and decoding to stderr")
	fs.BoolVar(&f.memory, "memory", false, "report the memory in use to stderr")
}

// check refuses what cannot be.
func (f *studyFlags) check() error {
	switch {
	case f.sampler != samplerChain && f.sampler != samplerSeed:
		return usagef("complete: --sampler must be %s or %s", samplerChain, samplerSeed)
	case f.study.Length < 0:
		return usagef("complete: --seq-length must not be negative")
	}
	f.study.Uniform = f.sampler == samplerSeed
	return nil
}

// listen connects the reports that are made while m runs. The function that it
// returns finishes them.
func (f *studyFlags) listen(m *llm.Model, stderr io.Writer) (finish func() error, err error) {
	if f.tokens {
		f.study.Prompt = func(ids []int32) { printTokens(stderr, m, ids) }
	}
	if f.history == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(f.history)
	if err != nil {
		return nil, fmt.Errorf("saving the sampler's history: %w", err)
	}
	out := bufio.NewWriter(file)
	h := history{m: m, out: json.NewEncoder(out)}
	h.out.SetEscapeHTML(false)
	f.study.Picked = h.picked
	return func() error {
		if err := errors.Join(h.err, out.Flush(), file.Close()); err != nil {
			return fmt.Errorf("saving the sampler's history: %w", err)
		}
		return nil
	}, nil
}

// printTokens prints ids with their texts.
func printTokens(w io.Writer, m *llm.Model, ids []int32) {
	var b strings.Builder
	fmt.Fprintf(&b, "%d input tokens:", len(ids))
	for _, id := range ids {
		fmt.Fprintf(&b, " %d %q", id, m.Tokenizer().Piece(id))
	}
	fmt.Fprintln(w, b.String())
}

// history writes the sampler's history.
type history struct {
	m     *llm.Model
	out   *json.Encoder
	steps int
	err   error
}

// choice is one line of the history.
type choice struct {
	Step       int         `json:"step"` // from 1
	ID         int32       `json:"id"`   // the token that was picked
	Text       string      `json:"text"`
	Candidates []candidate `json:"candidates"` // most likely first
}

type candidate struct {
	ID    int32   `json:"id"`
	Text  string  `json:"text"`
	Logit float32 `json:"logit"`
	P     float32 `json:"p"`
}

func (h *history) picked(id int32, from []sample.Candidate) {
	h.steps++
	text := func(id int32) string { return string(h.m.Tokenizer().Piece(id)) }
	line := choice{Step: h.steps, ID: id, Text: text(id), Candidates: make([]candidate, len(from))}
	for i, c := range from {
		line.Candidates[i] = candidate{c.ID, text(c.ID), c.Logit, c.P}
	}
	if h.err == nil {
		h.err = h.out.Encode(line)
	}
}

// report prints the times and the memory, where they are asked for.
func (f *studyFlags) report(w io.Writer, m *llm.Model, loading time.Duration, r llm.Reply) {
	if st := r.Stats; f.timer {
		fmt.Fprintf(w, "Load     %10s\n", durationText(loading))
		fmt.Fprintf(w, "Prefill  %10s  %d tokens, %.1f tok/s\n", durationText(st.PromptTime), st.PromptTokens, st.PromptRate())
		fmt.Fprintf(w, "Decode   %10s  %d tokens, %.1f tok/s\n", durationText(st.DecodeTime), st.Tokens, st.Rate())
	}
	if mem := m.Info().Memory; f.memory {
		fmt.Fprintf(w, "Weights  %10s\n", bytesText(mem.Weights))
		fmt.Fprintf(w, "KV cache %10s  for %d tokens, %d in use\n", bytesText(mem.KV), r.Stats.ContextSize, r.Stats.ContextUsed)
		fmt.Fprintf(w, "Scratch  %10s\n", bytesText(mem.Scratch))
	}
}
