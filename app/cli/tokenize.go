package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"lumi/llm"
	"lumi/llm/tokenizer"
)

var tokenizeCommand = command{
	name:    "tokenize",
	args:    "[-m MODEL] [--special] [--json] < TEXT",
	summary: "split a text into a model's tokens",
	help: `Reads a text from stdin and splits it into a model's tokens, without loading the
model's weights.`,
	run: runTokenize,
}

// tokenized is the JSON form of the result.
type tokenized struct {
	IDs []int32 `json:"ids"`
	// Pieces are the tokens' texts; bytes of a token that are not UTF-8 by
	// themselves show as U+FFFD.
	Pieces []string `json:"pieces"`
}

func runTokenize(ctx context.Context, c command, args []string, s streams) error {
	var load loadFlags
	fs := c.newFlags()
	load.registerModel(fs)
	special := fs.Bool("special", false, "add the begin and end tokens the model wants, and read special tokens in the text as such")
	asJSON := fs.Bool("json", false, `print {"ids": […], "pieces": […]}`)
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	path, err := modelPath(ctx, load.model, s)
	if err != nil {
		return err
	}
	file, err := llm.OpenFile(path)
	if err != nil {
		return err
	}
	defer file.Close()
	vocabulary, err := tokenizer.FromGGUF(file.Meta)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	tok, err := tokenizer.New(vocabulary)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	text, err := io.ReadAll(s.in)
	if err != nil {
		return fmt.Errorf("reading the text: %w", err)
	}
	result := tokenized{IDs: []int32{}, Pieces: []string{}}
	result.IDs = tok.Encode(result.IDs, string(text), tokenizer.Options{AddSpecial: *special, ParseSpecial: *special})
	for _, id := range result.IDs {
		result.Pieces = append(result.Pieces, strings.ToValidUTF8(string(tok.Piece(id)), "\ufffd"))
	}
	if *asJSON {
		return printJSON(s.out, result)
	}
	for i, id := range result.IDs {
		if _, err := fmt.Fprintf(s.out, "%7d  %q\n", id, result.Pieces[i]); err != nil {
			return err
		}
	}
	return nil
}
