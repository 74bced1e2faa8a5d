package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"lumi/llm/store"
)

var modelsCommand = command{
	name:    "models",
	args:    "[--json]",
	summary: "list the models on this machine",
	help: `Lists the models on this machine: those in Lumi's own folder and those that other
programs have downloaded. A model with a problem is listed with it.`,
	run: runModels,
}

// listedModel is the JSON form of one line.
type listedModel struct {
	Name         string    `json:"name"`
	Path         string    `json:"path"`
	Architecture string    `json:"architecture,omitempty"`
	Quantisation string    `json:"quantisation,omitempty"`
	Size         int64     `json:"size"`
	Modified     time.Time `json:"modified"`
	Problem      string    `json:"problem,omitempty"`
}

func runModels(ctx context.Context, c command, args []string, s streams) error {
	fs := c.newFlags()
	asJSON := fs.Bool("json", false, "print a JSON list")
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	found, err := openLibrary(s).all(ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		list := make([]listedModel, len(found))
		for i, f := range found {
			list[i] = listedModel{
				Name: f.Name, Path: f.Path, Architecture: f.Architecture, Quantisation: f.Quantisation,
				Size: f.Size, Modified: f.Modified, Problem: problemOf(f),
			}
		}
		return printIndentedJSON(s.out, list)
	}
	if len(found) == 0 {
		fmt.Fprintf(s.err, "No model was found. Put a .gguf file into %s.\n", store.ModelsDir())
		return nil
	}
	return printModels(s.out, found)
}

// problemOf says why a model cannot be used, empty if it can.
func problemOf(f store.Found) string {
	if f.Problem == nil {
		return ""
	}
	return f.Problem.Error()
}

func printModels(w io.Writer, found []store.Found) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tTYPE\tSIZE\tPATH")
	for _, f := range found {
		kind := f.Architecture + " " + f.Quantisation
		if f.Problem != nil {
			kind = "cannot be used"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", printable(f.Name), printable(kind), bytesText(f.Size), printable(f.Path))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, f := range found {
		if f.Problem != nil {
			if _, err := fmt.Fprintf(w, "%s: %s\n", printable(f.Path), printable(problemOf(f))); err != nil {
				return err
			}
		}
	}
	return nil
}
