package safetensors

import (
	"fmt"
	"strings"
)

// outer are the tensors that no layer has.
var outer = map[string]string{
	"model.embed_tokens": "token_embd",
	"model.norm":         "output_norm",
	"lm_head":            "output",
	"transformer.wte":    "token_embd", // the first Qwen
	"transformer.ln_f":   "output_norm",
}

// inner are the parts of a layer; those of experts have the expert's number.
var inner = map[string]string{
	"input_layernorm":            "attn_norm",
	"self_attn.q_proj":           "attn_q",
	"self_attn.k_proj":           "attn_k",
	"self_attn.v_proj":           "attn_v",
	"self_attn.qkv_proj":         "attn_qkv",
	"self_attn.o_proj":           "attn_output",
	"self_attn.q_norm":           "attn_q_norm",
	"self_attn.k_norm":           "attn_k_norm",
	"post_attention_layernorm":   "ffn_norm",
	"pre_feedforward_layernorm":  "ffn_norm",
	"post_feedforward_layernorm": "post_ffw_norm",
	"mlp.gate_proj":              "ffn_gate",
	"mlp.up_proj":                "ffn_up",
	"mlp.gate_up_proj":           "ffn_up",
	"mlp.down_proj":              "ffn_down",
	"mlp.gate":                   "ffn_gate_inp",
	"block_sparse_moe.gate":      "ffn_gate_inp",
	// The first Qwen.
	"ln_1":        "attn_norm",
	"attn.c_attn": "attn_qkv",
	"attn.c_proj": "attn_output",
	"ln_2":        "ffn_norm",
	"mlp.w1":      "ffn_up",
	"mlp.w2":      "ffn_gate",
	"mlp.c_proj":  "ffn_down",
}

// experts are the matrices of an expert.
var experts = map[string]string{
	"gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
	"w1": "ffn_gate", "w3": "ffn_up", "w2": "ffn_down", // Mixtral
}

// The names of the tensors that hold all experts of a layer.
const (
	fusedGateUp = "experts.gate_up_proj"
	fusedDown   = "experts.down_proj"
)

// translateName gives GGUF's name of a tensor; ok is false for what a text
// model has no use for. A fused tensor of experts keeps the end of its name.
func (c *config) translateName(name string) (string, bool) {
	// Models that see pictures keep the language model under a name of its own.
	if rest, ok := strings.CutPrefix(name, "language_model."); ok {
		name = rest
	} else if rest, ok := strings.CutPrefix(name, "model.language_model."); ok {
		name = "model." + rest
	}
	part, suffix := name, ""
	for _, s := range []string{".weight", ".bias"} {
		if rest, ok := strings.CutSuffix(name, s); ok {
			part, suffix = rest, s
		}
	}
	if to := outer[part]; to != "" {
		return to + suffix, suffix != ""
	}
	rest, ok := strings.CutPrefix(part, "model.layers.")
	if !ok {
		if rest, ok = strings.CutPrefix(part, "transformer.h."); !ok {
			return "", false
		}
	}
	layer, part, _ := strings.Cut(rest, ".")
	if !isNumber(layer) {
		return "", false
	}
	if to, ok := inner[part]; ok {
		if part == "post_attention_layernorm" && c.postNorms() {
			to = "post_attention_norm"
		}
		return fmt.Sprintf("blk.%s.%s%s", layer, to, suffix), suffix != ""
	}
	part = strings.TrimPrefix(strings.TrimPrefix(part, "mlp."), "block_sparse_moe.")
	if part == fusedGateUp || part == fusedDown {
		return fmt.Sprintf("blk.%s.%s", layer, part), true
	}
	number, matrix, _ := strings.Cut(strings.TrimPrefix(part, "experts."), ".")
	if to, ok := experts[matrix]; ok && isNumber(number) && suffix == ".weight" {
		return fmt.Sprintf("blk.%s.%s.%s.weight", layer, to, number), true
	}
	return "", false
}

// postNorms says whether post_attention_layernorm follows attention, and not,
// as its name came to be used, precedes the feed-forward network.
func (c *config) postNorms() bool {
	switch c.ModelType {
	case "gemma2", "gemma3", "gemma3_text", "olmo2", "olmo3":
		return true
	}
	return false
}

// isNumber says whether s is a number as the names of layers and experts hold
// it: 0, or digits that do not begin with 0.
func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0') && len(s) < 7
}
