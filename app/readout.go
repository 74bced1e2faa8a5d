package app

import (
	"fmt"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm"
)

// readoutState is what the speed readout shows.
type readoutState struct {
	Running   bool
	Prefilled int // prompt tokens processed so far, while Running
	Rate      float64
	Stats     llm.Stats
	Known     bool // there has been an answer
	Here      bool // it was written in this window, not read from disk
}

// steady is how often the live numbers change: one that changes thirty times a
// second cannot be read, and painting it takes time from the engine.
const steady = 250 * time.Millisecond

// readout is the panel with the speed: one large number while an answer is
// being written and the measurements of the last one below it.
type readout struct {
	box       *fyne.Container
	number    *fyne.Container // large and unit
	top       *fyne.Container // number and spark
	large     *textLine
	unit      *textLine
	state     *textLine
	rows      map[string]*textLine
	prefill   *gauge // how far a long prompt is
	memory    llm.Memory
	bandwidth float64 // of the machine's memory in bytes/s, 0 while unknown
	spark     *sparkline
	changed   time.Time // of the numbers
	running   bool      // then
	rate      float64   // then
}

func newReadout() *readout {
	r := &readout{rows: map[string]*textLine{}, spark: newSparkline()}
	r.large = newText("–", theme.ColorNameForeground, theme.SizeNameHeadingText)
	r.large.style.Bold = true
	r.large.fits = true
	r.unit = newCaption(lang.L("tokens/s"))
	r.state = newCaption("")
	r.number = container.NewHBox(r.large, container.NewVBox(layout.NewSpacer(), padded(r.unit, 0, 3)))
	list := container.New(&stackedRow{gap: 5})
	for _, name := range readoutRows {
		value := newText("–", theme.ColorNameForeground, theme.SizeNameCaptionText)
		value.align = fyne.TextAlignTrailing
		r.rows[name] = value
		list.Add(container.NewBorder(nil, nil, newCaption(lang.L(name)), nil, value))
	}
	r.prefill = newGauge(40, prefillHeight)
	r.prefill.calm = true
	r.prefill.Hide()
	r.top = container.NewBorder(nil, nil, r.number, nil, padded(r.spark, 6, 2))
	r.box = container.New(&stackedRow{gap: 8}, r.top,
		container.New(fixedHeight(prefillHeight), r.prefill), list)
	return r
}

var readoutRows = []string{"Tokens", "Prompt", "Re-used", "First token", "Context", "Weights", "KV cache", "Scratch", "Bandwidth"}

// prefillHeight is kept free for the progress of a prompt, so that nothing
// moves when it appears.
const prefillHeight = 5

// show displays the state, unless that changed a moment ago, and reports whether
// it did; the speed that is shown is returned for the other places that show it.
func (r *readout) show(s readoutState, now time.Time) (rate float64, shown bool) {
	if s.Running && r.running && now.Sub(r.changed) < steady {
		return r.rate, false
	}
	r.changed, r.running, r.rate = now, s.Running, liveRate(s)
	r.large.set(speed(r.rate))
	r.unit.set(lang.L("tokens/s"))
	if reading(s) { // the prompt's speed until there is another
		r.large.set(speed(prefillRate(s)))
		r.unit.set(lang.L("prompt tokens/s"))
	}
	r.showPrefill(s)
	r.spark.add(s)
	relayout(r.number)
	relayout(r.top)
	r.rows["Tokens"].set(count(s.Stats.Tokens))
	r.rows["Prompt"].set(promptText(s))
	r.rows["Re-used"].set(reusedText(s.Stats))
	r.rows["First token"].set(seconds(s.Stats.FirstToken))
	r.rows["Context"].set(contextText(s.Stats))
	r.rows["Bandwidth"].set(bandwidthText(r.memory.Weights, r.rate, r.bandwidth))
	return r.rate, true
}

// showModel displays what the loaded model takes, and against which bandwidth
// of the memory its speed is held.
func (r *readout) showModel(m llm.Memory, bandwidth float64) {
	r.memory, r.bandwidth = m, bandwidth
	r.rows["Weights"].set(memoryText(m.Weights))
	r.rows["KV cache"].set(memoryText(m.KV))
	r.rows["Scratch"].set(memoryText(m.Scratch))
	r.rows["Bandwidth"].set(bandwidthText(m.Weights, r.rate, bandwidth))
}

// showPrefill shows how far the prompt is while it is being read.
func (r *readout) showPrefill(s readoutState) {
	if !reading(s) {
		r.prefill.Hide()
		return
	}
	r.prefill.set(float64(s.Prefilled-s.Stats.Reused) / float64(s.Stats.PromptTokens-s.Stats.Reused))
	r.prefill.Show()
}

// reading reports whether the prompt is being read and how far is known.
func reading(s readoutState) bool {
	return s.Running && s.Stats.Tokens == 0 && s.Stats.PromptTokens > s.Stats.Reused
}

// prefillRate is the speed of the prompt so far, in tokens/s.
func prefillRate(s readoutState) float64 {
	if s.Stats.PromptTime <= 0 {
		return 0
	}
	return float64(s.Prefilled-s.Stats.Reused) / s.Stats.PromptTime.Seconds()
}

func memoryText(bytes int64) string {
	if bytes <= 0 {
		return "–"
	}
	return byteSize(bytes)
}

// bandwidthText is the share of the memory's bandwidth that a speed takes.
func bandwidthText(weights int64, rate, bandwidth float64) string {
	share := bandwidthShare(weights, rate, bandwidth)
	switch {
	case bandwidth <= 0:
		return "–"
	case share <= 0:
		return lang.L("{{.Rate}} GB/s", map[string]any{"Rate": decimal(bandwidth/1e9, 1)})
	}
	return lang.L("{{.Share}} % of {{.Most}} GB/s", map[string]any{
		"Share": decimal(share*100, 0), "Most": decimal(bandwidth/1e9, 1),
	})
}

// liveRate is the speed over about the last second while an answer is being
// written, and that of the whole answer afterwards.
func liveRate(s readoutState) float64 {
	if s.Running {
		return s.Rate
	}
	return s.Stats.Rate()
}

func count(n int) string {
	if n <= 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// promptText is how far the prompt is, and afterwards how many of its tokens were
// new and how fast they were processed.
func promptText(s readoutState) string {
	st := s.Stats
	switch {
	case s.Running && st.Tokens == 0 && st.PromptTokens > 0:
		return fmt.Sprintf("%d / %d", max(st.Reused, s.Prefilled), st.PromptTokens)
	case st.PromptTokens == 0:
		return "–"
	case st.PromptRate() == 0:
		return plural(st.PromptTokens-st.Reused, "{{.N}} new")
	}
	return joined(plural(st.PromptTokens-st.Reused, "{{.N}} new"), perSecond(st.PromptRate()))
}

// reusedText is how much of the prompt the KV cache held already.
func reusedText(st llm.Stats) string {
	if st.PromptTokens == 0 {
		return "–"
	}
	return plural(st.Reused, "{{.N}} tokens")
}

func contextText(st llm.Stats) string {
	if st.ContextSize == 0 {
		return "–"
	}
	return fmt.Sprintf("%d / %d", st.ContextUsed, st.ContextSize)
}

// statusText is the readout in one line, for below the composer.
func statusText(s readoutState) string {
	switch {
	case s.Running && s.Stats.Tokens == 0:
		if s.Stats.PromptTokens > 0 {
			return joined(lang.L("reading the prompt"), promptText(s))
		}
		return lang.L("reading the prompt")
	case s.Running:
		return joined(plural(s.Stats.Tokens, "{{.N}} tokens"), perSecond(s.Rate))
	case s.Known:
		parts := []string{plural(s.Stats.Tokens, "{{.N}} tokens")}
		if r := s.Stats.Rate(); r > 0 {
			parts = append(parts, perSecond(r))
		}
		if r := s.Stats.PromptRate(); r > 0 {
			parts = append(parts, lang.L("prompt {{.Rate}} tok/s", map[string]any{"Rate": speed(r)}))
		}
		if after := s.Stats.FirstToken; after > 0 {
			parts = append(parts, lang.L("first token after {{.Time}}", map[string]any{"Time": seconds(after)}))
		}
		return joined(parts...)
	}
	return ""
}

// gauge is a small horizontal meter for a share from 0 to 1.
type gauge struct {
	widget.BaseWidget
	share float64
	size  fyne.Size
	calm  bool // a full gauge is no warning
}

func newGauge(width, height float32) *gauge {
	g := &gauge{size: fyne.NewSize(width, height)}
	g.ExtendBaseWidget(g)
	return g
}

func (g *gauge) set(share float64) {
	if g.share != share {
		g.share = share
		g.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (g *gauge) CreateRenderer() fyne.WidgetRenderer {
	r := &gaugeRenderer{gauge: g, track: canvas.NewRectangle(nil), fill: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type gaugeRenderer struct {
	gauge       *gauge
	track, fill *canvas.Rectangle
}

func (r *gaugeRenderer) Refresh() {
	r.track.FillColor = themeColor(colorTrack)
	r.fill.FillColor = themeColor(theme.ColorNamePrimary)
	if r.gauge.share > 0.9 && !r.gauge.calm {
		r.fill.FillColor = themeColor(theme.ColorNameError)
	}
	r.Layout(r.gauge.Size())
	r.track.Refresh()
	r.fill.Refresh()
}

func (r *gaugeRenderer) Layout(size fyne.Size) {
	h := r.gauge.size.Height
	y := (size.Height - h) / 2
	for _, rect := range []*canvas.Rectangle{r.track, r.fill} {
		rect.CornerRadius = h / 2
		rect.Move(fyne.NewPos(0, y))
	}
	r.track.Resize(fyne.NewSize(size.Width, h))
	share := float32(min(1, max(0, r.gauge.share)))
	width := size.Width * share
	if share > 0 {
		width = max(width, h)
	}
	r.fill.Resize(fyne.NewSize(width, h))
}

func (r *gaugeRenderer) MinSize() fyne.Size { return r.gauge.size }

func (r *gaugeRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.fill}
}

func (r *gaugeRenderer) Destroy() {}

// sparkline draws the speed of the last answer as a line of bars.
type sparkline struct {
	widget.BaseWidget
	values []float64
	live   bool
}

// sparkBars is how many bars the sparkline keeps: the last ten seconds.
const sparkBars = 40

func newSparkline() *sparkline {
	s := &sparkline{}
	s.ExtendBaseWidget(s)
	return s
}

// add appends the speed of a running answer; a new answer starts afresh, and
// for an answer of another time there is nothing to draw.
func (s *sparkline) add(state readoutState) {
	if state.Running && !s.live || !state.Running && !state.Here {
		s.values = s.values[:0]
	}
	s.live = state.Running
	if state.Running && state.Rate > 0 {
		s.values = append(s.values, state.Rate)
		if drop := len(s.values) - sparkBars; drop > 0 {
			s.values = append(s.values[:0], s.values[drop:]...)
		}
	}
	s.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *sparkline) CreateRenderer() fyne.WidgetRenderer {
	r := &sparkRenderer{spark: s}
	for range sparkBars {
		bar := canvas.NewRectangle(color.Transparent)
		r.bars = append(r.bars, bar)
		r.objects = append(r.objects, bar)
	}
	r.Refresh()
	return r
}

type sparkRenderer struct {
	spark   *sparkline
	bars    []*canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *sparkRenderer) Refresh() { r.Layout(r.spark.Size()) }

func (r *sparkRenderer) Layout(size fyne.Size) {
	values := r.spark.values
	var most float64
	for _, v := range values {
		most = max(most, v)
	}
	fill := themeColor(theme.ColorNamePrimary)
	step := size.Width / sparkBars
	for i, bar := range r.bars {
		if i >= len(values) || most <= 0 {
			bar.Hide()
			continue
		}
		h := max(1, size.Height*float32(values[i]/most))
		bar.FillColor = fill
		bar.Move(fyne.NewPos(float32(i)*step, size.Height-h))
		bar.Resize(fyne.NewSize(max(1, step-1), h))
		bar.Show()
	}
}

func (r *sparkRenderer) MinSize() fyne.Size           { return fyne.NewSize(40, 24) }
func (r *sparkRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *sparkRenderer) Destroy()                     {}
