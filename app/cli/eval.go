package cli

import (
	"context"
	"fmt"
	"slices"

	"lumi/accel"
)

var evalCommand = command{
	name:    "eval",
	args:    "[-m MODEL] --ids 5,17,3 [-n 32] [--json]",
	summary: "run token ids through a model and print its logits",
	help: `Runs token ids through a model, as they are: no special token is added and
nothing is cut where the model would end. Prints the logits after the last one
and the tokens that greedy decoding goes on with. For comparing the engine with
other programs.`,
	run: runEval,
}

// evaluation is the JSON form of the result.
type evaluation struct {
	// Logits has one value per token of the vocabulary: what the model
	// expects after the last of the ids.
	Logits []float32 `json:"logits"`
	// Greedy are the ids that follow at temperature 0.
	Greedy []int32 `json:"greedy"`
}

func runEval(ctx context.Context, c command, args []string, s streams) error {
	var load loadFlags
	fs := c.newFlags()
	load.register(fs, accel.F32)
	ids := countsValue{}
	fs.Var(&ids, "ids", "token ids, a comma `LIST`")
	n := fs.Int("n", 0, "go on greedily for `N` tokens")
	asJSON := fs.Bool("json", false, `print {"logits": […], "greedy": […]}`)
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	if len(ids.list) == 0 {
		return usagef("eval: --ids is missing")
	}
	if *n < 0 {
		return usagef("eval: -n must not be negative")
	}
	tokens, err := tokenIDs(ids.list)
	if err != nil {
		return err
	}
	load.byID = true
	m, err := load.open(ctx, s)
	if err != nil {
		return err
	}
	defer m.Close()
	logits, greedy, err := m.Eval(ctx, tokens, *n)
	if err != nil {
		return err
	}
	if greedy == nil {
		greedy = []int32{}
	}
	if *asJSON {
		return printJSON(s.out, evaluation{logits, greedy})
	}
	return printEvaluation(s, logits, greedy, m.Piece)
}

// tokenIDs narrows numbers to token ids.
func tokenIDs(list []int) ([]int32, error) {
	ids := make([]int32, len(list))
	for i, n := range list {
		ids[i] = int32(n)
		if int(ids[i]) != n {
			return nil, usagef("eval: %d is no token id", n)
		}
	}
	return ids, nil
}

// printEvaluation shows the ten highest logits and the greedy tokens.
func printEvaluation(s streams, logits []float32, greedy []int32, text func(int32) string) error {
	order := make([]int32, len(logits))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case logits[a] > logits[b]:
			return -1
		case logits[a] < logits[b]:
			return 1
		}
		return 0
	})
	for _, id := range order[:min(10, len(order))] {
		if _, err := fmt.Fprintf(s.out, "%7d  %10.4f  %q\n", id, logits[id], text(id)); err != nil {
			return err
		}
	}
	for _, id := range greedy {
		if _, err := fmt.Fprintf(s.out, "%7d  %10s  %q\n", id, "greedy", text(id)); err != nil {
			return err
		}
	}
	return nil
}
