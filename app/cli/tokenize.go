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
	args:    "[-m MODEL | --tokenizer FILE] [--special] [--json] < TEXT",
	summary: "split a text into a model's tokens",
	help: `Reads a text from stdin and splits it into a model's tokens, without loading the
model's weights. FILE is a Hugging Face folder, its tokenizer.json, a
tokenizer.model of SentencePiece or a tokenizer.bin of llama2.c; special tokens in
the text are then read as such, as the makers of these formats do.`,
	run: runTokenize,
}

// tokenized is the JSON form of the result.
type tokenized struct {
	IDs []int32 `json:"ids"`
	// WithSpecial is IDs with the begin and end tokens that the model wants.
	WithSpecial []int32 `json:"ids_with_special"`
	// Pieces are the tokens' texts; bytes of a token that are not UTF-8 by
	// themselves show as U+FFFD.
	Pieces []string `json:"pieces"`
	// Decoded is the text that IDs stand for.
	Decoded string `json:"decoded"`
}

func runTokenize(ctx context.Context, c command, args []string, s streams) error {
	var load loadFlags
	fs := c.newFlags()
	load.registerModel(fs)
	file := fs.String("tokenizer", "", "a tokenizer's `FILE` or a model's folder, instead of a model")
	special := fs.Bool("special", false, "add the begin and end tokens the model wants, and read special tokens in the text as such")
	asJSON := fs.Bool("json", false, `print {"ids": […], "ids_with_special": […], "pieces": […], "decoded": "…"}`)
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	if load.model != "" && *file != "" {
		return usagef("tokenize: give a model or a tokenizer, not both")
	}
	tok, err := chooseTokenizer(ctx, load.model, *file, s)
	if err != nil {
		return err
	}
	tellOf(tok, s)
	text, err := io.ReadAll(s.in)
	if err != nil {
		return fmt.Errorf("reading the text: %w", err)
	}
	o := tokenizer.Options{AddSpecial: *special, ParseSpecial: *special || *file != ""}
	result := tokenized{IDs: tok.Encode([]int32{}, string(text), o), Pieces: []string{}}
	for _, id := range result.IDs {
		result.Pieces = append(result.Pieces, strings.ToValidUTF8(string(tok.Piece(id)), "\ufffd"))
	}
	if *asJSON {
		o.AddSpecial = true
		result.WithSpecial = tok.Encode([]int32{}, string(text), o)
		result.Decoded = tok.Decode(result.IDs)
		return printJSON(s.out, result)
	}
	for i, id := range result.IDs {
		if _, err := fmt.Fprintf(s.out, "%7d  %q\n", id, result.Pieces[i]); err != nil {
			return err
		}
	}
	return nil
}

// tellOf says what is odd about a tokenizer, such as an unknown way of splitting
// text, which may make other tokens of it than the model's own.
func tellOf(tok *tokenizer.Tokenizer, s streams) {
	for _, notice := range tok.Notices() {
		fmt.Fprintln(s.err, notice)
	}
}

// chooseTokenizer reads the tokenizer in a file or folder, or else the model's.
func chooseTokenizer(ctx context.Context, model, file string, s streams) (*tokenizer.Tokenizer, error) {
	if file != "" {
		return llm.OpenTokenizer(file)
	}
	path, err := modelPath(ctx, model, s)
	if err != nil {
		return nil, err
	}
	return llm.ModelTokenizer(path)
}
