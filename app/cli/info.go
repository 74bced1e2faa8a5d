package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"lumi/accel"
	"lumi/llm"
	"lumi/llm/arch"
	"lumi/llm/gguf"
)

var infoCommand = command{
	name:    "info",
	args:    "MODEL [--json]",
	summary: "show what is in a model file",
	help: `Shows what is in a model file without loading it: its metadata, its tensors with
their types, and the memory it needs. MODEL is a file or the name of an
installed model.`,
	run: runInfo,
}

func runInfo(ctx context.Context, c command, args []string, s streams) error {
	fs := c.newFlags()
	asJSON := fs.Bool("json", false, "print JSON, with every metadata value in short form")
	name, args := leadingArgument(args)
	if err := c.parse(fs, args, s, 1); err != nil {
		return err
	}
	if name == "" {
		name = fs.Arg(0)
	} else if fs.NArg() > 0 {
		return usagef("info: unexpected argument %q", fs.Arg(0))
	}
	if name == "" {
		return usagef("info: name the model: lumi info MODEL")
	}
	path, err := modelPath(ctx, name, s)
	if err != nil {
		return err
	}
	report, err := describe(path)
	if err != nil {
		return err
	}
	if *asJSON {
		return printIndentedJSON(s.out, report)
	}
	return report.print(s.out)
}

// ModelInfo is what the info command prints of the model at path.
func ModelInfo(path string) (string, error) {
	report, err := describe(path)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = report.print(&text)
	return text.String(), err
}

// describe opens a model and reads what is in it.
func describe(path string) (*passport, error) {
	file, err := llm.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	report, err := inspect(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return report, nil
}

// leadingArgument splits off a first argument that is no flag: package flag
// stops at it.
func leadingArgument(args []string) (string, []string) {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return args[0], args[1:]
	}
	return "", args
}

// passport is what the info command tells about a model file.
type passport struct {
	Path         string        `json:"path"`
	Size         int64         `json:"size"`
	Version      int           `json:"gguf_version,omitempty"` // none for other formats
	Architecture string        `json:"architecture"`
	Supported    bool          `json:"supported"`
	Parameters   int64         `json:"parameters"`
	Types        []typeShare   `json:"types"`
	Memory       *memoryNeed   `json:"memory,omitempty"`
	Metadata     []metaEntry   `json:"metadata"`
	Tensors      []tensorEntry `json:"tensors"`
	Trailing     int64         `json:"trailing_bytes,omitempty"`
}

// typeShare is how much of a model one element type stores.
type typeShare struct {
	Type     string `json:"type"`
	Tensors  int    `json:"tensors"`
	Elements int64  `json:"elements"`
	Size     int64  `json:"size"`
}

// memoryNeed is what the model occupies once loaded, in bytes.
type memoryNeed struct {
	Weights int64 `json:"weights"`
	KV      int64 `json:"kv_cache"`
	Context int   `json:"context"` // the context size that KV is for, in tokens
}

type metaEntry struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

type tensorEntry struct {
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Shape []uint64 `json:"shape"` // the first size is that of a row
	Size  int64    `json:"size"`
}

func inspect(file *gguf.File) (*passport, error) {
	p := &passport{
		Path: file.Path, Size: file.Size, Version: file.Version, Trailing: file.Trailing,
		Metadata: []metaEntry{}, Tensors: []tensorEntry{}, Types: []typeShare{},
	}
	var err error
	if p.Architecture, _, err = file.Meta.String("general.architecture"); err != nil {
		return nil, err
	}
	p.Supported = slices.Contains(arch.Supported(), p.Architecture)
	for key, value := range file.Meta.All() {
		kind := value.Type().String()
		if value.Type() == gguf.Array {
			kind = fmt.Sprintf("%s[%d]", value.Elem(), value.Len())
		}
		p.Metadata = append(p.Metadata, metaEntry{key, kind, value.String()})
	}
	shares := map[string]typeShare{}
	var weights int64
	for _, t := range file.Tensors {
		name := t.Type.String()
		p.Tensors = append(p.Tensors, tensorEntry{t.Name, name, t.Dims, t.Size})
		p.Parameters += t.Elements()
		p.Supported = p.Supported && t.Type.Known()
		weights += t.Size
		share := shares[name]
		shares[name] = typeShare{name, share.Tensors + 1, share.Elements + t.Elements(), share.Size + t.Size}
	}
	p.Types = slices.SortedFunc(maps.Values(shares), func(a, b typeShare) int {
		return cmp.Or(-cmp.Compare(a.Size, b.Size), cmp.Compare(a.Type, b.Type))
	})
	p.Memory = needOf(file.Meta, p.Architecture, weights)
	return p, nil
}

// needOf is the memory a model needs at the context that it is loaded with by
// default: its weights, and for each token and layer one key and one value row
// of all key/value heads. It is nil where the metadata does not say enough.
func needOf(meta *gguf.Meta, architecture string, weights int64) *memoryNeed {
	// count reads a size; limit keeps the products below far from overflow.
	count := func(key string, otherwise, limit uint64) uint64 {
		n, ok, err := meta.Uint(architecture + "." + key)
		switch {
		case err != nil || ok && n > limit:
			return 0
		case !ok:
			return otherwise
		}
		return n
	}
	layers := count("block_count", 0, 1<<12)
	heads := count("attention.head_count", 0, 1<<14)
	kvHeads := count("attention.head_count_kv", heads, 1<<14)
	width := count("embedding_length", 0, 1<<20)
	length := min(count("context_length", 0, 1<<40), llm.DefaultContext)
	if layers == 0 || heads == 0 || kvHeads == 0 || width == 0 || length == 0 {
		return nil
	}
	keys := count("attention.key_length", width/heads, 1<<16)
	values := count("attention.value_length", width/heads, 1<<16)
	size, err := accel.F16.RowBytes(int(kvHeads * (keys + values)))
	if err != nil {
		return nil
	}
	return &memoryNeed{Weights: weights, KV: int64(layers*length) * int64(size), Context: int(length)}
}

func (p *passport) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	supported := "runs here"
	if !p.Supported {
		supported = "cannot be run by this version"
	}
	fmt.Fprintf(table, "file\t%s\n", printable(p.Path))
	format := ""
	if p.Version > 0 {
		format = fmt.Sprintf(", GGUF version %d", p.Version)
	}
	fmt.Fprintf(table, "size\t%s%s\n", bytesText(p.Size), format)
	fmt.Fprintf(table, "architecture\t%s, %s\n", printable(p.Architecture), supported)
	fmt.Fprintf(table, "parameters\t%s\n", countText(p.Parameters))
	for i, t := range p.Types {
		label := ""
		if i == 0 {
			label = "types"
		}
		fmt.Fprintf(table, "%s\t%s: %s, %d of %d tensors\n", label, t.Type, bytesText(t.Size), t.Tensors, len(p.Tensors))
	}
	if m := p.Memory; m != nil {
		fmt.Fprintf(table, "memory\t%s weights + %s KV cache for %d tokens, and some scratch\n",
			bytesText(m.Weights), bytesText(m.KV), m.Context)
	}
	if p.Trailing > 0 {
		fmt.Fprintf(table, "note\t%d bytes follow the last tensor\n", p.Trailing)
	}
	fmt.Fprintf(table, "\nMETADATA\tTYPE\tVALUE\n")
	for _, m := range p.Metadata {
		fmt.Fprintf(table, "%s\t%s\t%s\n", printable(m.Key), m.Type, oneLine(m.Value))
	}
	fmt.Fprintf(table, "\nTENSOR\tTYPE\tSHAPE\tSIZE\n")
	for _, t := range p.Tensors {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", printable(t.Name), t.Type, shapeText(t.Shape), bytesText(t.Size))
	}
	return table.Flush()
}

// oneLine fits a value into a line of the table.
func oneLine(text string) string {
	const longest = 100 // runes
	text = printable(strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(text))
	runes := 0
	for i := range text {
		if runes == longest {
			return text[:i] + "…"
		}
		runes++
	}
	return text
}

func shapeText(shape []uint64) string {
	texts := make([]string, len(shape))
	for i, n := range shape {
		texts[i] = fmt.Sprint(n)
	}
	return strings.Join(texts, " × ")
}
