package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"lumi/llm"
)

var convertCommand = command{
	name:    "convert",
	args:    "IN OUT.gguf [--type TYPE]",
	summary: "write a model as a GGUF file, quantised or not",
	help: `Writes a model of any format that Lumi opens as a GGUF file, which other programs
read too. --type quantises the weights or changes their type; without it they
stay as they are. The file appears under its name when it is complete.`,
	run: runConvert,
}

func runConvert(ctx context.Context, c command, args []string, s streams) error {
	fs := c.newFlags()
	kind := fs.String("type", "", "the weights' new `TYPE`: "+strings.Join(llm.ConvertTypes(), ", "))
	var files []string
	// The files may stand before the flags, as the synopsis has them.
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		files, args = append(files, args[0]), args[1:]
	}
	if err := c.parse(fs, args, s, 2); err != nil {
		return err
	}
	files = append(files, fs.Args()...)
	if len(files) != 2 {
		return usagef("convert: name the model to read and the file to write")
	}
	in, out := files[0], files[1]
	if _, err := os.Stat(in); err != nil && !looksLikePath(in) {
		if in, err = modelPath(ctx, in, s); err != nil {
			return err
		}
	}
	start := time.Now()
	progress, wipe := shownProgress("Converting", in, s)
	err := llm.Convert(ctx, in, out, *kind, progress)
	wipe()
	if err != nil {
		return err
	}
	info, err := os.Stat(out)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "%s: %s in %s\n", printable(out), bytesText(info.Size()), durationText(time.Since(start)))
	return nil
}
