// Package llm is what a language model is to the rest of the program: a file
// that can be opened, asked for a reply and closed again. It joins the parts
// below it — file formats, architectures, tokenizers, chat templates and
// samplers — and runs them on a device of package accel.
package llm

import (
	"time"

	"lumi/accel"
	"lumi/llm/notice"
)

// The roles a message can have.
const (
	System    = "system"
	User      = "user"
	Assistant = "assistant"
)

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // System, User or Assistant
	Content string `json:"content"`
}

// Options choose how a model is loaded. The zero value is a good default.
type Options struct {
	// Context is the wanted context size in tokens; 0 takes the model's own,
	// at most [DefaultContext].
	Context int
	// KV is the element type of the KV cache: accel.F32, accel.F16 or
	// accel.Q8_0; nil means F16.
	KV *accel.Type
	// Threads is the number of worker threads; 0 lets the device choose.
	Threads int
	// ByID opens a model also where no tokenizer can be made for it; it then
	// runs token ids only (Eval, Bench), and what needs text gives an error.
	ByID bool
	// Unmasked lets the prompt's tokens look at those after them, as a model
	// without a causal mask would: to see what the mask is for.
	Unmasked bool
	// Precision says how exactly quantised weights are multiplied.
	Precision Precision
}

// DefaultContext bounds the context size when none is asked for, in tokens.
const DefaultContext = 4096

// Info describes an opened model.
type Info struct {
	Path         string // the file
	Name         string // general.name, or the file's name
	Architecture string // general.architecture
	Quantisation string // the type most weights have, e.g. "Q4_1"
	Size         int64  // bytes of all tensors
	Parameters   int64
	TrainContext int             // tokens the model was trained for
	Context      int             // tokens this load can hold
	Vocabulary   int             // number of token ids
	Layers       int             // transformer blocks
	Threads      int             // worker threads in use
	Batch        int             // most tokens of a prompt that are computed together
	Device       string          // e.g. "CPU · AVX-512 VNNI"
	Precision    Precision       // in force: PrecisionFast or PrecisionHigh
	Chat         bool            // the model brings or is given a chat template
	Notices      []notice.Notice // what a person should know
	Memory       Memory
}

// Memory is what a loaded model occupies, in bytes.
type Memory struct {
	Weights int64 // packed weights and weights used in place
	KV      int64 // KV cache
	Scratch int64 // activations and logits
}

// Why an answer ended.
const (
	StopEnd     = "end"     // the model ended its turn
	StopLength  = "length"  // MaxTokens reached
	StopContext = "context" // the context is full
	StopText    = "stop"    // one of Settings.Stop appeared
	StopUser    = "user"    // cancelled
)

// Stats are the measurements of one answer.
type Stats struct {
	PromptTokens int           // tokens of the whole prompt
	Reused       int           // of these, already in the KV cache
	PromptTime   time.Duration // prefill of the rest
	Tokens       int           // tokens generated
	DecodeTime   time.Duration // time for them, from the first token on
	FirstToken   time.Duration // from the call to the first token
	ContextUsed  int           // tokens in the KV cache at the end
	ContextSize  int
	Drafted      int // tokens that prompt lookup guessed
	Accepted     int // of these, guessed right
}

// PromptRate is the prefill speed in tokens/s, 0 when nothing was prefilled.
func (s Stats) PromptRate() float64 {
	return rate(s.PromptTokens-s.Reused, s.PromptTime)
}

// Rate is the decode speed in tokens/s. The first token comes out of the
// prefill, so it is not counted.
func (s Stats) Rate() float64 { return rate(s.Tokens-1, s.DecodeTime) }

func rate(n int, d time.Duration) float64 {
	if n <= 0 || d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// Event is what a running answer reports: progress of the prefill, then one
// event per token. It is passed by value and holds no shared memory.
type Event struct {
	// Text is the newly decoded text: whole runes only, possibly empty.
	Text string
	// Thinking and Answer are what became clear of the two parts of a reasoning
	// model's text; see [Thought]. Other models only answer.
	Thinking, Answer string
	// Stats so far.
	Stats Stats
	// Prefilled counts prompt tokens processed while the prefill runs.
	Prefilled int
}

// Reply is a finished (or stopped) answer.
type Reply struct {
	Text string // as generated, with the marks around thinking
	// Thinking and Answer are the parts of Text; see [Thought].
	Thinking, Answer string

	Reason string // one of the Stop… constants
	Seed   uint64 // the seed that was used
	Stats  Stats
	// Notices are what became of the messages in the prompt, e.g. that the
	// system text was moved.
	Notices []notice.Notice
}
