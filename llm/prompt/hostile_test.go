package prompt_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lumi/llm/prompt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hostile are templates that must end with an error, soon and in little
// memory; a stack overflow or an exhausted memory would end the test program.
var hostile = map[string]string{
	"endless loops":          `{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}`,
	"long range":             `{% for a in range(1000000000) %}{% endfor %}`,
	"endless range":          `{{ range(9223372036854775807) }}`,
	"range back over zero":   `{{ range(0, 0 - 9223372036854775807, 0 - 9223372036854775806) }}{{ raise_exception('x') }}`,
	"range step zero":        `{{ range(1, 2, 0) }}`,
	"filtered loops":         `{% for a in range(99999) %}{% for b in range(99999) if false %}{% endfor %}{% endfor %}`,
	"recursion":              `{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}`,
	"mutual recursion":       `{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ g() }}`,
	"recursion by argument":  `{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}`,
	"recursion by default":   `{% macro f(x=f()) %}{% endmacro %}{{ f() }}`,
	"recursion by namespace": `{% set ns = namespace() %}{% macro f() %}{{ ns.f() }}{% endmacro %}{% set ns.f = f %}{{ f() }}`,
	"fan-out":                `{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}`,
	"namespace in itself":    `{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}`,
	"cycle to JSON":          `{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns | tojson }}`,
	"cycle compared":         `{% set a = namespace() %}{% set a.x = a %}{% set b = namespace() %}{% set b.x = b %}{{ a == b }}`,
	"cycle searched":         `{% set a = namespace() %}{% set a.x = a %}{% set b = namespace() %}{% set b.x = b %}{{ a in [b] }}`,
	"cycle as key":           `{% set ns = namespace() %}{% set ns.x = ns %}{{ {ns: 1} }}`,
	"cycle called":           `{% set ns = namespace() %}{% set ns.x = ns %}{{ ns() }}`,
	"cycle's item called":    `{% set ns = namespace() %}{% set ns.x = ns %}{{ ns['x'](1) }}`,
	"cycle as method":        `{% set ns = namespace() %}{% set ns.x = ns %}{{ ns.x() }}`,
	"cycle joined":           `{% set ns = namespace() %}{% set ns.x = ns %}{{ joiner(ns) }}`,
	"cycle cycled":           `{% set ns = namespace() %}{% set ns.x = ns %}{{ cycler(ns).next() }}`,
	"cycle raised":           `{% set ns = namespace() %}{% set ns.x = ns %}{{ raise_exception(ns) }}`,
	"cycle sliced":           `{% set ns = namespace() %}{% set ns.x = ns %}{{ [1][ns:ns] }}`,
	"cycle as filter":        `{% set ns = namespace() %}{% set ns.x = ns %}{{ ns | join(ns) }}{{ ns.x | length + ns }}`,
	"cycle in a filter":      `{% set ns = namespace() %}{% set ns.x = ns %}{{ [ns, ns] | unique | sort | map(attribute=ns) }}`,
	"cycle to a macro":       `{% set ns = namespace() %}{% set ns.x = ns %}{% macro m(a) %}{{ a }}{% endmacro %}{{ m(a=ns) }}`,
	"cycle negated":          `{% set ns = namespace() %}{% set ns.x = ns %}{{ -ns }}`,
	"loop kept in itself":    `{% set ns = namespace() %}{% for i in [1] %}{% set ns.l = loop %}{% set ns.l.x = 1 %}{{ loop.cycle(loop) }}{% endfor %}{{ ns.x.y }}`,
	"long refusal":           `{{ raise_exception('é' * 1000000) }}`,
	"shared lists":           `{% set ns = namespace(l=['x']) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}`,
	"lists in lists":         `{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}`,
	"kept lists":             `{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% for j in range(99999) %}{% set ns.l = [ns.l, 1, 2, 3] %}{% endfor %}{% endfor %}`,
	"kept namespaces":        `{% set ns = namespace(l=0) %}{% for i in range(99999) %}{% for j in range(99999) %}{% set ns.l = namespace(l=ns.l) %}{% endfor %}{% endfor %}`,
	"doubling text":          `{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}`,
	"doubling by ~":          `{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}`,
	"doubling lists":         `{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}`,
	"repeated text":          `{{ 'x' * 9999999999 }}`,
	"repeated empty text":    `{{ ('' * 9999999999) ~ raise_exception('x') }}`,
	"negative repeat":        `{{ ('x' * -5) ~ raise_exception('x') }}`,
	"replace":                `{% set s = 'x' * 100000 %}{{ s.replace('x', s) }}`,
	"replace nothing":        `{% set s = 'x' * 100000 %}{{ s | replace('', s) }}`,
	"join":                   `{{ range(99999) | join('x' * 100000) }}`,
	"join method":            `{{ ('x' * 100000).join(range(99999)) }}`,
	"indent":                 `{{ 'a\nb' | indent(9999999999) }}`,
	"indent many":            `{{ ('a\n' * 100000) | indent('x' * 100000) }}`,
	"JSON indent":            `{{ [[[]]] | tojson(indent=9999999999) }}`,
	"format":                 `{% set s = 'x' * 1000000 %}{{ ('{0}' * 1000).format(s) }}`,
	"percent":                `{% set s = 'x' * 1000000 %}{{ ('%s' * 100) % [s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s] }}`,
	"split to letters":       `{{ ('x' * 10000000) | list }}`,
	"split":                  `{{ (',' * 10000000).split(',') }}`,
	"split at blanks":        `{{ ('x ' * 9000000).split() }}`,
	"long slice":             `{% for i in range(99999) %}{% set x = ('x' * 100000)[::-1] %}{% endfor %}`,
	"slice far away":         `{{ [1][9223372036854775807:0:-1] ~ raise_exception('x') }}`,
	"slice from afar":        `{{ [1][-9223372036854775807:9223372036854775807:9223372036854775807] ~ raise_exception('x') }}`,
	"slice step zero":        `{{ [1][::0] }}`,
	"long text":              `{% for a in range(99999) %}` + strings.Repeat("text ", 10_000) + `{% endfor %}`,
	"nested capture":         `{% macro f(n) %}{% set x %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}xx{% endset %}{{ x }}{{ x }}{% endmacro %}{{ f(50) }}`,
	"file":                   `{% include "/etc/passwd" %}`,
	"import":                 `{% import "x" as y %}`,
	"extends":                `{% extends "x" %}`,
	"from":                   `{% from "x" import y %}`,
	"class ladder":           `{{ ''.__class__.__mro__ }}`,
	"reserved":               `{{ lumi_tick() }}`,
	"internal filter":        `{{ __filter_trim('x') }}`,
	"call block":             `{% call range(9) %}{% endcall %}`,
	"changing a list":        `{{ messages.append(messages) }}`,
	"changing a mapping":     `{{ messages[0].update(messages[0]) }}`,
	"brackets":               `{{ ` + strings.Repeat("(", 100_000) + `1`,
	"lists":                  `{{ ` + strings.Repeat("[", 100_000) + `1`,
	"minuses":                `{{ ` + strings.Repeat("-", 100_000) + `1 }}`,
	"nots":                   `{{ ` + strings.Repeat("not ", 50_000) + `1 }}`,
	"sum":                    `{{ 1` + strings.Repeat("+1", 100_000) + ` }}`,
	"ands":                   `{{ 1` + strings.Repeat(" and 1", 40_000) + ` }}`,
	"ternaries":              `{{ 1` + strings.Repeat(" if 1 else 1", 20_000) + ` }}`,
	"attributes":             `{{ a` + strings.Repeat(".a", 100_000) + ` }}`,
	"filters":                `{{ a` + strings.Repeat("|trim", 40_000) + ` }}`,
	"calls":                  `{{ a` + strings.Repeat("()", 100_000) + ` }}`,
	"ifs":                    strings.Repeat("{% if 1 %}", 20_000),
	"fors":                   strings.Repeat("{% for x in y %}", 15_000),
	"10 MB":                  strings.Repeat("0123456789", 1_000_000),
	"many tags":              strings.Repeat("{{a}}", 50_000) + "{{ 1 / 0 }}",
	"many blocks":            strings.Repeat("{% if a %}{% endif %}\n", 11_000) + "{{ 1 / 0 }}",
	"many loops":             strings.Repeat("{% for a in b %}{% set c = 1 %}{% endfor %}", 5_000) + "{{ 1 / 0 }}",
	"raw with tags":          "{% raw %}" + strings.Repeat("{% ", 80_000),
	"open tag":               `{{ messages`,
	"open string":            `{{ 'messages }}`,
	"open comment":           `{# `,
	"open raw":               `{% raw %}{{`,
	"open if":                `{% if 1 %}`,
	"stray end":              `{% endfor %}`,
	"crossed ends":           `{% if 1 %}{% for x in [] %}{% endif %}{% endfor %}`,
	"stray else":             `{% else %}`,
	"stray break":            `{% break %}`,
	"no expression":          `{{ }}`,
	"no condition":           `{% if %}x{% endif %}`,
	"no statement":           `{% %}`,
	"unknown filter":         `{{ 1 | nonsense }}`,
	"unknown test":           `{{ 1 is nonsense }}`,
	"unknown method":         `{{ 'x'.nonsense() }}`,
	"unknown function":       `{{ nonsense() }}`,
	"attribute of undefined": `{{ nonsense.x }}`,
	"division by zero":       `{{ 1 / 0 }}`,
	"remainder by zero":      `{{ 1 % 0 }}`,
	"most negative integer":  `{{ ((0 - 9223372036854775807 - 1) // -1) ~ raise_exception('x') }}`,
	"text and number":        `{{ 'x' + 1 }}`,
	"deep JSON":              `{{ ('[' * 100000) | from_json }}`,
	"odd arguments":          `{{ raise_exception() }}`,
	"empty":                  ``,
	"NUL":                    "{{ '\x00' + 1 }}",
}

func TestHostileTemplates(t *testing.T) {
	for name, source := range hostile {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			tmpl, err := prompt.New(source, prompt.TokenTexts{})
			if err == nil {
				_, err = tmpl.Render([]prompt.Message{{Role: "user", Content: "x"}}, prompt.Options{})
			}
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("no error")
			} else if s := err.Error(); len(s) > 600 || strings.Contains(s, "goroutine") {
				t.Errorf("not a sentence: %.400q", s)
			}
			// HeapSys only grows, so it bounds what was live at any moment.
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
				t.Errorf("the heap grew by %d MB", grown>>20)
			}
		})
	}
}

// TestRaised tells refusals from failures.
func TestRaised(t *testing.T) {
	tmpl, err := prompt.New(`{{ raise_exception('Roles must alternate!') }}`, prompt.TokenTexts{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tmpl.Render([]prompt.Message{{Role: "user", Content: "x"}}, prompt.Options{})
	var raised *prompt.RaisedError
	if !errors.As(err, &raised) || raised.Message != "Roles must alternate!" {
		t.Errorf("error %v, want the template's own words", err)
	}
}

// TestLongConversation makes sure that the limits leave room for real use.
func TestLongConversation(t *testing.T) {
	var messages []prompt.Message
	for i := range 2000 {
		messages = append(messages,
			prompt.Message{Role: "user", Content: fmt.Sprintf("%d: %s", i, strings.Repeat("word ", 100))},
			prompt.Message{Role: "assistant", Content: "Yes."})
	}
	for name, h := range hints {
		tmpl, _ := prompt.Choose("", h, prompt.TokenTexts{})
		p, err := tmpl.Render(messages, prompt.Options{AddGenerationPrompt: true, Now: time.Unix(0, 0), Special: []string{"<|im_end|>"}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(p.Text) < 1_000_000 {
			t.Errorf("%s: only %d bytes", name, len(p.Text))
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, source := range hostile {
		if len(source) < 10_000 {
			f.Add(source)
		}
	}
	f.Add(`{%- for m in messages -%}{{ m['role'] | upper + ': ' ~ m.content[1:-1] }}{%- else %} {# x #}{% endfor +%}`)
	f.Add(`{% raw %} {{ }} {%- endraw -%}{% filter upper %}x{% endfilter %}{% set a, b = 1, 2 %}{% set c %}x{% endset %}`)
	f.Fuzz(func(t *testing.T, source string) {
		tmpl, err := prompt.New(source, prompt.TokenTexts{BOS: "<s>", EOS: "</s>"})
		if err != nil {
			return
		}
		start := time.Now()
		_, err = tmpl.Render([]prompt.Message{{Role: "system", Content: "a"}, {Role: "user", Content: "é <|x|>"}},
			prompt.Options{Special: []string{"<|x|>"}})
		if d := time.Since(start); d > 10*time.Second {
			t.Fatalf("%v until %v", d, err)
		}
	})
}
