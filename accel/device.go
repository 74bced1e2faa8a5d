package accel

import (
	"context"
	"errors"
	"time"
)

// Device runs Programs.
type Device interface {
	Info() DeviceInfo
	// Load checks the Program and uploads or repacks its weights. It returns
	// early with ctx's error when ctx is cancelled. The weights' bytes must
	// stay valid until the Model is closed.
	Load(ctx context.Context, p *Program, progress Progress) (Model, error)
}

// DeviceInfo describes a Device.
type DeviceInfo struct {
	Name    string // e.g. "CPU · AVX-512 VNNI"
	Threads int    // workers, 0 where it does not apply
	Batch   int    // most tokens that go through the steps together
}

// Progress hears how many of all bytes have been processed; it may be nil.
type Progress func(done, total int64)

// Model is a loaded Program. Its sessions take turns: at most one of them runs
// at a time.
type Model interface {
	NewSession(o SessionOptions) (Session, error)
	// Memory is the number of bytes that the weights occupy.
	Memory() int64
	// Close frees the weights. Sessions must be closed before.
	Close() error
}

// SessionOptions choose how a Session is made.
type SessionOptions struct {
	Context int  // positions that the KV cache can hold, at least 1
	KV      Type // element type of the KV cache: F32, F16 or Q8_0
	Profile bool // measure the time of every step, see Session.Stats
	// Unmasked lets a token attend to the later tokens of its batch, too.
	Unmasked bool
	// Precise multiplies quantised weights with activations of 16 bits in
	// place of 8, where the device rounds them.
	Precise bool
}

// Want says for which tokens of a batch the logits are computed.
type Want int

// The choices of Want.
const (
	WantNone Want = iota // none: the batch only fills the KV cache
	WantLast             // the last token
	WantAll              // every token
)

// Session is one sequence of tokens with its KV cache. It is not safe for
// concurrent use.
type Session interface {
	// Forward appends tokens to the sequence and returns their logits as
	// Want says: nothing, [vocabulary] or [tokens × vocabulary] values, valid
	// until the next call. On an error, also when ctx is cancelled, the
	// sequence keeps the length it had. Errors: ErrContextFull, ErrToken,
	// ErrFault.
	Forward(ctx context.Context, tokens []int32, want Want) ([]float32, error)
	// Len is the number of tokens in the sequence.
	Len() int
	// Truncate shortens the sequence to n tokens.
	Truncate(n int) error
	// Memory is what the session occupies, in bytes.
	Memory() (kv, scratch int64)
	// Stats are the times measured so far.
	Stats() Stats
	// Close frees the session.
	Close() error
}

// Tracer is a Session that can tell where numbers went wrong.
type Tracer interface {
	// Trace does what Forward does with one token and WantLast, and looks at
	// the results of every step. It returns the first step with one that is
	// not a finite number; found is false if there is none.
	Trace(ctx context.Context, token int32) (at Trouble, found bool, err error)
}

// Reader is a Model that can tell how fast its weights are read from memory,
// which is what bounds the speed of decoding.
type Reader interface {
	// TokenBytes is how many bytes of weights one token is multiplied with.
	TokenBytes() int64
	// ReadSpeed reads all weights that tokens are multiplied with, once, with all
	// workers and a loop that does nothing else, and returns bytes per second.
	ReadSpeed(ctx context.Context) (float64, error)
}

// Trouble is a step whose result is not finite.
type Trouble struct {
	Kind   Kind
	Layer  int    // of an Attention step, else −1
	Weight string // name of the weight that the step used, "" if it has none
}

// Stats are measurements of a Session; zero unless SessionOptions.Profile.
type Stats struct {
	Time  [Kinds]time.Duration // per kind of step
	Calls [Kinds]int64         // steps executed
}

// Errors that a Session returns, to be tested with errors.Is.
var (
	// ErrContextFull: the KV cache cannot hold the tokens.
	ErrContextFull = errors.New("the context is full")
	// ErrToken: a token id is outside the vocabulary.
	ErrToken = errors.New("token id outside the vocabulary")
	// ErrFault: the mapped file changed or went away while it was read.
	ErrFault = errors.New("the model file changed or became unreadable while in use")
)
