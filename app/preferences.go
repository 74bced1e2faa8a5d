package app

import (
	"fmt"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/accel"
	"lumi/app/settings"
	"lumi/llm"
)

// preferences is the page with what a person can set. It shows what is in
// force; every change works at once, or says that it does not.
type preferences struct {
	*page
	theme     *choice[string]
	text      *choice[float32]
	scale     *choice[float32]
	language  *choice[string]
	threads   *choice[int]
	kv        *choice[accel.Type]
	precision *choice[llm.Precision]
	context   *choice[int]
	lookup    *choice[int]
	notify    *choice[bool]
	folders   *fyne.Container
	remove    func(dir string)
}

// The values that the page offers.
var (
	themeModes   = []string{settings.ThemeSystem, settings.ThemeLight, settings.ThemeDark}
	textSizes    = []float32{10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28}
	scales       = []float32{0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3}
	contextSizes = []int{0, 2048, 4096, 8192, 16384, 32768, 65536, 131072}
	lookups      = []int{0, 2, 4, 8, 16}
)

func themeName(mode string) string {
	switch mode {
	case settings.ThemeLight:
		return lang.L("Light")
	case settings.ThemeDark:
		return lang.L("Dark")
	}
	return lang.L("Like the system")
}

func contextName(tokens int) string {
	if tokens == 0 {
		return lang.L("As the model suggests")
	}
	return plural(tokens, "{{.N}} tokens")
}

func languageName(tag string) string {
	if tag == settings.LanguageSystem {
		return lang.L("Like the system")
	}
	if name, ok := languageNames[tag]; ok {
		return name
	}
	return tag
}

func threadsName(n int) string {
	if n == 0 {
		return lang.L("Automatic")
	}
	return fmt.Sprint(n)
}

func lookupName(n int) string {
	if n == 0 {
		return lang.L("Off")
	}
	return plural(n, "{{.N}} tokens")
}

func kvName(t accel.Type) string {
	switch t {
	case accel.F32:
		return "F32 · " + lang.L("twice the memory")
	case accel.Q8_0:
		return "Q8_0 · " + lang.L("half the memory")
	}
	return "F16 · " + lang.L("usual")
}

// precisionName names a choice of precision, and what it costs.
func precisionName(p llm.Precision) string {
	if p == llm.PrecisionHigh {
		return precisionWord(p) + " · " + lang.L("up to twice the time")
	}
	return precisionWord(p)
}

func precisionWord(p llm.Precision) string {
	switch p {
	case llm.PrecisionFast:
		return lang.L("Fast")
	case llm.PrecisionHigh:
		return lang.L("High")
	}
	return lang.L("Automatic")
}

func notifyName(on bool) string {
	if on {
		return lang.L("In the background")
	}
	return lang.L("Never")
}

func newPreferences(w *window) *preferences {
	p := &preferences{folders: container.New(&stackedRow{gap: 2}), remove: w.removeFolder}
	tags, err := languages()
	if err != nil { // they are part of the program
		w.c.Log("listing the languages: %v", err)
	}
	p.theme = newChoice(themeModes, themeName, w.setTheme)
	p.text = newChoice(textSizes, func(v float32) string { return number(float64(v), 1) }, w.setTextSize)
	p.scale = newChoice(scales, func(v float32) string { return percent(float64(v)) }, w.rescale)
	p.language = newChoice(append([]string{settings.LanguageSystem}, tags...), languageName, w.setLanguage)
	p.threads = newChoice(threadCounts(), threadsName, w.setThreads)
	p.kv = newChoice(kvTypes, kvName, w.setKV)
	p.precision = newChoice(llm.Precisions, precisionName, w.setPrecision)
	p.context = newChoice(contextSizes, contextName, w.setContext)
	p.lookup = newChoice(lookups, lookupName, w.setLookup)
	p.notify = newChoice([]bool{true, false}, notifyName, func(on bool) {
		w.comfort.notify = on
		w.deps.Changed(w)
	})
	look := container.New(&stackedRow{gap: 10},
		preference(lang.L("Theme"), "", p.theme.widget),
		preference(lang.L("Text size"), "", p.text.widget),
		preference(lang.L("Scale"), lang.L("Of everything in the window"), p.scale.widget),
		preference(lang.L("Language"), lang.L("Changes when Lumi is started again"), p.language.widget),
		preference(lang.L("Notifications"), lang.L("After more than ten seconds"), p.notify.widget),
	)
	models := container.New(&stackedRow{gap: 10},
		preference(lang.L("Threads"), lang.L("Processor threads that work on an answer"), p.threads.widget),
		preference(lang.L("Context size"), lang.L("How much of a chat the model can see"), p.context.widget),
		preference(lang.L("KV cache"), lang.L("How exactly the model remembers the chat"), p.kv.widget),
		preference(lang.L("Precision"), lang.L("Automatic is high for small models"), p.precision.widget),
		preference(lang.L("Prompt lookup"), lang.L("Repeated words come faster"), p.lookup.widget),
	)
	folders := container.New(&stackedRow{gap: 6}, p.folders, // in a narrow page there is no room beside each other
		container.NewHBox(newButton(lang.L("Add a folder…"), theme.FolderNewIcon(), w.chooseFolder)),
		container.NewHBox(quietButton(lang.L("Open the models folder"), theme.FolderOpenIcon(), w.openModelsFolder)))
	p.page = newPage(lang.L("Settings"), container.New(&stackedRow{gap: 16},
		section(lang.L("Window"), nil, look), widget.NewSeparator(),
		section(lang.L("Models"), nil, models), widget.NewSeparator(),
		section(lang.L("Model folders"), nil, folders)), func() { w.closePage() })
	p.first = p.theme.widget
	return p
}

// threadCounts are the numbers of threads to choose from.
func threadCounts() []int {
	counts := []int{0}
	for n, all := 1, runtime.NumCPU(); n <= all; n++ {
		if n <= 8 || n%4 == 0 || n == all {
			counts = append(counts, n)
		}
	}
	return counts
}

// preference is one line of the page.
func preference(name, hint string, control fyne.CanvasObject) fyne.CanvasObject {
	title := newText(name, theme.ColorNameForeground, theme.SizeNameText)
	text := container.New(&stackedRow{gap: 1}, title)
	if hint != "" {
		text.Add(newText(hint, colorMuted, theme.SizeNameCaptionText))
	}
	return container.New(preferenceLayout{}, text, framed(control))
}

// framed puts a list to choose from into a frame like that of a field.
func framed(control fyne.CanvasObject) fyne.CanvasObject {
	frame := newGround(theme.ColorNameInputBackground, 7)
	frame.stroke = theme.ColorNameInputBorder
	return container.NewStack(frame, padded(control, 1, 1))
}

// preferenceLayout places a text and the control beside it; in a narrow page
// both give way.
type preferenceLayout struct{}

// Layout implements fyne.Layout.
func (preferenceLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const widest, gap = 220, 10
	width := min(widest, size.Width*0.45)
	text := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, (size.Height-text)/2))
	objects[0].Resize(fyne.NewSize(size.Width-width-gap, text))
	objects[1].Move(fyne.NewPos(size.Width-width, 0))
	objects[1].Resize(fyne.NewSize(width, size.Height))
}

// MinSize implements fyne.Layout.
func (preferenceLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(240, max(objects[0].MinSize().Height, objects[1].MinSize().Height))
}

// show displays what is in force.
func (p *preferences) show(w *window) {
	o := w.c.options
	p.theme.show(w.look.mode)
	p.text.show(w.look.textSize())
	p.scale.show(w.comfort.scale)
	p.language.show(w.comfort.language)
	p.threads.show(o.Threads)
	p.kv.show(kvType(o))
	p.precision.show(o.Precision)
	p.context.show(o.Context)
	p.lookup.show(w.c.Settings().Lookup)
	p.notify.show(w.comfort.notify)
	p.folders.RemoveAll()
	p.folders.Add(folderLine(w.deps.ModelsDir, lang.L("Lumi's own"), nil))
	for _, dir := range w.c.added {
		p.folders.Add(folderLine(dir, "", func() { p.remove(dir) }))
	}
	p.box.Refresh()
}

// folderLine shows a folder, and a button that takes it from the list.
func folderLine(dir, note string, remove func()) fyne.CanvasObject {
	var right fyne.CanvasObject = newCaption(note)
	if remove != nil {
		right = quietButton(lang.L("Remove"), nil, remove)
	}
	return container.NewBorder(nil, nil, nil, right,
		container.New(middle{}, newText(cutMiddle(dir, 90), theme.ColorNameForeground, theme.SizeNameText)))
}

// openSettings shows the page with the settings.
func (w *window) openSettings() {
	w.preferences.show(w)
	w.openPage(w.preferences.page)
}

// showPreferences brings the page with the settings up to date while it is open.
func (w *window) showPreferences() {
	if w.page != nil && w.page == w.preferences.page {
		w.preferences.show(w)
	}
}

func (w *window) setTextSize(size float32) {
	w.look.size = size
	w.applyLook()
}

func (w *window) setLanguage(tag string) {
	w.comfort.language = tag
	w.deps.Changed(w)
	w.c.tell(say("The language changes when Lumi is started again."), action{})
}

func (w *window) setThreads(n int) {
	w.setOptions(func(o *llm.Options) { o.Threads = n })
}

func (w *window) setKV(t accel.Type) {
	w.setOptions(func(o *llm.Options) { o.KV = &t })
}

func (w *window) setPrecision(p llm.Precision) {
	w.setOptions(func(o *llm.Options) { o.Precision = p })
}

// setOptions changes how models are loaded.
func (w *window) setOptions(change func(*llm.Options)) {
	o := w.c.options
	change(&o)
	w.c.SetOptions(o)
	w.deps.Changed(w)
}

func (w *window) setContext(tokens int) {
	w.c.SetContext(tokens)
	w.win.SetMainMenu(w.mainMenu())
	w.deps.Changed(w)
}

func (w *window) setLookup(n int) {
	s := w.c.Settings()
	s.Lookup = n
	w.c.SetSettings(s)
	w.SettingsChanged()
	w.deps.Changed(w)
}

func (w *window) removeFolder(dir string) {
	w.c.RemoveFolder(dir)
	w.deps.Changed(w)
	w.showPreferences()
}
