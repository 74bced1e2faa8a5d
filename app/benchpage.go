package app

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// benchmarkPage measures the loaded model and shows what was found before.
type benchmarkPage struct {
	*page
	model   *textLine
	start   *button
	stop    *button
	copy    *button
	gauge   *gauge
	history *fyne.Container // charts and table
	none    *textLine
	prompt  *barChart
	write   *barChart
	table   *fyne.Container
	shown   []benchRun
}

// tableRuns is how many runs the table lists; the file keeps more.
const tableRuns = 20

func newBenchmarkPage(w *window) *benchmarkPage {
	b := &benchmarkPage{prompt: newBarChart(), write: newBarChart(), gauge: newGauge(200, 6)}
	b.model = newText("", theme.ColorNameForeground, theme.SizeNameText)
	b.model.style.Bold = true
	b.gauge.calm = true
	b.start = newButton(lang.L("Start"), theme.MediaPlayIcon(), w.c.Bench)
	b.start.Importance = widget.HighImportance
	b.stop = newButton(lang.L("Cancel"), icon("stop"), w.c.CancelBench)
	b.copy = quietButton(lang.L("Copy as Markdown"), theme.ContentCopyIcon(), func() {
		w.app.Clipboard().SetContent(benchMarkdown(b.shown))
		w.c.tell(say("The table is copied."), action{})
	})
	about := widget.NewLabel(lang.L("Measures how fast the loaded model reads a prompt of 512 tokens (pp512) and writes 128 tokens (tg128), three times each. Other programs slow it down."))
	about.Wrapping = fyne.TextWrapWord
	b.none = newText(lang.L("This model has not been measured yet."), colorMuted, theme.SizeNameText)
	b.table = container.New(&stackedRow{gap: 4})
	b.history = container.New(&stackedRow{gap: 16},
		section(lang.L("Reading the prompt, tokens/s"), nil, b.prompt),
		section(lang.L("Writing the answer, tokens/s"), nil, b.write),
		section(lang.L("Results"), b.copy, b.table))
	run := container.NewBorder(nil, nil, nil, container.NewCenter(container.NewStack(b.start, b.stop)),
		container.New(middle{}, container.New(&stackedRow{gap: 6}, b.model, b.gauge)))
	b.page = newPage(lang.L("Benchmark"), container.New(&stackedRow{gap: 16}, padded(about, -8, -8), run,
		widget.NewSeparator(), b.none, b.history), func() { w.closePage() })
	b.first = b.start
	return b
}

// openBenchmark shows the page with the benchmark.
func (w *window) openBenchmark() {
	w.c.ReadBenchmarks()
	w.openPage(w.benchmark.page)
	w.benchmark.show(w.c)
}

// show displays the running benchmark and the results before it.
func (b *benchmarkPage) show(c *controller) {
	if !b.box.Visible() {
		return
	}
	b.model.set(lang.L("No model is loaded."))
	if c.model.engine != nil {
		b.model.set(joined(c.model.name(), c.model.info.Quantisation, c.model.info.Device))
	}
	b.gauge.set(c.bench.share)
	if c.bench.cancel != nil {
		b.start.Hide()
		b.stop.Show()
		b.gauge.Show()
		return
	}
	b.stop.Hide()
	b.start.Show()
	b.gauge.Hide()
	b.shown = c.bench.runs
	if len(b.shown) == 0 {
		b.history.Hide()
		b.none.Show()
	} else {
		b.none.Hide()
		b.history.Show()
	}
	var prompt, write []float64
	for _, r := range b.shown {
		prompt, write = append(prompt, r.PP), append(write, r.TG)
	}
	b.prompt.show(prompt)
	b.write.show(write)
	b.fillTable()
	b.box.Refresh()
}

// fillTable lists the latest results, the last one first.
func (b *benchmarkPage) fillTable() {
	b.table.RemoveAll()
	b.table.Add(tableLine(colorMuted, lang.L("Date"), "pp512", "tg128", lang.L("Threads"), lang.L("KV cache"), lang.L("Precision")))
	for i := len(b.shown) - 1; i >= max(0, len(b.shown)-tableRuns); i-- {
		r := b.shown[i]
		b.table.Add(tableLine(theme.ColorNameForeground, r.Time.Local().Format(lang.L("2006-01-02 15:04")),
			decimal(r.PP, 1)+" ± "+decimal(r.PPDev, 1), decimal(r.TG, 1)+" ± "+decimal(r.TGDev, 1),
			fmt.Sprint(r.Threads), r.KV, precisionWord(r.Precision)))
	}
}

// tableLine places texts in columns of equal width; numbers end together.
func tableLine(color fyne.ThemeColorName, cells ...string) fyne.CanvasObject {
	line := container.NewGridWithColumns(len(cells))
	for i, cell := range cells {
		text := newText(cell, color, theme.SizeNameCaptionText)
		if i > 0 {
			text.align = fyne.TextAlignTrailing
		}
		line.Add(text)
	}
	return line
}
