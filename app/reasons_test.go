package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm"
	"lumi/llm/arch"
	"lumi/llm/fault"
	"lumi/llm/gguf"
	"lumi/llm/grammar"
	"lumi/llm/prompt"
	"lumi/llm/sample"
)

// toldApart are an error of every kind and type that the window tells apart,
// by the name that the source has for it.
var toldApart = map[string]error{
	"fault.NotModel": fault.NotModel, "fault.Damaged": fault.Damaged, "fault.Unsupported": fault.Unsupported,
	"gguf.ErrNotGGUF": gguf.ErrNotGGUF, "gguf.ErrChanged": gguf.ErrChanged, "gguf.Error": &gguf.Error{Err: errors.New("x")},
	"gguf.TruncatedError": &gguf.TruncatedError{Need: 9, Have: 2}, "gguf.SplitError": &gguf.SplitError{Part: 1, Parts: 2},
	"arch.UnknownError": &arch.UnknownError{Name: "mamba"}, "prompt.ErrTemplate": prompt.ErrTemplate,
	"prompt.RaisedError": &prompt.RaisedError{Message: "x"}, "sample.ErrSetting": sample.ErrSetting,
	"sample.ErrNaN": sample.ErrNaN, "sample.ErrInf": sample.ErrInf, "sample.ErrNoToken": sample.ErrNoToken, "sample.ErrLength": sample.ErrLength,
	"grammar.Error": &grammar.Error{}, "grammar.SchemaError": &grammar.SchemaError{}, "grammar.ErrTooLong": grammar.ErrTooLong,
	"grammar.ErrAmbiguous": grammar.ErrAmbiguous, "llm.ErrClosed": llm.ErrClosed, "llm.ErrNoWeights": llm.ErrNoWeights,
	"llm.ErrTwoForms": llm.ErrTwoForms, "llm.ErrOverItself": llm.ErrOverItself, "llm.ErrNoFile": llm.ErrNoFile,
	"llm.MemoryError": &llm.MemoryError{}, "llm.SpaceError": &llm.SpaceError{}, "llm.PromptTooLongError": &llm.PromptTooLongError{},
	"llm.FileError":        &llm.FileError{Path: "m", Err: fs.ErrPermission},
	"accel.ErrContextFull": accel.ErrContextFull, "accel.ErrFault": accel.ErrFault, "accel.ErrToken": accel.ErrToken,
	"history.ErrNotFound": history.ErrNotFound, "history.ErrDiskFull": history.ErrDiskFull, "history.ErrReadOnly": history.ErrReadOnly,
	"history.ErrClosed": history.ErrClosed, "history.ErrLocked": history.ErrLocked, "history.ErrDamaged": history.ErrDamaged,
	"history.ErrNoChats": history.ErrNoChats, "history.ErrMalformed": history.ErrMalformed, "history.ErrTooLarge": history.ErrTooLarge,
	"history.ErrNewerFile": history.ErrNewerFile, "history.ImportError": &history.ImportError{Path: "c", Err: history.ErrNoChats},
	"history.RescuedError": &history.RescuedError{Err: errors.New("x")}, "history.NewerError": &history.NewerError{},
	"history.FullError": &history.FullError{}, "history.UnwritableError": &history.UnwritableError{Err: fs.ErrPermission},
	"settings.ErrNoPreset": settings.ErrNoPreset, "settings.FileError": &settings.FileError{Err: fs.ErrPermission, Aside: "a"},
	"settings.ValueError": &settings.ValueError{},
}

// untold are those that no person meets in the window.
var untold = []string{"prompt.ErrEmpty"} // nothing is sent without a message

// TestKindsHaveWords finds the errors that other packages tell apart in their
// source, and checks that the window has words of its own for each. That these
// are in all languages, TestTexts and TestLanguages see to.
func TestKindsHaveWords(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^(?:\t|var |const )(Err[A-Z]\w*)[ \w.]*=|^type (\w*Error) struct|^\t(\w+) Kind += +"`)
	for _, dir := range []string{
		"../accel", "../llm", "../llm/arch", "../llm/fault", "../llm/gguf", "../llm/grammar", "../llm/prompt", "../llm/sample", "history", "settings",
	} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", dir, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
				name := filepath.Base(dir) + "." + m[1] + m[2] + m[3]
				if toldApart[name] == nil && name != untold[0] {
					t.Errorf("%s: the window has no words for %s", file, name)
				}
			}
		}
	}
	for name, err := range toldApart {
		if p := explained(fmt.Errorf("wrapped: %w", err)); p.key == "" && len(p.parts) == 0 {
			t.Errorf("%s is told as it is: %q", name, p.Error())
		}
	}
}
