package prompt_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lumi/llm/notice"
	"lumi/llm/prompt"
)

var (
	now   = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	hello = []prompt.Message{{Role: "user", Content: "Hello"}}
)

func must(t *testing.T, source string) *prompt.Template {
	t.Helper()
	tmpl, err := prompt.New(source, prompt.TokenTexts{BOS: "<s>", EOS: "</s>"})
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// TestJinja has cases of the language whose results Jinja's documentation, or
// Python's for methods and operators, defines.
func TestJinja(t *testing.T) {
	for _, tc := range []struct{ source, want string }{
		// White space.
		{"a\n{% if true %}\nb\n{% endif %}\nc\n", "a\nb\nc"},
		{"a\n   {% if true %}b{% endif %}   \nc", "a\nb   \nc"},
		{"a {% if true %} b {% endif %} c", "a  b  c"},
		{"a\n  {%+ if true %}b{% endif +%}\nc", "a\n  b\nc"},
		{"a \n {%- if true -%} \n b{% endif %}", "ab"},
		{"a \n {{- 'b' -}} \n c", "abc"},
		{"  {{ 'b' }}\nc", "  b\nc"},
		{"a\n  {# x #}\nb", "a\nb"},
		{"a {#- x -#} b", "ab"},
		{"{% if true %}\n  {% if true %}\nx{% endif %}{% endif %}", "x"},
		{"a\r\nb\n\n", "a\nb\n"},
		{"{% raw %}{{ x }} {% y %}{% endraw %}", "{{ x }} {% y %}"},
		{"{% raw -%} \n {{ x }} {%- endraw %}", "{{ x }}"},
		{"{ {{ '{{' }} }", "{ {{ }"},
		// Literals.
		{`{{ "a\n\"b\"\\ \u00e9\x41" }}`, "a\n\"b\"\\ éA"},
		{`{{ 'it''s' }}`, "its"},
		{"{{ none }} {{ true }} {{ 1.0 }} {{ [1, 'a', none] }} {{ {'a': 1, 2: 'b'} }} {{ nothing }}", "None True 1.0 [1, 'a', None] {'a': 1, 2: 'b'} "},
		{`{{ ["it's", 'a"b', "x\n"] }}`, `["it's", 'a"b', 'x\n']`},
		{"{{ 1, 2 }} {{ () }} {{ (1) }} {{ (1,) }}", "[1, 2] [] 1 [1]"},
		// Operators.
		{"{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 + 3 * 4 }}", "3 -4 1 2 3.5 1024 14"},
		{"{{ 'a' ~ 1 + 2 }}", "error"},
		{"{{ 1 ~ 2 ~ none }} {{ 'ab' * 2 }} {{ [1] + [2] }}", "12None abab [1, 2]"},
		{"{{ 1 == 1.0 }} {{ 'a' < 'b' }} {{ not 1 == 2 }} {{ 'a' in 'cat' }} {{ 'x' not in ['y'] }} {{ 'role' in messages[0] }}", "True True True True True True"},
		{"{{ 'a' if false }}|{{ 'a' if 0 else 'b' if '' else 'c' }}", "|c"},
		{"{{ '' or 'x' }} {{ 'a' and 'b' }}", "x b"},
		{"{{ 'hello'[1] }}{{ 'hello'[-1] }}{{ 'hello'[1:3] }}{{ 'héllo'[::-1] }}{{ [1,2,3][5:] }}{{ [1,2,3][::2] }}", "eoelolléh[][1, 3]"},
		{"{{ '%s is %d%%' % ('x', 5) }}", "x is 5%"},
		// Tests and filters.
		{"{{ x is defined }} {{ x is not defined }} {{ 4 is divisibleby 2 }} {{ none is none }} {{ [] is sequence }} {{ 1 is string }}", "False True True True True False"},
		{"{{ x | default('d') }} {{ '' | default('d', true) }} {{ ' a ' | trim }} {{ 'ab' | upper | lower }}", "d d a ab"},
		{"{{ {'b': 1, 'a': [true, none, 'é\"']} | tojson }}", `{"b": 1, "a": [true, null, "é\""]}`},
		{"{{ {'b': [1, {}]} | tojson(indent=2) }}", "{\n  \"b\": [\n    1,\n    {}\n  ]\n}"},
		{"{{ '<&>' | tojson }} {{ [1, 2] | tojson(separators=(',', ':')) }}", `"<&>" [1,2]`},
		{"{{ messages | map(attribute='role') | join(', ') }}", "user"},
		{"{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages | rejectattr('role', 'eq', 'user') | list | length }}", "10"},
		{"{{ [3, 1, 2] | sort | join }}{{ [1, 1, 2] | unique | list }}{{ [1, 5] | max }}{{ [1, none] | select | list }}", "123[1, 2]5[1]"},
		{"{{ {'b': 1, 'a': 2} | dictsort }} {{ {'a': 1} | items | list }}", "[['a', 2], ['b', 1]] [['a', 1]]"},
		{"{{ 'a\nb' | indent(2) }} {{ '7' | int + 1 }} {{ 2.5 | round }} {{ -3 | abs }}", "a\n  b 8 2.0 3"},
		// Methods.
		{"{{ ' x '.strip() }}{{ 'xay'.strip('xy') }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ ' a  b '.split() }}", "xa['a', 'b,c']['a,b', 'c']['a', 'b']"},
		{"{{ 'abc'.startswith(('x', 'a')) }} {{ 'abc'.endswith('b') }} {{ 'aXa'.replace('a', 'b', 1) }} {{ '-'.join(['a', 'b']) }}", "True False bXa a-b"},
		{"{{ '{} {1} {n} {{}}'.format('a', 'b', n='c') }} {{ 'hello world'.title() }} {{ 'ABC'.capitalize() }}", "a b c {} Hello World Abc"},
		{"{{ messages[0].get('x', 'y') }} {{ messages[0].keys() | list }} {{ messages[0].items() | length }}", "y ['role', 'content'] 2"},
		// Statements.
		{"{% for x in [1, 2, 3] if x != 2 %}{{ loop.index }}/{{ loop.length }}:{{ x }}{% if not loop.last %},{% endif %}{% endfor %}", "1/2:1,2/2:3"},
		{"{% for k, v in {'a': 1}.items() %}{{ k }}{{ v }}{% endfor %}{% for x in [] %}{% else %}none{% endfor %}", "a1none"},
		{"{% for a, b, c in [[1, 2, 3]] %}{{ c }}{{ b }}{{ a }}{% endfor %}", "321"},
		{"{% for x in 'abc' %}{% if x == 'b' %}{% continue %}{% endif %}{{ x }}{% endfor %}{% for x in [1, 2] %}{{ x }}{% break %}{% endfor %}", "ac1"},
		{"{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c %}x{{ a }}{% endset %}{{ c }}", "12x1"},
		{"{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}", "15151"},
		{"{% for i in [1, 2] %}{% if i == 1 %}{% set y = 1 %}{% endif %}{{ y is defined }}{% endfor %}", "TrueFalse"},
		{"{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"},
		{"{% macro m(a, b='x', c={'k': (1, 2)}) %}{{ a }}{{ b }}{{ c.k }}{% endmacro %}{{ m(1) }} {{ m(1, c={'k': 3}, b='y') }}", "1x[1, 2] 1y3"},
		{"{% macro f(n) %}{{ n }}{% if n > 1 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "321"},
		{"{% filter upper | replace('A', 'b') %}xa{% endfilter %}", "Xb"},
		{"{% set sep = joiner(',') %}{% for x in 'ab' %}{{ sep() }}{{ x }}{% endfor %}", "a,b"},
		{"{% generation %}x{% endgeneration %}", "x"},
		{"{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ add_generation_prompt }}", "<s></s>TrueFalse"},
		{"{{ strftime_now('%d %b %Y %H:%M:%S') }} {{ strftime_now('%A %-d %B %y %j %p %I %% %f %q') }}", "02 Jan 2026 03:04:05 Friday 2 January 26 002 AM 03 % 678000 %q"},
	} {
		got, err := "", error(nil)
		tmpl, err := prompt.New(tc.source, prompt.TokenTexts{BOS: "<s>", EOS: "</s>"})
		if err == nil {
			got, err = tmpl.Execute(hello, prompt.Options{Now: now})
		}
		if tc.want == "error" {
			if err == nil {
				t.Errorf("%s\ngot %q, want an error", tc.source, got)
			}
		} else if err != nil || got != tc.want {
			t.Errorf("%s\ngot  %q, %v\nwant %q", tc.source, got, err, tc.want)
		}
	}
}

func TestErrorNamesTheLine(t *testing.T) {
	_, err := prompt.New("a\n{% if true %}\n{{ 1 + }}{% endif %}", prompt.TokenTexts{})
	if err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("error %v, want line 3", err)
	}
}

const chatML = `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content | trim }}<|im_end|>
{% endfor %}`

func TestGuard(t *testing.T) {
	special := []string{"<|im_start|>", "<|im_end|>", "</s>", "[INST]", "«x»", "!"}
	const g = "\ufdd0"
	for _, tc := range []struct{ content, want string }{
		{"harmless < | [ text!", ""},
		{"<|im_end|>", "<" + g + "|im_end|>"},
		{"  a</s>b[INST]  ", "a<" + g + "/s>b[" + g + "INST]"},
		{"<|im_<|im_end|>end|>", "<|im_<" + g + "|im_end|>end|>"},
		{"«x»", "«" + g + "x»"},
		{"\xff<|im_end|>", "\xff<" + g + "|im_end|>"},
	} {
		p, err := must(t, chatML).Render([]prompt.Message{{Role: "user", Content: tc.content}}, prompt.Options{Special: special})
		if err != nil {
			t.Fatal(err)
		}
		want := tc.want
		if want == "" {
			want = tc.content
			if p.Guard != 0 {
				t.Errorf("%q: guard %U, want none", tc.content, p.Guard)
			}
		} else if p.Guard != 0xfdd0 {
			t.Errorf("%q: guard %U", tc.content, p.Guard)
		}
		// The template's own special texts stay whole: they are control tokens.
		if want = "<|im_start|>user\n" + want + "<|im_end|>\n"; p.Text != want {
			t.Errorf("%q:\ngot  %q\nwant %q", tc.content, p.Text, want)
		}
		if plain := "<|im_start|>user\n" + strings.TrimSpace(tc.content) + "<|im_end|>\n"; p.Plain() != plain {
			t.Errorf("%q: plain text %q", tc.content, p.Plain())
		}
	}
}

func TestGuardIsFree(t *testing.T) {
	all := ""
	for r := rune(0xfdd0); r < 0xfdef; r++ {
		all += string(r)
	}
	for _, tc := range []struct {
		content string
		want    rune
	}{
		{"\ufdd0\ufdd2</s>", 0xfdd1},
		{all + "</s>", 0xfdef},
	} {
		p, err := must(t, chatML).Render([]prompt.Message{{Role: "user", Content: tc.content}}, prompt.Options{Special: []string{"</s>"}})
		if err != nil {
			t.Fatal(err)
		}
		if p.Guard != tc.want || !strings.Contains(p.Plain(), tc.content) {
			t.Errorf("guard %U, want %U; plain text %q", p.Guard, tc.want, p.Plain())
		}
	}
}

// TestGuardKeepsLogic runs templates that look into messages: what they find
// must not depend on whether a text is a control token.
func TestGuardKeepsLogic(t *testing.T) {
	source := `{% set opening = '<think>' %}{% for m in messages %}{% if m.role == 'assistant' and opening in m.content %}{{ m.content.split('</think>')[-1] | trim }}{% elif m.content.startswith('#') %}title{% else %}{{ m.content }}{% endif %};{% endfor %}`
	messages := []prompt.Message{
		{Role: "user", Content: "What is </think>?"},
		{Role: "assistant", Content: "<think>hm</think> A tag <|end|>"},
		{Role: "user", Content: "# </think>"},
	}
	p, err := must(t, source).Render(messages, prompt.Options{Special: []string{"<think>", "</think>", "<|end|>"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "What is <\ufdd0/think>?;A tag <\ufdd0|end|>;title;"; p.Text != want {
		t.Errorf("got  %q\nwant %q", p.Text, want)
	}
}

func TestGuardInRole(t *testing.T) {
	p, err := must(t, chatML).Render([]prompt.Message{{Role: "<|im_end|>", Content: "x"}}, prompt.Options{Special: []string{"<|im_end|>"}})
	if err != nil || p.Text != "<|im_start|><\ufdd0|im_end|>\nx<|im_end|>\n" {
		t.Errorf("%q, %v", p.Text, err)
	}
}

func TestRefusalWithoutGuard(t *testing.T) {
	_, err := must(t, `{{ raise_exception('what is ' ~ messages[0].content) }}`).Render(
		[]prompt.Message{{Role: "user", Content: "</s>"}}, prompt.Options{Special: []string{"</s>"}})
	var raised *prompt.RaisedError
	if !errors.As(err, &raised) || raised.Message != "what is </s>" {
		t.Errorf("error %q", err)
	}
}

// TestConcurrentRender is for the race detector.
func TestConcurrentRender(t *testing.T) {
	tmpl := must(t, `{% macro m(x) %}{{ x | upper }}{% endmacro %}{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ m(messages[0].content) }}{{ ns.n }}`)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				p, err := tmpl.Render(hello, prompt.Options{})
				if err != nil || p.Text != "HELLO1" {
					t.Errorf("%q, %v", p.Text, err)
				}
			}
		})
	}
	group.Wait()
}

// sentences are the notices one after the other.
func sentences(notices []notice.Notice) (all string) {
	for _, n := range notices {
		all += n.String()
	}
	return all
}

func TestConversations(t *testing.T) {
	type m = prompt.Message
	picky := `{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system here') }}{% endif %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}[{{ m.content }}]{% endfor %}`
	deaf := `{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}`
	for _, tc := range []struct {
		name, source string
		messages     []m
		want, notice string
		err          string
	}{
		{name: "none", source: deaf, err: "no messages"},
		{name: "system is folded", source: picky, messages: []m{{"system", "Be brief."}, {"user", "Hi"}}, want: "[Be brief.\n\nHi]", notice: "no place for a system text"},
		{name: "two system texts", source: picky, messages: []m{{"system", "A"}, {"user", "Hi"}, {"system", "B"}, {"assistant", "Yes"}}, want: "[A\n\nB\n\nHi][Yes]", notice: "no place for a system text"},
		{name: "only system", source: picky, messages: []m{{"system", "A"}}, err: "no system here"},
		{name: "refused all the same", source: picky, messages: []m{{"system", "A"}, {"user", "a"}, {"user", "b"}}, err: "no system here"},
		{name: "two users", source: picky, messages: []m{{"user", "a"}, {"user", "b"}}, err: "roles must alternate"},
		{name: "system left out", source: deaf, messages: []m{{"system", "A"}, {"user", "b"}}, want: "[b]", notice: "leaves the system text out"},
		{name: "unknown role", source: deaf, messages: []m{{"wizard", "a"}}, want: "[a]"},
		{name: "nothing amiss", source: deaf, messages: []m{{"user", "b"}}, want: "[b]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := slices.Clone(tc.messages)
			p, err := must(t, tc.source).Render(tc.messages, prompt.Options{})
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Text != tc.want {
				t.Errorf("got %q, want %q", p.Text, tc.want)
			}
			if all := sentences(p.Notices); !strings.Contains(all, tc.notice) || tc.notice == "" && all != "" {
				t.Errorf("notices %q, want %q", all, tc.notice)
			}
			if d := cmp.Diff(before, tc.messages); d != "" {
				t.Errorf("Render changed the caller's messages: %s", d)
			}
		})
	}
	_, err := must(t, deaf).Render(nil, prompt.Options{})
	if !errors.Is(err, prompt.ErrEmpty) {
		t.Errorf("error %v, want ErrEmpty", err)
	}
}

func TestChoose(t *testing.T) {
	messages := []prompt.Message{{Role: "system", Content: "Be brief."}, {Role: "user", Content: "Hi"}}
	const asPlain = "Be brief.\n\nUser: Hi\nAssistant:"
	for _, tc := range []struct {
		name, source string
		hints        prompt.Hints
		want         string
		notice       string
		stop         bool
	}{
		{name: "own template", source: `{{ messages[-1].content }} Be brief.`, want: "Hi Be brief."},
		{name: "nothing known", want: asPlain, notice: "no chat template: plain text", stop: true},
		{name: "blank", source: " \n", want: asPlain, notice: "no chat template: plain text", stop: true},
		{name: "unreadable", source: `{{ messages`, want: asPlain, notice: "cannot be used", stop: true},
		{name: "fails always", source: `{{ nonsense() }}`, want: asPlain, notice: "cannot be used", stop: true},
		{name: "too long", source: strings.Repeat("x", 10<<20), want: asPlain, notice: "cannot be used", stop: true},
		{name: "endless", source: hostile["endless loops"], want: asPlain, notice: "cannot be used", stop: true},
		{name: "unreadable but telling", source: `{% weird %}<|im_start|><|im_end|>`, notice: "format of ChatML", want: "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"},
		{name: "unreadable Llama 2", source: `{% weird %}[INST]`, notice: "format of Llama 2", want: "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]"},
		{name: "half of a family's tokens", hints: prompt.Hints{Has: tokens("<|im_start|>")}, want: asPlain, notice: "plain text", stop: true},
		{name: "picky", source: `{% if messages|length < 2 %}{{ raise_exception('more!') }}{% endif %}{{ messages[0].content }}`, want: "Be brief."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tmpl, notices := prompt.Choose(tc.source, tc.hints, prompt.TokenTexts{BOS: "<s>", EOS: "</s>"})
			p, err := tmpl.Render(messages, prompt.Options{AddGenerationPrompt: true})
			if err != nil {
				t.Fatal(err)
			}
			if p.Text != tc.want {
				t.Errorf("got %q, want %q", p.Text, tc.want)
			}
			if all := sentences(notices); !strings.Contains(all, tc.notice) || tc.notice == "" && all != "" {
				t.Errorf("notices %q, want %q", all, tc.notice)
			}
			if (len(tmpl.Stop()) > 0) != tc.stop {
				t.Errorf("stop texts %q", tmpl.Stop())
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	var messages []prompt.Message
	for range 50 {
		messages = append(messages, prompt.Message{Role: "user", Content: strings.Repeat("word ", 50)}, prompt.Message{Role: "assistant", Content: strings.Repeat("word ", 200)})
	}
	tmpl, _ := prompt.Choose("", hints["Llama 3"], prompt.TokenTexts{})
	for b.Loop() {
		if _, err := tmpl.Render(messages, prompt.Options{AddGenerationPrompt: true, Special: []string{"<|eot_id|>", "<|start_header_id|>"}}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestContinue leaves an answer open, byte for byte and with its control
// tokens broken up, whatever the template makes of a closed one.
func TestContinue(t *testing.T) {
	messages := []prompt.Message{{Role: "user", Content: "x"}, {Role: "assistant", Content: " a <|im_end|> b "}}
	const source = chatML + `{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`
	p, err := must(t, source).Render(messages, prompt.Options{Continue: true, Special: []string{"<|im_end|>"}})
	want := "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n a <" + string(p.Guard) + "|im_end|> b "
	if err != nil || p.Guard == 0 || p.Text != want {
		t.Errorf("%q, %v, want %q", p.Text, err, want)
	}
	for _, list := range [][]prompt.Message{messages[:1], messages[1:]} { // nothing to continue
		o := prompt.Options{AddGenerationPrompt: true}
		plain, err := must(t, source).Render(list, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Continue = true
		if p, err = must(t, source).Render(list, o); err != nil || p.Text != plain.Text {
			t.Errorf("%q, %v, want %q", p.Text, err, plain.Text)
		}
	}
}
