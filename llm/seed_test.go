package llm

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/sample"
	"lumi/llm/tokenizer"
)

// seedCase is one reference output of Lumi's first version, a numpy program.
type seedCase struct {
	ID      string
	Prompt  *string
	Options struct {
		Seed        uint64
		Temperature float32
		TopP        float32 `json:"top_p"`
		Length      int     `json:"seq_length"`
		Backend     string
		KVCache     string `json:"kv_cache"`
		Prefill     string
	}
	PromptTokens int    `json:"prompt_tokens"`
	Text         string `json:"expected_text"`
}

// TestSeedTexts demands the texts that the first version drew from stories260K,
// from each of its forms. Those computed on a graphics card differ where a draw
// falls on a rounding edge, so they are left out.
func TestSeedTexts(t *testing.T) {
	dir := filepath.Join(conformance(t), "seed")
	data, err := os.ReadFile(filepath.Join(dir, "m21.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []seedCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"stories260K-f32.gguf", "stories260k.lmw", "stories260K.bin", "hf"} {
		kv := accel.F32
		m, err := Open(t.Context(), filepath.Join(dir, "stories260K", name), Options{KV: &kv, Context: 3000}, nil)
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		for _, c := range cases {
			if c.Options.Backend != "numpy" {
				continue
			}
			done++
			t.Run(fmt.Sprintf("%s/%s", name, c.ID), func(t *testing.T) { checkSeedText(t, m, c) })
		}
		if done < 8 {
			t.Errorf("only %d cases", done)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func checkSeedText(t *testing.T, m *Model, c seedCase) {
	var prompt string
	if c.Prompt != nil {
		prompt = *c.Prompt
	} else {
		// The prompt is the beginning of the text.
		ids := m.tok.Encode(nil, c.Text, tokenizer.Options{AddSpecial: true})
		prompt = m.tok.Decode(ids[1:c.PromptTokens])
	}
	var tokens int
	study := Study{
		Uniform:  true,
		OneByOne: c.Options.Prefill == "one token at a time",
		NoCache:  c.Options.KVCache == "none",
		Length:   c.Options.Length,
		Prompt:   func(ids []int32) { tokens = len(ids) },
	}
	set := Settings{Settings: sample.Settings{
		Temperature: c.Options.Temperature, TopP: c.Options.TopP, Seed: c.Options.Seed,
	}}
	reply, err := m.CompleteStudy(t.Context(), prompt, study, func() Settings { return set }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tokens != c.PromptTokens {
		t.Errorf("the prompt has %d tokens, want %d", tokens, c.PromptTokens)
	}
	if reply.Reason != StopLength {
		t.Errorf("ended by %s", reply.Reason)
	}
	if got := strings.Trim(prompt+reply.Text, "\n"); got != c.Text {
		same := 0
		for same < min(len(got), len(c.Text)) && got[same] == c.Text[same] {
			same++
		}
		t.Errorf("the texts differ from byte %d on:\n got %q\nwant %q", same, got[same:], c.Text[same:])
	}
}
