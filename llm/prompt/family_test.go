package prompt_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"lumi/llm/prompt"
)

// hints lead to each family.
var hints = map[string]prompt.Hints{
	"Llama 3": {Has: tokens("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")},
	"ChatML":  {Has: tokens("<|im_start|>", "<|im_end|>")},
	"Gemma":   {Has: tokens("<start_of_turn>", "<end_of_turn>")},
	"Phi-3":   {Has: tokens("<|user|>", "<|assistant|>", "<|end|>")},
	"Zephyr":  {Name: "TinyLlama 1.1B Chat", Architecture: "llama"},
	"Mistral": {Name: "Mistral-7B-Instruct", Architecture: "llama"},
	"Llama 2": {Name: "Llama-2-7b-chat", Architecture: "llama"},
}

func tokens(texts ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(texts, s) }
}

// TestFamilies compares the built-in formats with what the model makers' own
// templates render.
func TestFamilies(t *testing.T) {
	data, err := os.ReadFile("testdata/families.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Family              string
		Messages            []prompt.Message
		AddGenerationPrompt bool `json:"add_generation_prompt"`
		Text                string
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i, tc := range cases {
		seen[tc.Family]++
		tmpl, notices := prompt.Choose("", hints[tc.Family], prompt.TokenTexts{BOS: "<s>", EOS: "</s>"})
		if len(notices) != 1 || !strings.Contains(notices[0].String(), "no chat template: the format of "+tc.Family) {
			t.Fatalf("%s: notices %q", tc.Family, notices)
		}
		got, err := tmpl.Execute(tc.Messages, prompt.Options{AddGenerationPrompt: tc.AddGenerationPrompt})
		if err != nil {
			t.Errorf("case %d, %s: %v", i, tc.Family, err)
		} else if got != tc.Text {
			t.Errorf("case %d, %s:\ngot  %q\nwant %q", i, tc.Family, got, tc.Text)
		}
	}
	for name := range hints {
		if seen[name] < 4 {
			t.Errorf("%s: only %d cases", name, seen[name])
		}
	}
}
