package cli

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"lumi/accel"
	"lumi/llm"
)

// newFlags returns the flag set of a command.
func (c command) newFlags() *flag.FlagSet {
	return flag.NewFlagSet(c.name, flag.ContinueOnError)
}

// textsValue is a flag that may be given several times.
type textsValue []string

func (v *textsValue) String() string { return strings.Join(*v, ", ") }

func (v *textsValue) Set(s string) error {
	*v = append(*v, s)
	return nil
}

// countsValue is a comma list of whole numbers, each at least min.
type countsValue struct {
	list []int
	min  int
}

func (v *countsValue) String() string {
	texts := make([]string, len(v.list))
	for i, n := range v.list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ",")
}

func (v *countsValue) Set(s string) error {
	var list []int
	for text := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < v.min {
			return fmt.Errorf("want whole numbers from %d up, separated by commas", v.min)
		}
		list = append(list, n)
	}
	v.list = list
	return nil
}

// kvValue is the element type of the KV cache.
type kvValue struct{ t accel.Type }

// kvTypes are the types that a KV cache can have.
var kvTypes = []accel.Type{accel.F32, accel.F16, accel.Q8_0}

func (v *kvValue) String() string {
	return strings.ToLower(v.t.String())
}

func (v *kvValue) Set(s string) error {
	for _, t := range kvTypes {
		if strings.EqualFold(s, t.String()) {
			v.t = t
			return nil
		}
	}
	return fmt.Errorf("want f32, f16 or q8_0")
}

// loadFlags are the flags that choose a model and how it is loaded.
type loadFlags struct {
	model     string
	context   int
	threads   int
	kv        kvValue
	byID      bool // a model without a tokenizer will do
	unmasked  bool
	precision llm.Precision
}

func (l *loadFlags) register(fs *flag.FlagSet, kv accel.Type) {
	l.registerModel(fs)
	fs.IntVar(&l.context, "ctx", 0, "context size in `TOKENS`; 0 takes the model's own, at most "+strconv.Itoa(llm.DefaultContext))
	fs.IntVar(&l.threads, "threads", 0, "worker threads, `N`; 0 takes one per core")
	fs.Var(fs.Lookup("threads").Value, "t", "")
	l.registerKV(fs, kv)
	l.registerPrecision(fs)
}

func (l *loadFlags) registerPrecision(fs *flag.FlagSet) {
	fs.TextVar(&l.precision, "precision", llm.PrecisionAuto, "how exactly quantised weights are multiplied, `HOW`: fast rounds activations to 8 bits, high keeps 16 and is nearly exact, at up to twice the time, auto is high for models of fewer than 50 million parameters")
}

func (l *loadFlags) registerModel(fs *flag.FlagSet) {
	fs.StringVar(&l.model, "m", "", "the model: a file, or the `NAME` of an installed one or an unambiguous part of it; without it the last used, the only or the starter model")
	fs.Var(fs.Lookup("m").Value, "model", "")
}

func (l *loadFlags) registerKV(fs *flag.FlagSet, kv accel.Type) {
	l.kv.t = kv
	fs.Var(&l.kv, "kv", "element `TYPE` of the KV cache: f32, f16 or q8_0")
}

func (l *loadFlags) options() llm.Options {
	return llm.Options{Context: l.context, Threads: l.threads, KV: &l.kv.t, ByID: l.byID, Unmasked: l.unmasked, Precision: l.precision}
}
