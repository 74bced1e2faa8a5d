package tokenizer_test

import (
	"strings"
	"testing"

	"lumi/llm/tokenizer"
)

// jsonPipelines are small files for the parts of a pipeline that the reference
// files do not have; want are the tokens of text with a space between.
var jsonPipelines = []struct {
	name, json, text, want string
}{
	{
		"characters of BPE, unknown ones fused",
		`{"model":{"type":"BPE","unk_token":"?","fuse_unk":true,"vocab":{"?":0,"a":1,"b":2,"ab":3},"merges":["a b"]}}`,
		"abxyba", "ab ? b a",
	},
	{
		"unknown ones not fused",
		`{"model":{"type":"BPE","unk_token":"?","vocab":{"?":0,"a":1},"merges":[]}}`,
		"xya", "? ? a",
	},
	{
		"merges as pairs, with a space in a part",
		`{"model":{"type":"BPE","vocab":{"a":0," ":1,"a ":2,"b":3,"a b":4},"merges":[["a"," "],["a ","b"]]}}`,
		"a ba", "a b a",
	},
	{
		"added tokens take white space",
		`{"added_tokens":[{"id":2,"content":"<l>","lstrip":true,"special":true},{"id":3,"content":"<r>","rstrip":true,"special":true}],
		"model":{"type":"BPE","vocab":{"a":0," ":1},"merges":[]}}`,
		"a  <l> a <r>  a", "a <l>   a   <r> a",
	},
	{
		"added tokens that are words",
		`{"added_tokens":[{"id":2,"content":"ab","single_word":true}],"model":{"type":"BPE","vocab":{"a":0,"b":1,"-":3},"merges":[]}}`,
		"ab-abab-ab", "ab - a b a b - ab",
	},
	{
		"added tokens found after normalisation",
		`{"added_tokens":[{"id":2,"content":"AB","normalized":true,"special":true}],"normalizer":{"type":"Lowercase"},"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}}`,
		"aAbB", "a AB b",
	},
	{
		"a visible space before the first part only",
		`{"added_tokens":[{"id":2,"content":"<s>","special":true}],"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false},
		"model":{"type":"BPE","vocab":{"a":0,"▁":1,"▁a":3},"merges":["▁ a"]}}`,
		"a a<s>a", "▁a ▁a <s> a",
	},
	{
		"prefix space, split by the pattern of GPT-2",
		`{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},"model":{"type":"BPE","vocab":{"a":0,"Ġ":1,"Ġa":2,"aĠ":3},"merges":["a Ġ","Ġ a"]}}`,
		"a a", "Ġa Ġa",
	},
	{
		"digits behind byte-level letters",
		`{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},{"type":"Digits","individual_digits":true}]},
		"model":{"type":"BPE","vocab":{"1":0,"Â":1,"²":2,"11":3,"Â²":4},"merges":["1 1","Â ²"]}}`,
		"11²", "1 1 Â ²",
	},
	{
		"split with each behaviour",
		`{"pre_tokenizer":{"type":"Sequence","pretokenizers":[
			{"type":"Split","pattern":{"String":"."},"behavior":"MergedWithPrevious"},
			{"type":"Split","pattern":{"Regex":"-"},"behavior":"MergedWithNext"},
			{"type":"Split","pattern":{"Regex":"_"},"behavior":"Contiguous"},
			{"type":"Split","pattern":{"Regex":"[a-z.-]++|_+"},"behavior":"Removed","invert":true}]},
		"model":{"type":"BPE","ignore_merges":true,"vocab":{"a.":0,"-b":1,"__":2,"c":3,"a":4,".":5,"-":6,"b":7,"_":8},"merges":[]}}`,
		"a.-b__c  ", "a. -b __ c",
	},
	{
		"bytes of unknown characters, spaces written visibly, as in Gemma's files",
		`{"added_tokens":[{"id":9,"content":"\n\n"}],"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},
		"pre_tokenizer":{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false},
		"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}]},
		"model":{"type":"BPE","unk_token":"?","byte_fallback":true,"fuse_unk":true,
			"vocab":{"?":0,"a":1,"▁":2,"▁▁":3,"▁a":4,"<0xC3>":5,"<0xA9>":6,"\n":7,"<":8},"merges":["▁ ▁","▁ a"]}}`,
		"a  a é\n\n\na", "a ▁▁ a ▁ <0xC3> <0xA9> \n\n \n a",
	},
	{
		"added tokens in the form that they have after normalisation, as in Llama 2's files",
		`{"added_tokens":[{"id":3,"content":"<s>","normalized":true,"special":true}],
		"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
		"model":{"type":"BPE","vocab":{"a":0,"▁":1,"▁a":2,"<":4,"s":5,">":6},"merges":["▁ a"]}}`,
		"<s>a a<s> a <s>", "<s> a ▁a < s > ▁a <s>",
	},
	{
		"marks behind words, as in CLIP's files",
		`{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[a-zé]+|[^\\sa-zé]+"},"behavior":"Removed","invert":true},
			{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]},
		"model":{"type":"BPE","dropout":0.1,"unk_token":"!","end_of_word_suffix":"</w>",
			"vocab":{"a":0,"b":1,"a</w>":2,"b</w>":3,"ab":4,"ab</w>":5,"aba</w>":6,"Ã":7,"©</w>":8,"Ã©</w>":9,"!":10},
			"merges":["a b","a b</w>","ab a</w>","Ã ©</w>"]}}`,
		"ab aba abab b é a", "ab</w> aba</w> ab ab</w> b</w> Ã©</w> a</w>",
	},
	{
		"marks before all parts but a word's first, bytes of unknown ones with theirs",
		`{"pre_tokenizer":{"type":"WhitespaceSplit"},
		"model":{"type":"BPE","unk_token":"?","byte_fallback":true,"continuing_subword_prefix":"#","end_of_word_suffix":"$",
			"vocab":{"?":0,"a":1,"#a":2,"#a$":3,"aa":4,"#aa$":5,"a$":6,"<0x23>":7,"<0x62>":8,"<0x24>":9},
			"merges":["a #a","#a #a$"]}}`,
		"aaa aaaa a ab ac", "aa #a$ aa #aa$ a$ a <0x23> <0x62> <0x24> a ?",
	},
	{
		"what goes around a text, from two processors",
		`{"added_tokens":[{"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}],
		"post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"RobertaProcessing","cls":["<s>",1],"sep":["</s>",2]}]},
		"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}`,
		"a", "<s> a </s>",
	},
}

func TestPipelines(t *testing.T) {
	for _, c := range jsonPipelines {
		v, err := tokenizer.FromTokenizerJSON([]byte(c.json))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		tok, err := tokenizer.New(v)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := strings.Join(texts(tok, tok.Encode(nil, c.text, tokenizer.Options{ParseSpecial: true, AddSpecial: true})), " ")
		if got != c.want {
			t.Errorf("%s: Encode(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

// TestTypedSpecials: what a person types is no control token, in every family.
func TestTypedSpecials(t *testing.T) {
	for _, name := range []string{"unigram", "wordpiece"} {
		tok := openFile(t, unpacked(t, name+".json"))
		for id := range int32(tok.Size()) {
			if !tok.IsControl(id) {
				continue
			}
			text := tok.Text(id)
			guarded := text[:1] + "\ufdd0" + text[1:]
			for _, ids := range [][]int32{
				tok.Encode(nil, text, tokenizer.Options{}),
				tok.Encode(nil, guarded, tokenizer.Options{ParseSpecial: true, Guard: '\ufdd0'}),
			} {
				for _, got := range ids {
					if got == id && text != tok.Text(tok.Vocab().UNK) {
						t.Errorf("%s: the text %q became the control token", name, text)
					}
				}
			}
		}
	}
}

// jsonFaults are files that must be refused with a sentence that holds want.
var jsonFaults = []struct{ json, want string }{
	{``, "not a tokenizer.json"},
	{`<html>`, "not a tokenizer.json"},
	{`{}`, "no model"},
	{`{"model":`, "offset"},
	{`{"model":{}`, "offset"},
	{`{"model":{}} x`, "offset"},
	{`{"model":{}}`, "no tokens"},
	{`{"model":{"vocab":{"a":-1}}}`, "id -1"},
	{`{"model":{"type":"BPE","vocab":{"a":2000000000}}}`, "damaged"},
	{`{"model":{"type":"BPE","vocab":{"a":99999999999999999999}}}`, "whole number"},
	{`{"model":{"type":"BPE","vocab":{"a":0.5}}}`, "whole number"},
	{`{"model":{"type":"BPE","vocab":{"` + "\x01" + `":0}}}`, "control character"},
	{`{"model":{"type":"BPE","vocab":{"` + "\xff" + `":0}}}`, "UTF-8"},
	{`{"model":{"type":"BPE","vocab":{"\ud8":0}}}`, "offset"},
	{`{"model":{"type":"WordLevel","vocab":{"a":0}}}`, "not supported"},
	{`{"model":{"type":"BPE","end_of_word_suffix":"` + strings.Repeat("x", 1000) + `","vocab":{"a":0}}}`, "edges of words"},
	{`{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}`, "two parts"},
	{`{"model":{"type":"BPE","vocab":{"a":0},"merges":[7]}}`, "offset"},
	{`{"model":{"type":"Unigram","vocab":[["a"]]}}`, "score"},
	{`{"model":{"type":"Unigram","vocab":[["a",1e999]]}}`, "number"},
	{`{"model":{"type":"Unigram","unk_id":7,"vocab":[["a",0]]}}`, "unknown token"},
	{`{"model":{"type":"WordPiece","unk_token":"?","vocab":{"a":0}}}`, "unknown token"},
	{`{"model":{"type":"WordPiece","unk_token":"a","max_input_chars_per_word":1000000000,"vocab":{"a":0}}}`, "max_input_chars_per_word"},
	{`{"model":{"type":"WordPiece","unk_token":"a","max_input_chars_per_word":0,"vocab":{"a":0}}}`, "max_input_chars_per_word"},
	{`{"added_tokens":[{"id":-5,"content":"x"}],"model":{"type":"BPE","vocab":{"a":0}}}`, "id -5"},
	{`{"added_tokens":7,"model":{"type":"BPE","vocab":{"a":0}}}`, "added_tokens"},
	{`{"normalizer":{"type":"Magic"},"model":{"type":"BPE","vocab":{"a":0}}}`, `"Magic"`},
	{`{"normalizer":{"type":"Precompiled","precompiled_charsmap":"//8AAA=="},"model":{"type":"BPE","vocab":{"a":0}}}`, "damaged"},
	{`{"normalizer":{"type":"Prepend","prepend":"` + strings.Repeat("x", 1000) + `"},"model":{"type":"BPE","vocab":{"a":0}}}`, "bytes allowed"},
	{`{"normalizer":{"type":"Sequence","normalizers":[` + strings.Repeat(`{"type":"NFC"},`, 100) + `{"type":"NFC"}]},"model":{"type":"BPE","vocab":{"a":0}}}`, "more than 64 parts"},
	{`{"normalizer":` + strings.Repeat(`{"type":"Sequence","normalizers":[`, 100) + strings.Repeat(`]}`, 100) + `,"model":{"type":"BPE","vocab":{"a":0}}}`, "nested too deeply"},
	{`{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"("}},"model":{"type":"BPE","vocab":{"a":0}}}`, "pattern"},
	{`{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a&&b]"}},"model":{"type":"BPE","vocab":{"a":0}}}`, "&&"},
	{`{"pre_tokenizer":{"type":"Magic"},"model":{"type":"BPE","vocab":{"a":0}}}`, `"Magic"`},
	{`{"decoder":{"type":"CTC"},"model":{"type":"BPE","vocab":{"a":0}}}`, `"CTC"`},
	{`{"post_processor":{"type":"BertProcessing","cls":["a",0],"sep":["b",9]},"model":{"type":"BPE","vocab":{"a":0}}}`, "token 9"},
	{strings.Repeat("[", 1_000_000), "not a tokenizer.json"},
	{`{"x":` + strings.Repeat("[", 1_000_000), "nested too deeply"},
}

func TestFaultyTokenizerJSON(t *testing.T) {
	for _, c := range jsonFaults {
		v, err := tokenizer.FromTokenizerJSON([]byte(c.json))
		if err == nil {
			_, err = tokenizer.New(v)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.120s: error %v, want one with %q", c.json, err, c.want)
		}
	}
}

// TestCutTokenizerJSON: a file that ends early is refused at every length.
func TestCutTokenizerJSON(t *testing.T) {
	whole := jsonPipelines[len(jsonPipelines)-1].json
	for n := range len(whole) - 1 {
		if _, err := tokenizer.FromTokenizerJSON([]byte(whole[:n])); err == nil {
			t.Fatalf("%d of %d bytes were accepted", n, len(whole))
		}
	}
}

// TestHostilePipelines: patterns without an end and replacements without
// measure leave the text as it is.
func TestHostilePipelines(t *testing.T) {
	bpe := `"model":{"type":"BPE","unk_token":"?","vocab":{"?":0,"a":1,"b":2},"merges":[]}}`
	double := strings.Repeat(`{"type":"Replace","pattern":{"String":"a"},"content":"aa"},`, 50)
	for name, json := range map[string]string{
		"doubling":        `{"normalizer":{"type":"Sequence","normalizers":[` + double + `{"type":"NFC"}]},` + bpe,
		"long content":    `{"normalizer":{"type":"Replace","pattern":{"Regex":"a"},"content":"` + strings.Repeat("a", 256) + `"},` + bpe,
		"endless pattern": `{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a+)+c"},"behavior":"Isolated"},` + bpe,
		"empty matches":   `{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"x*"},"behavior":"Removed"},` + bpe,
	} {
		v, err := tokenizer.FromTokenizerJSON([]byte(json))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tok, err := tokenizer.New(v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := strings.Repeat("a", 2000) + "b"
		ids := tok.Encode(nil, text, tokenizer.Options{})
		if n := len(ids); n < len(text) || n > 200*len(text) {
			t.Errorf("%s: %d tokens of %d bytes", name, n, len(text))
		}
	}
}

func TestFaultySentencePiece(t *testing.T) {
	data := unpack(t, "spbpe.model")
	for n := range 2000 {
		v, err := tokenizer.FromSentencePiece(data[:n])
		if err != nil {
			continue
		}
		if tok, err := tokenizer.New(v); err == nil {
			tok.Encode(nil, "Hello", tokenizer.Options{})
		}
	}
	for _, c := range []struct{ data, want string }{
		{"", "no tokens"},
		{"<html>", "not a SentencePiece model"},
		{"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "damaged"},
		{"\x0a\x03\x0a\x01a\x12\x02\x18\x04", "kind 4"},
		{"\x0a\x03\x0a\x01a\x12\x02\x18\x02\x1a\x02\x28\x00", "mark spaces"},
		{"\x0a\x03\x0a\x01a\x12\x02\x18\x02\x1a\x04\x12\x02zz", "damaged"},
	} {
		if _, err := tokenizer.FromSentencePiece([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.data, err, c.want)
		}
	}
	for _, c := range []struct{ data, want string }{
		{"abc", "too short"},
		{"\x05\x00\x00\x00", "no tokens"},
		{"\x05\x00\x00\x00\x00\x00\x00\x00", "inside a token"},
		{"\x05\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff", "does not fit"},
	} {
		if _, err := tokenizer.FromLlama2C([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.data, err, c.want)
		}
	}
}
