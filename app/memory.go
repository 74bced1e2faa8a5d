package app

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"lumi/accel"
	"lumi/app/settings"
	"lumi/llm"
)

// memory remembers what a person has chosen: it takes the window's state into
// the settings and writes them some time after the last change.
type memory struct {
	path  string
	later func(func()) // does work that may take time
	log   func(format string, args ...any)

	mu    sync.Mutex
	prefs settings.Settings
	saved bool // prefs are on disk
	timer *time.Timer
}

// calm is how long nothing must change before the settings are written.
const calm = time.Second

// changed takes the window's state. The window's goroutine calls it.
func (m *memory) changed(w *window) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.prefs
	p.Theme, p.TextSize = w.look.mode, w.look.textSize()
	p.Scale, p.Language, p.Notify = w.comfort.scale, w.comfort.language, w.comfort.notify
	p.Recent = slices.Clone(w.comfort.recent)
	p.SidebarOpen, p.PanelOpen = w.layout.sidebar, w.layout.panel
	p.FoldedFolders = w.sidebar.foldedFolders()
	if size := w.win.Canvas().Size(); size.Width >= 200 && size.Height >= 150 {
		p.WindowWidth, p.WindowHeight = size.Width, size.Height
	}
	p.Sampling = w.c.ownSettings()
	o := w.c.options
	p.Context, p.Threads, p.KV = o.Context, o.Threads, kvType(o).String()
	p.Precision = o.Precision
	p.LastChat = w.c.chat.ID
	if w.c.chat.Temporary {
		p.LastChat = 0
	}
	if w.c.model.engine != nil {
		p.LastModel = w.c.model.info.Path
	}
	p.ModelDirs = slices.Clone(w.c.added)
	m.saved = false
	if m.timer == nil {
		m.timer = time.AfterFunc(calm, func() { m.later(m.save) })
	} else {
		m.timer.Reset(calm)
	}
}

// save writes the settings if they have changed.
func (m *memory) save() {
	m.mu.Lock()
	prefs, saved := m.prefs, m.saved
	m.saved = true
	m.mu.Unlock()
	if saved {
		return
	}
	if err := settings.Save(m.path, prefs); err != nil {
		m.log("%v", err)
	}
}

// end writes what is not written yet.
func (m *memory) end() {
	if m.timer != nil {
		m.timer.Stop()
	}
	m.save()
}

// kvTypes are the element types that a KV cache can have.
var kvTypes = []accel.Type{accel.F32, accel.F16, accel.Q8_0}

// modelOptions are the settings that say how a model is loaded.
func modelOptions(s settings.Settings) llm.Options {
	o := llm.Options{Context: s.Context, Threads: s.Threads, Precision: s.Precision}
	for _, t := range kvTypes {
		if t.String() == s.KV {
			o.KV = &t
		}
	}
	return o
}

// maxLog bounds the log file; a larger one is begun afresh.
const maxLog = 1 << 20

// openLog returns a function that logs to the file at path, and to the standard
// error output if there can be no file, and one that closes it.
func openLog(path string) (logf func(format string, args ...any), closeLog func()) {
	var to io.Writer = os.Stderr
	closeLog = func() {}
	if f, err := openLogFile(path); err == nil {
		to = f
		closeLog = func() {
			if err := f.Close(); err != nil {
				fmt.Fprintln(os.Stderr, "lumi: closing the log:", err)
			}
		}
	}
	return log.New(to, "", log.LstdFlags).Printf, closeLog
}

func openLogFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(path, flags, 0o600)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
