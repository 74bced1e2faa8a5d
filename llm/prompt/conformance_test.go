package prompt_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lumi/llm/prompt"
)

// conformance is the reference files' form: conversations, and for each
// template what transformers renders of them.
type conformance struct {
	Conversations [][]prompt.Message `json:"conversations"`
	BOS           string             `json:"bos_token"`
	EOS           string             `json:"eos_token"`
	Now           string             `json:"now"`
	Variables     struct {
		BOS string `json:"bos_token"`
		EOS string `json:"eos_token"`
		Now string `json:"now"`
	} `json:"variables"`
	Templates []struct {
		Template string `json:"template"`
		Name     string `json:"name"`
		Source   string `json:"source"`
		Cases    []struct {
			Conversation        int    `json:"conversation"`
			AddGenerationPrompt bool   `json:"add_generation_prompt"`
			Text                string `json:"text"`
			Error               string `json:"error"`
		} `json:"cases"`
	} `json:"templates"`
}

// special are control tokens of many models; some conversations contain them.
var special = []string{
	"<s>", "</s>", "[INST]", "[/INST]", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|end|>",
	"<think>", "</think>", "<start_of_turn>", "<end_of_turn>", "<|start_header_id|>",
}

func root(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("LUMI_CONFORMANCE"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "conformance")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
}

func TestConformance(t *testing.T) {
	dir := root(t)
	for _, name := range []string{"templates/renderings.json", "more/templates/core.json", "more/templates/more.json"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if os.IsNotExist(err) {
				t.Skip("skipped: no conformance data")
			}
			if err != nil {
				t.Fatal(err)
			}
			check(t, data)
		})
	}
}

// check compares every rendering in a reference file, byte for byte.
func check(t *testing.T, data []byte) {
	var c conformance
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	if c.Now == "" {
		c.BOS, c.EOS, c.Now = c.Variables.BOS, c.Variables.EOS, c.Variables.Now
	}
	now, err := time.Parse("2006-01-02T15:04:05", c.Now)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Templates) == 0 {
		t.Fatal("the file holds no templates")
	}
	for _, tc := range c.Templates {
		t.Run(tc.Name+tc.Template, func(t *testing.T) {
			tmpl, err := prompt.New(tc.Source, prompt.TokenTexts{BOS: c.BOS, EOS: c.EOS})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range tc.Cases {
				o := prompt.Options{AddGenerationPrompt: x.AddGenerationPrompt, Now: now, Special: special}
				got, err := tmpl.Execute(c.Conversations[x.Conversation], o)
				switch {
				case x.Error != "":
					if err == nil {
						t.Errorf("conversation %d: rendered, want an error like %q", x.Conversation, x.Error)
					}
				case err != nil:
					t.Errorf("conversation %d: %v", x.Conversation, err)
				case got != x.Text:
					t.Errorf("conversation %d:\ngot  %q\nwant %q", x.Conversation, got, x.Text)
				default:
					// Guards must not change what a template does with a message.
					p, err := tmpl.Render(c.Conversations[x.Conversation], o)
					if err != nil || p.Plain() != x.Text {
						t.Errorf("conversation %d with guards:\ngot  %q, %v\nwant %q", x.Conversation, p.Plain(), err, x.Text)
					}
				}
			}
		})
	}
}
