package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"lumi/app/settings"
	"lumi/llm"
)

// fakeConverter writes a few bytes, as its script says.
type fakeConverter struct {
	plan llm.ConvertPlan
	full error // there is no room for the largest type
	// step is called in the middle and may wait or fail.
	step  func(ctx context.Context) error
	kinds []string
}

func newFakeConverter() *fakeConverter {
	c := &fakeConverter{}
	for i, kind := range []string{"F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0"} {
		c.plan.Choices = append(c.plan.Choices, llm.ConvertChoice{Type: kind, Size: 270_000_000 / int64(i+1)})
	}
	return c
}

func (f *fakeConverter) Plan(string) (llm.ConvertPlan, error) {
	if f.plan.Choices == nil {
		return f.plan, errors.New("it cannot be read")
	}
	return f.plan, nil
}

func (f *fakeConverter) Room(_ string, size int64) error {
	if size == f.plan.Choices[0].Size {
		return f.full
	}
	return nil
}

func (f *fakeConverter) Convert(ctx context.Context, _, out, kind string, progress func(done, total int64)) error {
	progress(1, 4)
	if f.step != nil {
		if err := f.step(ctx); err != nil {
			return err
		}
	}
	f.kinds = append(f.kinds, kind)
	progress(4, 4)
	return os.WriteFile(out, []byte("a model"), 0o644)
}

// convertBench is a bench whose first model is about to be converted.
func convertBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, "")
	b.modelsDir = t.TempDir()
	b.Rescan()
	b.until("scanned", func() bool { return !b.scanning })
	b.Convert(b.models[0])
	b.until("the model is read", func() bool { return b.conversion.Stage == conversionChoosing })
	return b
}

func (b *bench) stage(what string, stage conversionStage) {
	b.t.Helper()
	b.until(what, func() bool { return b.conversion.Stage == stage })
}

func TestConvert(t *testing.T) {
	b := convertBench(t)
	defer b.end()
	v := b.conversion
	if v.Type != "Q4_K_M" || v.Name != "tiny.Q4_K_M" || v.Problem != nil {
		t.Errorf("offered first: %+v", v)
	}
	b.SetConversionType("Q8_0")
	if v.Name != "tiny.Q8_0" {
		t.Errorf("the name %q does not follow the type", v.Name)
	}
	for _, name := range []string{"", "  ", "a/b", `a\b`, ".hidden", "a:b", "a\nb", "end ", strings.Repeat("x", 300)} {
		b.SetConversionName(name)
		if b.StartConversion(); v.Problem == nil || v.Stage != conversionChoosing {
			t.Errorf("the name %q is taken", name)
		}
	}
	b.SetConversionName("mine")
	if b.SetConversionType("Q6_K"); v.Name != "mine" || v.Problem != nil {
		t.Errorf("a written name became %q, problem %q", v.Name, v.Problem)
	}
	e := newFakeEngine("x")
	target := filepath.Join(b.modelsDir, "mine.gguf")
	b.engines[target] = e
	b.StartConversion()
	b.SetConversionType("F16") // too late
	b.stage("converted", conversionDone)
	if v.Type != "Q6_K" || v.Share() != 1 || v.Size != 7 || v.Target != target || b.convert.kinds[0] != "Q6_K" {
		t.Errorf("made %+v", v)
	}
	if !b.scanning {
		t.Error("the new model is not looked for")
	}
	if b.notice == nil || translate(b.notice.Action.Label) != "Load it" {
		t.Errorf("at the end it tells %+v", b.notice)
	}
	b.LoadConverted()
	b.until("loaded", func() bool { return b.model.engine == e })
	if b.conversion != nil {
		t.Error("a loaded conversion is kept")
	}
}

func TestConvertAsksBeforeReplacing(t *testing.T) {
	b := convertBench(t)
	defer b.end()
	v := b.conversion
	path := filepath.Join(b.modelsDir, "tiny.Q4_K_M.gguf")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	start := func() {
		t.Helper()
		b.StartConversion()
		b.until("asked or done", func() bool { return v.Stage != conversionRunning })
	}
	start()
	old, _ := os.ReadFile(path)
	if !v.Replace || !strings.Contains(told(reported(v.Problem)), "tiny.Q4_K_M.gguf already") || string(old) != "old" {
		t.Errorf("replace %v, problem %q, the file holds %q", v.Replace, v.Problem, old)
	}
	b.SetConversionType("Q8_0") // another file: the question is gone
	b.SetConversionType("Q4_K_M")
	if start(); v.Stage != conversionChoosing {
		t.Fatal("an old answer has replaced a file")
	}
	if start(); v.Stage != conversionDone {
		t.Errorf("told to replace, it says %q", v.Problem)
	}
}

func TestConvertCancelled(t *testing.T) {
	b := convertBench(t)
	defer b.end()
	v := b.conversion
	b.convert.step = func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	b.StartConversion()
	b.until("it has begun", func() bool { return v.Done > 0 })
	b.Convert(b.models[1])
	b.EndConversion()
	if b.conversion != v {
		t.Error("another has taken the place of a conversion that runs")
	}
	b.CancelConversion()
	b.stage("cancelled", conversionChoosing)
	if v.Problem != nil || b.notice != nil {
		t.Errorf("cancelling is told as a fault: %q, %+v", v.Problem, b.notice)
	}
	b.convert.step = func(context.Context) error { return errors.New("the disk is broken") }
	b.StartConversion()
	b.until("it has failed", func() bool { return v.Problem != nil })
	if v.Stage != conversionChoosing || told(reported(v.Problem)) != "tiny.gguf could not be converted: the disk is broken." {
		t.Errorf("stage %v, problem %q", v.Stage, v.Problem)
	}
}

// TestConversionOffersItsModelOnce ends a conversion before the eyes of a person
// and after the dialog was put away, in both of the ways.
func TestConversionOffersItsModelOnce(t *testing.T) {
	for name, away := range map[string]func(*window){
		"watched": nil,
		"hidden":  func(w *window) { test.Tap(w.convert.main) },
		"escaped": func(w *window) { w.plainKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, settings.ThemeLight, fyne.NewSize(1000, 700))
			s.convertFirst()
			goOn := make(chan struct{})
			s.convert.step = func(context.Context) error {
				<-goOn
				return nil
			}
			s.StartConversion()
			s.until("it has begun", func() bool { return s.conversion.Done > 0 })
			if away != nil {
				away(s.w)
			}
			close(goOn)
			s.until("it is done", func() bool { return s.conversion.Stage == conversionDone })
			if offered := s.notice != nil; offered != (away != nil) {
				t.Errorf("a notice offers the model: %v, and the dialog is shown: %v", offered, s.w.ConversionShown())
			}
			s.until("scanned", func() bool { return !s.scanning })
		})
	}
}

// TestConvertEndsWithWindow uses the real converter on a real model: closing
// waits for it, and it leaves nothing behind.
func TestConvertEndsWithWindow(t *testing.T) {
	b := convertBench(t)
	begun := make(chan struct{})
	b.Converter = slowConverter{begun: begun}
	b.conversion.Source.Path = "cli/testdata/stories260K.gguf"
	b.StartConversion()
	<-begun
	b.end()
	left, err := os.ReadDir(b.modelsDir)
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, error %v", left, err)
	}
}

// slowConverter is the real one, which waits in its first step for the window
// to be closed.
type slowConverter struct {
	modelConverter
	begun chan struct{}
}

func (s slowConverter) Convert(ctx context.Context, in, out, kind string, progress func(done, total int64)) error {
	first := true
	return s.modelConverter.Convert(ctx, in, out, kind, func(done, total int64) {
		progress(done, total)
		if first {
			first = false
			close(s.begun)
			<-ctx.Done()
		}
	})
}

func TestConvertSaysWhy(t *testing.T) {
	b := convertBench(t)
	defer b.end()
	b.convert.full = &llm.SpaceError{Need: 380_000_000, Free: 100_000_000}
	b.Convert(b.models[1])
	b.stage("read", conversionChoosing)
	b.SetConversionType("F16")
	if got := told(reported(b.conversion.Problem)); !strings.HasPrefix(got, "The new file needs 380 MB and the disk has 100 MB free") {
		t.Errorf("without room it says %q", got)
	}
	if b.SetConversionType("Q4_0"); b.conversion.Problem != nil {
		t.Errorf("a type that fits is refused: %q", b.conversion.Problem)
	}
	b.convert.plan.Choices = nil
	b.Convert(b.models[0])
	b.stage("read", conversionChoosing)
	if got := told(reported(b.conversion.Problem)); got != "tiny.gguf cannot be converted: it cannot be read." {
		t.Errorf("of an unreadable model it says %q", got)
	}
	if b.StartConversion(); b.conversion.Stage != conversionChoosing {
		t.Error("what cannot be read is converted")
	}
	b.EndConversion()
	b.models = testModels[2:]
	if b.ConvertAny() || b.notice == nil {
		t.Error("without a model there is nothing to convert, and it says so")
	}
	b.models = testModels
	if !b.ConvertAny() || b.conversion.Source.Path != testModels[0].Path {
		t.Errorf("it begins with %+v", b.conversion)
	}
}
