package safetensors

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"lumi/llm/gguf"
)

// config is config.json, in the form of transformers 4 and that of 5: the
// latter gathers all that concerns rotary embeddings in rope_parameters.
// Pointers tell apart what is absent.
type config struct {
	path   string   // of the folder
	scaled []uint64 // rows and columns of 8-bit weights that share a scale

	ModelType  string          `json:"model_type"`
	Text       json.RawMessage `json:"text_config"` // of models that see pictures, too
	Quantised  json.RawMessage `json:"quantization_config"`
	Compressed json.RawMessage `json:"compression_config"` // its first name in compressed-tensors
	Activation string          `json:"hidden_act"`

	Hidden       int64   `json:"hidden_size"`
	Layers       int64   `json:"num_hidden_layers"`
	Heads        int64   `json:"num_attention_heads"`
	KVHeads      *int64  `json:"num_key_value_heads"`
	HeadDim      *int64  `json:"head_dim"`
	Intermediate int64   `json:"intermediate_size"`
	MaxPositions int64   `json:"max_position_embeddings"`
	Vocabulary   int64   `json:"vocab_size"`
	Eps          float64 `json:"rms_norm_eps"`
	Tied         *bool   `json:"tie_word_embeddings"`

	// Rotary embedding.
	RopeTheta     *float64        `json:"rope_theta"`
	RopeLocalBase *float64        `json:"rope_local_base_freq"`
	RopeScaling   json.RawMessage `json:"rope_scaling"`
	RopeParams    json.RawMessage `json:"rope_parameters"`
	PartialRotary *float64        `json:"partial_rotary_factor"`
	Original      *int64          `json:"original_max_position_embeddings"`
	NoRopeLayers  []int64         `json:"no_rope_layers"` // 1 rotates
	NoRopeEvery   *int64          `json:"no_rope_layer_interval"`

	// Sliding window.
	Window         *int64   `json:"sliding_window"`
	UseWindow      *bool    `json:"use_sliding_window"`
	WindowFrom     *int64   `json:"max_window_layers"`
	LayerTypes     []string `json:"layer_types"`
	WindowEvery    *int64   `json:"sliding_window_pattern"`
	WindowEveryToo *int64   `json:"_sliding_window_pattern"`
	BothDirections *bool    `json:"use_bidirectional_attention"`

	// Gemma's and Granite's numbers.
	QueryScalar *float64 `json:"query_pre_attn_scalar"`
	ScoreCap    *float64 `json:"attn_logit_softcapping"`
	LogitCap    *float64 `json:"final_logit_softcapping"`
	Attention   *float64 `json:"attention_multiplier"`
	Embedding   *float64 `json:"embedding_multiplier"`
	Residual    *float64 `json:"residual_multiplier"`
	Logits      *float64 `json:"logits_scaling"`

	// Mixtures of experts: Mixtral and Qwen name them differently.
	LocalExperts *int64 `json:"num_local_experts"`
	Experts      *int64 `json:"num_experts"`
	Used         *int64 `json:"num_experts_per_tok"`
	ExpertFFN    *int64 `json:"moe_intermediate_size"`
	Normalise    *bool  `json:"norm_topk_prob"`

	// The first Qwen's own names.
	QwenEps     *float64 `json:"layer_norm_epsilon"`
	QwenContext *int64   `json:"seq_length"`
	QwenBase    *float64 `json:"rotary_emb_base"`
	QwenHead    *int64   `json:"kv_channels"`
}

// rope is what a configuration says of one rotary embedding.
type rope struct {
	Theta         *float64  `json:"rope_theta"`
	Kind          string    `json:"rope_type"`
	OldKind       string    `json:"type"` // transformers' name before 4.43
	Factor        *float64  `json:"factor"`
	Original      *int64    `json:"original_max_position_embeddings"`
	AttnFactor    *float64  `json:"attention_factor"`
	BetaFast      *float64  `json:"beta_fast"`
	BetaSlow      *float64  `json:"beta_slow"`
	MScale        *float64  `json:"mscale"`
	MScaleAllDim  *float64  `json:"mscale_all_dim"`
	Truncate      *bool     `json:"truncate"`
	LowFreq       *float64  `json:"low_freq_factor"`
	HighFreq      *float64  `json:"high_freq_factor"`
	Long          []float64 `json:"long_factor"`
	Short         []float64 `json:"short_factor"`
	PartialRotary *float64  `json:"partial_rotary_factor"`
}

// Multimodal Gemma 3 leaves out of its text_config what is the default.
var gemma3Defaults = []byte(`{
	"num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 131072,
	"vocab_size": 262208, "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256
}`)

// readConfig reads a config.json.
func readConfig(path string) (*config, error) {
	data, err := readJSON(path)
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(data)
	if err != nil {
		return nil, &gguf.Error{Path: path, Offset: -1, Err: err}
	}
	c.path = filepath.Dir(path)
	return c, nil
}

func parseConfig(data []byte) (*config, error) {
	var c config
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("it is not a model's configuration: %w", err)
	}
	if c.ModelType == "" {
		return nil, fmt.Errorf("it is not a model's configuration: model_type is missing")
	}
	if present(c.Text) {
		text := config{Quantised: c.Quantised, Compressed: c.Compressed, Tied: c.Tied}
		if c.ModelType == "gemma3" {
			if err := json.Unmarshal(gemma3Defaults, &text); err != nil {
				return nil, err
			}
		}
		if err := json.Unmarshal(c.Text, &text); err != nil {
			return nil, fmt.Errorf("its text_config is damaged: %w", err)
		}
		if text.ModelType == "" {
			text.ModelType = c.ModelType
		}
		c = text
	}
	if err := c.checkQuantised(); err != nil {
		return nil, err
	}
	return &c, nil
}

// present says whether a value was given and is not null.
func present(v json.RawMessage) bool { return len(v) > 0 && string(v) != "null" }

// or is the value or, if it is absent, another.
func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// ropes reads the rotary embedding of full attention and that of layers with a
// sliding window, which only Gemma 3 and OLMo 3 have.
func (c *config) ropes() (global, local rope, err error) {
	decode := func(data json.RawMessage, to *rope) {
		if e := json.Unmarshal(data, to); e != nil && err == nil {
			err = fmt.Errorf("config.json: the rotary embedding's parameters are damaged: %w", e)
		}
	}
	var nested struct {
		Full    json.RawMessage `json:"full_attention"`
		Sliding json.RawMessage `json:"sliding_attention"`
	}
	if present(c.RopeParams) {
		if e := json.Unmarshal(c.RopeParams, &nested); e != nil || !present(nested.Full) && !present(nested.Sliding) {
			nested.Full = c.RopeParams
		}
	}
	if present(nested.Full) {
		decode(nested.Full, &global)
	}
	if present(nested.Sliding) {
		decode(nested.Sliding, &local)
	}
	if present(c.RopeScaling) { // where both are given, it is what counts
		decode(c.RopeScaling, &global)
	}
	if c.Original != nil { // so does the one outside
		global.Original = c.Original
	}
	for _, r := range []*rope{&global, &local} {
		if r.Kind == "" {
			r.Kind = r.OldKind
		}
		if r.PartialRotary == nil {
			r.PartialRotary = c.PartialRotary
		}
	}
	if global.Theta == nil {
		global.Theta = c.RopeTheta
	}
	if local.Theta == nil {
		local.Theta = c.RopeLocalBase
	}
	return global, local, err
}
