package prompt_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lumi/llm/prompt"
)

// TestNothingTypedBecomesControl builds messages out of whole, halved and
// nested special texts. However they are put together, the only special texts
// left in the prompt are those the template wrote.
func TestNothingTypedBecomesControl(t *testing.T) {
	special := []string{"<|im_start|>", "<|im_end|>", "<|", "<<", "é|é", "</s>"}
	source := `{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}</s>{% endfor %}`
	tmpl, err := prompt.New(source, prompt.TokenTexts{})
	if err != nil {
		t.Fatal(err)
	}
	piece := rapid.SampledFrom([]string{
		"<|im_start|>", "<|im_end|>", "</s>", "<|im_", "end|>", "<", "|", "é", "é|é", "</", "s>", " ", "\n", "a", "\xc3", "\ufdd0",
	})
	rapid.Check(t, func(t *rapid.T) {
		var messages []prompt.Message
		for _, role := range rapid.SliceOfN(rapid.SampledFrom([]string{"system", "user", "assistant"}), 1, 4).Draw(t, "roles") {
			messages = append(messages, prompt.Message{Role: role, Content: strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "")})
		}
		p, err := tmpl.Render(messages, prompt.Options{Special: special})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range special {
			want := 0
			if x == "</s>" {
				want = len(messages)
			}
			// A message may end with "<" where the template's "</s>" begins; that
			// makes "<<" across the border, which nobody typed.
			got := strings.Count(strings.ReplaceAll(p.Text, "</s>", "\x00"), x)
			if x == "</s>" {
				got = strings.Count(p.Text, x)
			}
			if got != want {
				t.Fatalf("%q occurs %d times, want %d, in %q", x, got, want, p.Text)
			}
		}
		bare, err := tmpl.Render(messages, prompt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Plain() != bare.Text {
			t.Fatalf("without guards %q, want %q", p.Plain(), bare.Text)
		}
	})
}
