package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"lumi/llm"
	"lumi/llm/prompt"
)

var templateCommand = command{
	name:    "template",
	args:    "[-m MODEL | --template FILE.jinja] --messages FILE.json [options]",
	summary: "show a conversation as a model gets it",
	help: `Renders a conversation by a model's chat template, without loading the model's
weights. The messages are a JSON list of {"role": …, "content": …}; - reads them
from stdin. What the template refuses is an error.`,
	run: runTemplate,
}

// maxTemplateInput bounds the files that the command reads, in bytes.
const maxTemplateInput = 64 << 20

func runTemplate(ctx context.Context, c command, args []string, s streams) error {
	var load loadFlags
	fs := c.newFlags()
	load.registerModel(fs)
	source := fs.String("template", "", "the `FILE` with a Jinja template, instead of a model")
	messages := fs.String("messages", "", "the `FILE` with the messages")
	noPrompt := fs.Bool("no-generation-prompt", false, "end behind the last message, not where the answer begins")
	bos := fs.String("bos", "", "`TEXT` of the token that begins a text; a model has its own")
	eos := fs.String("eos", "", "`TEXT` of the token that ends one; a model has its own")
	now := fs.String("now", "", "the `TIME` that the template takes for the present, such as 2026-01-02T03:04:05")
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	switch {
	case *messages == "":
		return usagef("template: name the messages: lumi template --messages FILE.json")
	case load.model != "" && *source != "":
		return usagef("template: give a model or a template, not both")
	case *source == "" && (*bos != "" || *eos != ""):
		return usagef("template: --bos and --eos go with --template: a model has its own")
	}
	o := prompt.Options{AddGenerationPrompt: !*noPrompt}
	if *now != "" {
		var err error
		if o.Now, err = parseTime(*now); err != nil {
			return usagef("template: --now: %w", err)
		}
	}
	list, err := readMessages(*messages, s)
	if err != nil {
		return err
	}
	t, err := chooseTemplate(ctx, &load, *source, prompt.TokenTexts{BOS: *bos, EOS: *eos}, s)
	if err != nil {
		return err
	}
	text, err := t.Execute(list, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.out, text)
	return err
}

// chooseTemplate reads the template in a file, or else takes the model's.
func chooseTemplate(ctx context.Context, load *loadFlags, source string, tokens prompt.TokenTexts, s streams) (*prompt.Template, error) {
	if source != "" {
		text, err := readInput(source, s)
		if err != nil {
			return nil, err
		}
		t, err := prompt.New(string(text), tokens)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		return t, nil
	}
	path, err := modelPath(ctx, load.model, s)
	if err != nil {
		return nil, err
	}
	t, notices, err := llm.OpenTemplate(path)
	for _, notice := range notices {
		fmt.Fprintln(s.err, notice)
	}
	return t, err
}

// readMessages reads a list of messages, or an object that has one under
// "messages".
func readMessages(path string, s streams) ([]prompt.Message, error) {
	data, err := readInput(path, s)
	if err != nil {
		return nil, err
	}
	var list []prompt.Message
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		var o struct {
			Messages []prompt.Message `json:"messages"`
		}
		err = json.Unmarshal(data, &o)
		list = o.Messages
	} else {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the messages in %s: %w", path, err)
	}
	return list, nil
}

// readInput reads a file, or stdin for "-".
func readInput(path string, s streams) ([]byte, error) {
	in := s.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxTemplateInput+1))
	if err == nil && len(data) > maxTemplateInput {
		err = fmt.Errorf("it has more than the %d MB allowed", maxTemplateInput>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
}

// parseTime reads a day or a point of time, of this place unless it says
// otherwise.
func parseTime(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err = time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return t, fmt.Errorf("%q is no time such as 2026-01-02T03:04:05", text)
}
