package llm

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"lumi/accel"
	"lumi/accel/cpu"
	"lumi/llm/arch"
	"lumi/llm/fault"
	"lumi/llm/gguf"
	"lumi/llm/notice"
	"lumi/llm/prompt"
	"lumi/llm/sample"
	"lumi/llm/tokenizer"
)

// Model is an opened model with one conversation in its KV cache. Its methods
// may be called from any goroutine; answers take turns.
type Model struct {
	info     Info
	file     *gguf.File
	tok      *tokenizer.Tokenizer
	mute     error // why there is no tokenizer, if there is none
	template *prompt.Template
	special  []string // texts of the control tokens

	recommended recommendation
	loaded      accel.Model
	unmasked    bool // see Options

	turn   chan struct{} // holds one value while nobody uses what follows
	closed bool

	session accel.Session
	held    []int32 // tokens in the session's KV cache
	// shortLimit is the length of a sequence up to which a model with long-RoPE
	// takes its first frequencies; else 0.
	shortLimit int
	chain      *sample.Chain
	batch      []int32 // the tokens of a decoding step
	forms      forms

	closing sync.Once
}

// Open loads the model file at path. Progress, which may be nil, hears of the
// bytes prepared, from other goroutines than the caller's. Cancelling ctx ends
// the load with its error. Other errors are *FileError.
func Open(ctx context.Context, path string, o Options, progress func(done, total int64)) (*Model, error) {
	file, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	return openFile(ctx, file, o, progress)
}

// openFile loads the model that an open file holds. The Model, or on an error
// this function, closes the file.
func openFile(ctx context.Context, file *gguf.File, o Options, progress func(done, total int64)) (*Model, error) {
	m := &Model{file: file, turn: make(chan struct{}, 1)}
	err := m.loadGuarded(ctx, o, progress)
	switch {
	case err == nil:
		m.turn <- struct{}{}
		return m, nil
	case ctx.Err() != nil:
		err = ctx.Err()
	default:
		err = inFile(file.Path, err)
	}
	_ = m.free() // the first error says more
	return nil, err
}

// inFile adds the path to an error that does not name it yet.
func inFile(path string, err error) error {
	if named := (*gguf.Error)(nil); errors.As(err, &named) || strings.HasPrefix(err.Error(), path) {
		return err
	}
	return &FileError{path, err}
}

// loadGuarded is load with faults of the mapped file as errors.
func (m *Model) loadGuarded(ctx context.Context, o Options, progress func(done, total int64)) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if _, fault := r.(interface{ Addr() uintptr }); !fault {
				panic(r)
			}
			err = accel.ErrFault
		}
	}()
	return m.load(ctx, o, progress)
}

func (m *Model) load(ctx context.Context, o Options, progress func(done, total int64)) error {
	forward, err := arch.Build(m.file.Meta, ggufWeights{m.file})
	if err != nil {
		return fault.Damaged.Of(err)
	}
	if m.tok, err = m.makeTokenizer(forward.Config); err != nil {
		if !o.ByID {
			return err
		}
		m.mute = inFile(m.file.Path, err)
	}
	m.unmasked = o.Unmasked
	if r := forward.Config.Rope; r.Scaling == "longrope" {
		m.shortLimit = r.Original
	}
	device := cpu.New(o.Threads)
	m.describe(m.file.Path, forward.Config, device.Info(), o)
	if err = m.checkMemory(forward.Program, o.kv()); err != nil {
		return err
	}
	if m.loaded, err = device.Load(ctx, forward.Program, m.forgetting(progress)); err != nil {
		return err
	}
	m.file.Forget() // the packed copy is what is read from now on
	m.session, err = m.loaded.NewSession(accel.SessionOptions{Context: m.info.Context, KV: o.kv(), Unmasked: o.Unmasked, Precise: m.info.Precision == PrecisionHigh})
	if err != nil {
		return err
	}
	m.chain = sample.New(forward.Config.Vocabulary)
	m.info.Memory.Weights = m.loaded.Memory()
	m.info.Memory.KV, m.info.Memory.Scratch = m.session.Memory()
	return nil
}

// forgetting gives the file's pages back while its weights are packed, so that a
// load needs the memory of one copy and not of two.
func (m *Model) forgetting(progress func(done, total int64)) accel.Progress {
	const step = 8 << 20
	next := int64(step)
	return func(done, total int64) { // one call at a time
		if done >= next {
			m.file.Forget()
			next = done + step
		}
		if progress != nil {
			progress(done, total)
		}
	}
}

// makeTokenizer makes the model's tokenizer.
func (m *Model) makeTokenizer(c arch.Config) (*tokenizer.Tokenizer, error) {
	vocab, err := vocabulary(m.file.Path, m.file.Meta)
	if err != nil {
		return nil, fault.Damaged.Of(err)
	}
	tok, err := tokenizer.New(vocab)
	if err == nil && tok.Size() > c.Vocabulary {
		err = fmt.Errorf("the tokenizer knows %d tokens and the weights %d", tok.Size(), c.Vocabulary)
	}
	return tok, fault.Damaged.Of(err)
}

func (o Options) kv() accel.Type {
	if o.KV == nil {
		return accel.F16
	}
	return *o.KV
}

// describe fills in the model's Info and chooses its chat template.
func (m *Model) describe(path string, c arch.Config, device accel.DeviceInfo, o Options) {
	m.info = Info{
		Path:         path,
		Architecture: c.Architecture,
		TrainContext: c.Context,
		Vocabulary:   c.Vocabulary,
		Layers:       c.Layers,
		Threads:      device.Threads,
		Batch:        device.Batch,
		Device:       device.Name,
	}
	if m.info.Context = o.Context; m.info.Context <= 0 {
		m.info.Context = min(c.Context, DefaultContext)
	}
	if m.info.Context > c.Context {
		m.info.Notices = append(m.info.Notices, notice.Notice{Kind: notice.BeyondTraining, N: c.Context, Of: m.info.Context})
	}
	m.info.Name = displayName(m.file.Meta, path)
	m.info.Quantisation, m.info.Size, m.info.Parameters = quantisation(m.file)
	m.info.Precision = o.Precision.of(m.info.Parameters)
	if m.mute != nil {
		return
	}
	m.info.Notices = append(m.info.Notices, m.tok.Notices()...)
	m.chooseTemplate()
	m.recommended = readRecommendation(m.file.Meta, path)
}

// displayName is what the model calls itself, or its file's name.
func displayName(meta *gguf.Meta, path string) string {
	if name, ok, err := meta.String("general.name"); ok && err == nil && strings.TrimSpace(name) != "" {
		return strings.TrimSpace(name)
	}
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// Info describes the model.
func (m *Model) Info() Info { return m.info }

// Tokenizer is the model's own tokenizer, nil if it has none that can be used
// (see [Options.ByID]).
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tok }

// Piece is the text of one token, empty without a tokenizer.
func (m *Model) Piece(id int32) string {
	if m.tok == nil {
		return ""
	}
	return string(m.tok.Piece(id))
}

// Close ends the model when the answer that is running, if any, has ended.
func (m *Model) Close() error {
	<-m.turn
	defer m.giveBack()
	m.closed = true
	return m.free()
}

// free gives back what open has acquired so far.
func (m *Model) free() error {
	var err error
	m.closing.Do(func() {
		if m.session != nil {
			err = m.session.Close()
		}
		if m.loaded != nil {
			err = first(err, m.loaded.Close())
		}
		if m.file != nil {
			err = first(err, m.file.Close())
		}
	})
	return err
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// take waits for the model's turn, or for ctx.
func (m *Model) take(ctx context.Context) error {
	select {
	case <-m.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.closed {
		m.giveBack()
		return ErrClosed
	}
	return nil
}

func (m *Model) giveBack() { m.turn <- struct{}{} }

// rewind empties the KV cache.
func (m *Model) rewind() error {
	m.held = m.held[:0]
	return m.session.Truncate(0)
}

// Reply answers a conversation: it renders the messages with the model's chat
// template, runs what the KV cache does not hold yet, and streams the answer
// to emit, which is called from the caller's goroutine. Settings is asked
// before every token, so a change counts from the next one on. A conversation
// that ends with an answer has it continued; the reply is what is new. When ctx is
// cancelled the reply so far is returned with Reason StopUser and no error.
func (m *Model) Reply(ctx context.Context, messages []Message, settings func() Settings, emit func(Event)) (Reply, error) {
	if err := m.take(ctx); err != nil {
		return cancelled(ctx, err)
	}
	defer m.giveBack()
	ids, p, err := m.encodeChat(messages)
	if err != nil {
		return Reply{}, err
	}
	begun := ""
	if last := messages[len(messages)-1]; len(messages) > 1 && last.Role == Assistant {
		begun = last.Content
	}
	reply, err := m.generate(ctx, p.Plain(), begun, ids, m.template.Stop(), Study{}, settings, emit)
	reply.Notices = p.Notices
	return reply, err
}

// Complete continues text as it is, without a chat template. Otherwise it is
// like Reply.
func (m *Model) Complete(ctx context.Context, text string, settings func() Settings, emit func(Event)) (Reply, error) {
	return m.CompleteStudy(ctx, text, Study{}, settings, emit)
}

// cancelled turns an error that is ctx's own into an empty stopped reply.
func cancelled(ctx context.Context, err error) (Reply, error) {
	if ctx.Err() != nil {
		return Reply{Reason: StopUser}, nil
	}
	return Reply{}, err
}

// Count is the number of tokens that a conversation's prompt has.
func (m *Model) Count(messages []Message) (int, error) {
	ids, _, err := m.encodeChat(messages)
	return len(ids), err
}

// Render is the prompt that the model would see for a conversation.
func (m *Model) Render(messages []Message) (string, error) {
	p, err := m.render(messages)
	return p.Plain(), err
}
