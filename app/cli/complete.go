package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"lumi/accel"
	"lumi/llm"
)

var completeCommand = command{
	name:    "complete",
	args:    "[-m MODEL] (-p TEXT | -f FILE) [options]",
	summary: "go on from a text",
	help: `Goes on from a text as the model sees fit, without a chat template. The
continuation goes to stdout, the speed to stderr. -f - reads the text from stdin.`,
	run: runComplete,
}

func runComplete(ctx context.Context, c command, args []string, s streams) error {
	settings := llm.DefaultSettings()
	var load loadFlags
	var study studyFlags
	fs := c.newFlags()
	load.register(fs, accel.F16)
	registerSettings(fs, &settings)
	recommended := recommendFlag(fs)
	study.register(fs)
	prompt := fs.String("p", "", "the `TEXT` to go on from")
	fs.Var(fs.Lookup("p").Value, "prompt", "")
	file := fs.String("f", "", "the `FILE` that holds the text; - is stdin")
	fs.Var(fs.Lookup("f").Value, "file", "")
	quiet := fs.Bool("quiet", false, "leave out the speed")
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	if err := study.check(); err != nil {
		return err
	}
	text, err := promptText(*prompt, *file, s.in)
	if err != nil {
		return err
	}
	load.unmasked = study.unmasked
	start := time.Now()
	m, err := load.open(ctx, s)
	if err != nil {
		return err
	}
	defer m.Close()
	tellOf(m.Tokenizer(), s)
	if *recommended {
		fmt.Fprintln(s.err, recommend(fs, m, &settings))
	}
	loading := time.Since(start)
	finish, err := study.listen(m, s.err)
	if err != nil {
		return err
	}

	out := newAnswerWriter(s.out)
	reply, err := m.CompleteStudy(ctx, text, study.study, func() llm.Settings { return settings }, func(e llm.Event) { out.write(e.Text) })
	out.end()
	err = errors.Join(err, finish())
	if err != nil {
		return err
	}
	if out.err != nil {
		return fmt.Errorf("writing the text: %w", out.err)
	}
	for _, notice := range reply.Notices {
		fmt.Fprintln(s.err, notice)
	}
	if !*quiet {
		fmt.Fprintln(s.err, statsLine(reply))
	}
	study.report(s.err, m, loading, reply)
	return ctx.Err()
}

// promptText is the text to go on from: exactly one of prompt and file is
// given.
func promptText(prompt, file string, in io.Reader) (string, error) {
	switch {
	case (prompt == "") == (file == ""):
		return "", usagef("complete: give the text either with -p or with -f")
	case file == "":
		return prompt, nil
	}
	return readText(file, in)
}

// readText reads a file that must hold something; "-" is stdin.
func readText(file string, in io.Reader) (string, error) {
	var data []byte
	var err error
	if file == "-" {
		data, err = io.ReadAll(in)
	} else {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return "", fmt.Errorf("reading the text: %w", err)
	}
	if len(data) == 0 {
		return "", fmt.Errorf("reading the text: %s is empty", file)
	}
	return string(data), nil
}
