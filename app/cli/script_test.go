package cli

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"lumi/llm/gguf"
)

// TestMain makes the test binary a "lumi" that the scripts can run.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"lumi": func() {
			os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs the command lines under testdata/script. $MODEL is a real
// model of one megabyte.
func TestScripts(t *testing.T) {
	model, err := filepath.Abs(filepath.Join("testdata", "stories260K.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("MODEL", model)
			env.Setenv("HOME", home)
			env.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
			env.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
			return errors.Join(
				os.MkdirAll(filepath.Join(home, "data", "lumi", "models"), 0o755),
				writeStrange(filepath.Join(env.WorkDir, "strange.gguf")),
			)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"truncate": truncate,
			"retype":   retype,
			"field":    field,
			"fails":    fails,
			"settings": writeSettings,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// writeStrange writes a vocabulary without a model that splits text in a way
// that no one knows.
func writeStrange(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = gguf.Write(file, []gguf.KV{
		{Key: "general.architecture", Value: "llama"},
		{Key: "tokenizer.ggml.model", Value: "gpt2"},
		{Key: "tokenizer.ggml.pre", Value: "strange"},
		{Key: "tokenizer.ggml.tokens", Value: []string{"a", "b", "ab"}},
		{Key: "tokenizer.ggml.merges", Value: []string{"a b"}},
	}, nil)
	return errors.Join(err, file.Close())
}

// truncate FILE SIZE cuts a file or lengthens it with zeros.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE SIZE")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// retype FILE TENSOR TYPE changes the type that a model file says a tensor has.
func retype(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: retype FILE TENSOR TYPE")
	}
	kind, err := strconv.ParseUint(args[2], 10, 32)
	ts.Check(err)
	data := []byte(ts.ReadFile(args[0]))
	// The name, the number of dimensions and the dimensions come before it.
	_, after, found := bytes.Cut(data, []byte(args[1]))
	if !found {
		ts.Fatalf("%s has no tensor %s", args[0], args[1])
	}
	at := 4 + 8*binary.LittleEndian.Uint32(after)
	binary.LittleEndian.PutUint32(after[at:], uint32(kind))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}

// settings FILE JSON writes a settings file; DIR in it is the script's folder.
func writeSettings(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: settings FILE JSON")
	}
	text := strings.ReplaceAll(args[1], "DIR", filepath.ToSlash(ts.MkAbs(".")))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// fails CODE PATTERN ARGS… runs lumi with ARGS and demands this exit code,
// nothing on stdout and the pattern on stderr.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE PATTERN ARGS...")
	}
	err := ts.Exec("lumi", args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("lumi did not run: %v", err)
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("lumi %q ended with %d, want %s", args[2:], code, args[0])
	}
	if stdout != "" {
		ts.Fatalf("lumi %q wrote %q to stdout", args[2:], stdout)
	}
	if !regexp.MustCompile(args[1]).MatchString(stderr) {
		ts.Fatalf("lumi %q: no match for %q in %q", args[2:], args[1], stderr)
	}
}

// field FILE PATH WANT demands a value of a JSON document: PATH is its keys
// and indices, joined by dots, and WANT its JSON form, a number with the
// tolerance behind a tilde (as in 1.5~0.001), or len= and the length of a list.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field FILE PATH WANT")
	}
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &value))
	if args[1] != "." {
		for key := range strings.SplitSeq(args[1], ".") {
			value = child(ts, value, key)
		}
	}
	want := args[2]
	if length, ok := strings.CutPrefix(want, "len="); ok {
		list, _ := value.([]any)
		if fmt.Sprint(len(list)) != length {
			ts.Fatalf("%s has %d elements, want %s", args[1], len(list), length)
		}
		return
	}
	if number, tolerance, ok := strings.Cut(want, "~"); ok {
		middle, err := strconv.ParseFloat(number, 64)
		ts.Check(err)
		radius, err := strconv.ParseFloat(tolerance, 64)
		ts.Check(err)
		got, isNumber := value.(float64)
		if !isNumber || math.Abs(got-middle) > radius {
			ts.Fatalf("%s is %v, want %s", args[1], value, want)
		}
		return
	}
	var wanted any
	ts.Check(json.Unmarshal([]byte(want), &wanted))
	if diff := cmp.Diff(wanted, value); diff != "" {
		ts.Fatalf("%s differs (-want +got):\n%s", args[1], diff)
	}
}

// child is a member of a JSON object or an element of a list.
func child(ts *testscript.TestScript, value any, key string) any {
	switch parent := value.(type) {
	case map[string]any:
		if v, ok := parent[key]; ok {
			return v
		}
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(parent) {
			return parent[i]
		}
	}
	ts.Fatalf("there is no %q in %.100v", key, value)
	return nil
}
