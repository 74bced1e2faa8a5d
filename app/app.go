// Package app is the window of Lumi. The controller is the state of the
// program and knows no widget; the window shows that state and passes on what a
// person does; the stream between them carries an answer from the engine's
// goroutine to the screen thirty times a second.
//
// Everything that a person sees or changes happens in Fyne's own goroutine. What
// takes time — loading, answering, saving — happens in goroutines of the
// controller, which come back through one function: the post in [Run].
package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/adrg/xdg"

	"lumi/app/cli"
	"lumi/app/history"
	"lumi/app/settings"
	"lumi/assets"
	"lumi/llm"
	"lumi/llm/store"
)

// Options are what the command line decides about the window.
type Options struct {
	Version string // of the program, for the About box
	Model   string // a model file to load at start instead of the last one
}

// Run shows the window and returns when it is closed: then every goroutine has
// ended and everything is saved. If the window is open already, in another
// process, that one comes to the front and Run returns at once. It must be called
// in the main goroutine. An error means that there was no window at all.
func Run(a fyne.App, o Options) error {
	comeFirst()
	log, closeLog := openLog(filepath.Join(xdg.StateHome, "lumi", "lumi.log"))
	defer closeLog()
	path := settings.Path()
	prefs, faults := settings.Load(path)
	language, noFont := readable(prefs.Language, systemHas)
	if err := speak(assets.Translations, "translations", language); err != nil {
		log("choosing the language: %v", err)
	}
	if prefs.Scale != 1 { // else it is the desktop's
		setScale(prefs.Scale)
	}
	only, err := claim(filepath.Join(xdg.DataHome, "lumi", "window.sock"), o.Model, log)
	if errors.Is(err, errRunning) {
		return nil // its window is in front now
	}
	if errors.Is(err, errSilent) {
		return err
	}
	if err != nil {
		log("the window cannot be found by other programs: %v", err) // and works without
	} else {
		defer only.end()
	}
	chats := openChats(filepath.Join(xdg.DataHome, "lumi", "chats.db"))
	notices := faults
	presets, faults := settings.LoadPresets(settings.PresetsPath())
	notices = append(notices, faults...)

	var closed atomic.Bool
	var c *controller
	c = newController(deps{
		Load: openModel, Scan: store.Scan, Now: time.Now, Log: log,
		Converter: modelConverter{}, Info: cli.ModelInfo, Untitled: lang.L("New chat"),
		KeepPresets: func(p settings.Presets) error { return settings.SavePresets(settings.PresetsPath(), p) },
		Bandwidth:   &bandwidthCache{filepath.Join(xdg.CacheHome, "lumi", "bandwidth.json"), llm.Bandwidth},
		Benchmarks:  filepath.Join(xdg.DataHome, "lumi", "benchmarks.json"),
		Post: func(f func()) {
			post(&closed, func() {
				defer c.recovered("updating the window")
				f()
			})
		},
	}, prefs.Sampling)
	c.options, c.presets = modelOptions(prefs), presets
	c.modelsDir, c.added = store.ModelsDir(), prefs.ModelDirs
	c.system, c.chat.System = prefs.SystemPrompt, prefs.SystemPrompt

	a.SetIcon(fyne.NewStaticResource("lumi.png", assets.IconPNG))
	look := lumiTheme{mode: prefs.Theme, size: prefs.TextSize}
	a.Settings().SetTheme(look)
	fonts := fontsOf(language)
	fonts.begin()
	fonts.end()
	m := &memory{path: path, prefs: prefs, later: c.disk.add, log: log}
	w := newWindow(a, c, windowDeps{
		ModelsDir: store.ModelsDir(), Version: o.Version, Look: look, Prefs: prefs, Changed: m.changed,
	})
	w.win.Resize(fyne.NewSize(prefs.WindowWidth, prefs.WindowHeight))
	w.win.CenterOnScreen()
	end := func() {
		if closed.Swap(true) {
			return
		}
		m.changed(w)
		c.Close()
		m.end()
	}
	w.win.SetCloseIntercept(func() {
		end()
		w.win.Close()
	})
	var kept opened
	// The driver, which forgets the faces, listens between the two.
	a.Settings().AddListener(func(fyne.Settings) { fonts.begin() })
	a.Lifecycle().SetOnStarted(func() { // nobody has touched the window yet
		a.Settings().AddListener(func(fyne.Settings) { fonts.end() })
		if kept = <-chats; kept.err != nil {
			a.Quit()
			return
		}
		c.History = kept.store
		opening := allReported(append(kept.notices, notices...))
		if noFont != "" {
			opening = append(opening, foreign(noFont))
		}
		c.Start(prefs.LastChat, startModel(o.Model, prefs.LastModel))
		c.failAll(opening) // after it: loading a model takes older notices away
	})
	if only != nil {
		only.serve(func(model string) bool {
			c.Post(func() {
				w.win.RequestFocus()
				if model != "" {
					c.Load(model)
				}
			})
			return !closed.Load()
		})
	}
	ctx, endWatch := context.WithCancel(context.Background())
	defer endWatch()
	go watchSleep(ctx, time.Now, func() {
		c.Post(w.repaint)
	})
	if os.Getenv(latencyVariable) != "" {
		var l latency
		c.Updated = l.updated
		l.watchFrames(w)
		go l.watch(ctx, c.Post, c.Busy)
		defer func() { l.report(log) }()
	}
	w.win.ShowAndRun()
	end() // the program may also end by a signal
	if kept.store == nil {
		return kept.err
	}
	return kept.store.Close()
}

// opened is what became of opening the history.
type opened struct {
	store   *history.Store
	notices []error
	err     error
}

// openChats opens the history while the window is made: all of a long one is
// read to find damage, which takes as long as making the window.
func openChats(path string) <-chan opened {
	done := make(chan opened, 1)
	go func() {
		s, notices, err := history.Open(path)
		done <- opened{s, notices, err}
	}()
	return done
}

// post runs f in Fyne's goroutine, unless the window is closed by then: Fyne
// would run it right where it is.
func post(closed *atomic.Bool, f func()) {
	if closed.Load() {
		return
	}
	fyne.Do(func() {
		if !closed.Load() {
			f()
		}
	})
}

// openModel is the controller's Loader for real models.
func openModel(ctx context.Context, path string, o llm.Options, progress func(done, total int64)) (Engine, error) {
	m, err := llm.Open(ctx, path, o, progress)
	if err != nil {
		return nil, err // a nil *llm.Model in an Engine would not be nil
	}
	return m, nil
}

// startModel chooses the model to load at start: the one asked for, whatever
// becomes of it, or the last one, if its file is still there.
func startModel(wanted, last string) string {
	if wanted != "" {
		return wanted
	}
	if last != "" && (isFile(last) || store.IsModelFolder(last)) {
		return last
	}
	return ""
}
