package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"lumi/accel"
	"lumi/llm"
	"lumi/llm/store"
)

// modelState is the loaded model, or the one that is being loaded.
type modelState struct {
	engine Engine // nil while none is loaded
	info   llm.Info
	size   int64 // of the file in bytes
	load   *load // nil while none is being loaded
	// recommended are the default settings with what the model's makers
	// recommend in place of ours.
	recommended llm.Settings
}

// name is what a person calls the loaded model.
func (m modelState) name() string { return modelName(m.info.Path, m.info.Quantisation) }

// load is one model on its way into memory.
type load struct {
	Path        string
	Done, Total int64 // bytes; 0 while unknown
	cancel      context.CancelFunc
}

// Name is what a person calls the file.
func (l *load) Name() string { return modelName(l.Path, "") }

// Share is the loaded part, from 0 to 1.
func (l *load) Share() float64 {
	if l.Total <= 0 {
		return 0
	}
	return min(1, float64(l.Done)/float64(l.Total))
}

// Rescan looks for models in all folders.
func (c *controller) Rescan() {
	if c.scanning {
		return
	}
	c.scanning = true
	c.view.ModelsChanged()
	dirs := append([]string{c.modelsDir}, c.added...)
	c.spawn("looking for models", func() {
		var found []store.Found
		err := c.guard("looking for models", func() error {
			found = c.Scan(c.ctx, dirs...)
			return nil
		})
		c.Post(func() {
			c.scanning = false
			c.fail(err, action{say("Try again"), c.Rescan})
			// What can be loaded comes first.
			slices.SortStableFunc(found, func(a, b store.Found) int {
				return rank(a) - rank(b)
			})
			c.models = found
			c.view.ModelsChanged()
			if len(found) == 1 && found[0].Problem == nil && c.onlyModel && c.model.engine == nil && c.model.load == nil {
				c.Load(found[0].Path)
			}
			c.onlyModel = false
		})
	})
}

// rank orders models: those that cannot be loaded come last.
func rank(m store.Found) int {
	if m.Problem != nil {
		return 1
	}
	return 0
}

// AddFolder looks for models in one more folder.
func (c *controller) AddFolder(dir string) {
	if !slices.Contains(c.added, dir) {
		c.added = append(c.added, dir)
	}
	c.Rescan()
}

// RemoveFolder looks for models in this folder no more; its files stay.
func (c *controller) RemoveFolder(dir string) {
	c.added = slices.DeleteFunc(c.added, func(d string) bool { return d == dir })
	c.Rescan()
}

// Load opens a model and keeps the chat. The model before it is closed first,
// so that two never have to fit into memory at once; a running answer is
// stopped and keeps what it has.
func (c *controller) Load(path string) {
	before := c.stopUsingModel()
	c.afterLoad = nil
	ctx, cancel := context.WithCancel(c.ctx)
	l := &load{Path: path, cancel: cancel}
	c.takeModel(modelState{load: l})
	c.Dismiss()
	options := c.options
	c.engines.add(func() {
		defer cancel()
		err := c.guard("loading "+l.Name(), func() error {
			<-before
			c.closeHeld()
			if err := ctx.Err(); err != nil {
				return err
			}
			engine, err := c.deps.Load(ctx, path, options, c.progress(l))
			if err != nil {
				return err
			}
			c.held = engine
			return ctx.Err() // it may be cancelled in the last moment
		})
		if err != nil {
			c.closeHeld()
			c.Post(func() { c.loadFailed(l, err) })
			return
		}
		m := modelState{engine: c.held, info: c.held.Info()}
		m.size = fileSize(path, m.info.Size)
		m.recommended = llm.DefaultSettings()
		c.held.Recommend(&m.recommended)
		c.Post(func() { c.loaded(l, m) })
	})
}

// takeModel makes m the model, with the preset that it may have. What was changed
// beside the preset of the model before stays with the open chat.
func (c *controller) takeModel(m modelState) {
	c.keepEdit()
	c.model = m
	c.view.ModelChanged()
	c.bringPreset()
}

// path is the file of the model, also while it is being loaded.
func (m modelState) path() string {
	if m.load != nil {
		return m.load.Path
	}
	return m.info.Path
}

// loaded takes a loaded engine, unless another was chosen in the meantime: then
// the next job of the queue closes this one.
func (c *controller) loaded(l *load, m modelState) {
	if c.model.load != l {
		return
	}
	c.takeModel(m)
	c.add(modelNotices(m.info.Notices)...) // a fault told while it was loaded stays
	c.measure()
	c.budget = budget{}
	c.loadEnded(nil)
	c.countDraft()
	c.bench.runs = nil
	c.findBandwidth()
	c.tryAgain(l.Path)
}

func (c *controller) loadFailed(l *load, err error) {
	if c.model.load != l {
		return
	}
	c.takeModel(modelState{})
	c.loadEnded(err)
	c.failed(say("{{.Name}} could not be loaded: {{.Why}}", fields{"Name": filepath.Base(l.Path)}), llm.WithoutPath(err, l.Path),
		action{say("Try again"), func() { c.Load(l.Path) }})
}

// fileSize is the size of a file, or instead for one that is gone or a folder.
func fileSize(path string, instead int64) int64 {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return instead
	}
	return info.Size()
}

// Explain says why a model that was found cannot be loaded. The loaded one
// stays.
func (c *controller) Explain(m store.Found) {
	c.show(&notice{
		Text:  say("{{.Name}} cannot be loaded: {{.Why}}", fields{"Name": filepath.Base(m.Path), "Why": m.Problem}),
		Fault: true, Action: action{say("Look again"), c.Rescan},
	})
}

// Describe reads what is in a model and gives it to show, in lines.
func (c *controller) Describe(m store.Found, show func(text string)) {
	c.spawn("reading a model", func() {
		text, err := c.Info(m.Path)
		c.Post(func() {
			if err != nil {
				c.failed(say("{{.Name}} cannot be read: {{.Why}}", fields{"Name": filepath.Base(m.Path)}), llm.WithoutPath(err, m.Path), action{})
				return
			}
			show(text)
		})
	})
}

// SetContext chooses the context size in tokens, 0 for the model's own, and
// loads the model again with it.
func (c *controller) SetContext(tokens int) {
	o := c.options
	o.Context = tokens
	c.SetOptions(o)
}

// SetOptions chooses how models are loaded, and loads the model again so.
func (c *controller) SetOptions(o llm.Options) {
	if sameOptions(o, c.options) {
		return
	}
	c.options = o
	switch {
	case c.model.load != nil:
		c.Load(c.model.load.Path)
	case c.model.engine != nil:
		c.Load(c.model.info.Path)
	}
}

func sameOptions(a, b llm.Options) bool {
	return a.Context == b.Context && a.Threads == b.Threads && kvType(a) == kvType(b) && a.Precision == b.Precision
}

// kvType is the element type of the KV cache that the options ask for.
func kvType(o llm.Options) accel.Type {
	if o.KV == nil {
		return accel.F16
	}
	return *o.KV
}

// CancelLoad gives up the model that is being loaded.
func (c *controller) CancelLoad() {
	if l := c.model.load; l != nil {
		l.cancel()
	}
}

// Unload gives the memory of the model back.
func (c *controller) Unload() {
	before := c.stopUsingModel()
	c.takeModel(modelState{})
	c.engines.add(func() {
		<-before
		c.closeHeld()
	})
}

// stopUsingModel cancels a load and stops an answer; the channel it returns is
// closed once the answer no longer uses the model.
func (c *controller) stopUsingModel() <-chan struct{} {
	c.CancelLoad()
	if c.summarising != nil {
		c.summarising.cancel()
	}
	c.CancelBench()
	if c.answer == nil {
		ended := make(chan struct{})
		close(ended)
		return ended
	}
	c.answer.cancel()
	return c.answer.ended
}

// closeHeld closes the open model, if any. Only the engine queue calls it, and
// Close after the queue has ended.
func (c *controller) closeHeld() {
	if c.held == nil {
		return
	}
	if err := c.held.Close(); err != nil {
		c.Log("closing a model: %v", err)
	}
	c.held = nil
}

// progress returns a function that takes a load's progress from any goroutine
// and shows it once per frame.
func (c *controller) progress(l *load) func(done, total int64) {
	return c.throttled(func(done, total int64) {
		if c.model.load == l {
			l.Done, l.Total = done, total
			c.view.ModelChanged()
		}
	})
}

// throttled returns a function that takes progress from any goroutine and has
// it shown on the window's once per frame, and at its end.
func (c *controller) throttled(show func(done, total int64)) func(done, total int64) {
	var shown atomic.Int64
	return func(done, total int64) {
		now := c.Now().UnixNano()
		last := shown.Load()
		if done < total && now-last < int64(frame) || !shown.CompareAndSwap(last, now) {
			return
		}
		c.Post(func() { show(done, total) })
	}
}
