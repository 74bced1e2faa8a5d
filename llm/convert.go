package llm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"lumi/accel"
	"lumi/llm/atomicfile"
	"lumi/llm/fault"
	"lumi/llm/gguf"
)

// Convert writes the model at in, of any format that can be opened, to out as
// a GGUF file. Kind is one of [ConvertTypes], or empty to keep the weights'
// types. Weights are converted in pieces, so that the model may be larger than
// memory; progress, which may be nil, hears of the elements done. The file
// appears under its name when it is whole and on the disk; a file of that name
// is replaced, and untouched if Convert fails. Errors name the file.
func Convert(ctx context.Context, in, out, kind string, progress func(done, total int64)) error {
	c := &conversion{ctx: ctx, progress: progress}
	if kind != "" {
		t, err := findTarget(kind)
		if err != nil {
			return err
		}
		c.target = &t
	}
	if err := checkOutput(in, out); err != nil {
		return err
	}
	var err error
	if c.file, err = OpenFile(in); err != nil {
		return err
	}
	if err = errors.Join(c.keys(), c.layout()); err != nil {
		return errors.Join(inFile(in, fault.Damaged.Of(err)), c.file.Close())
	}
	err = c.save(out)
	return errors.Join(err, c.file.Close())
}

// checkOutput refuses an output that is no GGUF file's name or the input.
func checkOutput(in, out string) error {
	if !strings.EqualFold(filepath.Ext(out), ".gguf") {
		return &FileError{out, errors.New("the new file's name must end in .gguf")}
	}
	from, err := os.Stat(in)
	if err != nil {
		return nil // opening it says what is wrong
	}
	to, err := os.Stat(out)
	switch {
	case err != nil:
		return nil
	case os.SameFile(from, to):
		return &FileError{out, ErrOverItself}
	case !to.Mode().IsRegular():
		return &FileError{out, ErrNoFile}
	}
	return nil
}

// conversion is one run of Convert.
type conversion struct {
	ctx         context.Context
	file        *gguf.File
	target      *target // nil keeps the types
	meta        []gguf.KV
	tensors     []gguf.TensorData
	size        int64 // of the new file's tensors, bytes
	progress    func(done, total int64)
	done, total int64 // elements
}

// keys chooses the new file's metadata.
func (c *conversion) keys() error {
	for key, value := range c.file.Meta.All() {
		switch {
		case key == "general.alignment", strings.HasPrefix(key, "split."), strings.HasPrefix(key, "lumi."):
			continue // these describe the old file
		case c.target != nil && (key == "general.file_type" || key == "general.quantization_version"):
			continue
		}
		kv := gguf.KV{Key: key, Value: value}
		if value.Type() == gguf.Float64 {
			// llama.cpp reads float32 only.
			v, _, err := c.file.Meta.Float(key)
			if err != nil {
				return err
			}
			kv.Value = float32(v)
		}
		c.meta = append(c.meta, kv)
	}
	if c.target != nil {
		c.meta = append(c.meta,
			gguf.KV{Key: "general.file_type", Value: c.target.fileType},
			gguf.KV{Key: "general.quantization_version", Value: uint32(quantisationVersion)})
	}
	if isFolder(c.file.Path) {
		keys, err := folderKeys(c.file)
		if err != nil {
			return err
		}
		c.meta = append(c.meta, keys...)
	}
	return nil
}

// layout chooses the new file's tensors, their types and sizes.
func (c *conversion) layout() error {
	if len(c.file.Tensors) == 0 {
		return ErrNoWeights
	}
	model, err := readTraits(c.file)
	if err != nil {
		return err
	}
	sources, err := c.sources()
	if err != nil {
		return err
	}
	for _, src := range sources {
		typ, err := c.typeOf(src, model)
		if err != nil {
			return err
		}
		row, err := typ.RowBytes(int(src.dims[0]))
		if err != nil {
			return fmt.Errorf("tensor %s: %w", src.name, err)
		}
		elements := src.parts[0].Elements() * int64(len(src.parts))
		c.size += int64(row) * (elements / int64(src.dims[0]))
		c.total += elements
		c.tensors = append(c.tensors, gguf.TensorData{
			Name: src.name, Type: typ, Dims: src.dims,
			Write: func(w io.Writer) error {
				for _, part := range src.parts {
					if err := c.write(w, src, part, typ); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	return nil
}

// quantisationVersion is that of ggml's block formats.
const quantisationVersion = 2

// readTraits finds what a target must know.
func readTraits(file *gguf.File) (traits, error) {
	var m traits
	arch, _, err := file.Meta.String("general.architecture")
	if err != nil {
		return m, err
	}
	for key, to := range map[string]*int{".block_count": &m.layers, ".expert_count": &m.experts} {
		n, _, err := file.Meta.Uint(arch + key)
		if err != nil {
			return m, err
		}
		*to = int(min(n, 1<<20))
	}
	_, own := file.Tensor("output.weight")
	m.tied = !own
	return m, nil
}

// typeOf chooses a tensor's new type. Vectors are always float32, as
// llama.cpp wants them.
func (c *conversion) typeOf(s source, model traits) (accel.Type, error) {
	if !s.typ.Known() {
		return 0, fault.Unsupported.Errorf("tensor %s has the %v", s.name, s.typ)
	}
	matrix := len(s.dims) > 1 && strings.HasSuffix(s.name, ".weight")
	typ := s.typ
	switch {
	case !matrix && (s.typ == accel.F16 || s.typ == accel.BF16):
		typ = accel.F32
	case matrix && c.target != nil:
		typ = c.target.typeOf(s.name, int(s.dims[0]), model)
	}
	if typ != s.typ && !s.typ.Decodable() {
		return 0, fault.Unsupported.Errorf("tensor %s is stored as %v, which cannot be converted", s.name, s.typ)
	}
	return typ, nil
}

// pieceElements is about how many elements a worker converts at a time.
const pieceElements = 1 << 18

// write converts a part of a tensor, piece by piece: all workers convert their
// pieces, which are then written in their order.
func (c *conversion) write(w io.Writer, src source, part gguf.Tensor, to accel.Type) error {
	data, err := c.file.Data(part)
	if err != nil {
		return err
	}
	cols, rows := src.cols(), src.rows()
	perPiece := max(1, pieceElements/cols)
	pieces := make([]piece, runtime.GOMAXPROCS(0))
	for row := 0; row < rows; {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		var wait sync.WaitGroup
		start := row
		for i := range pieces {
			from := row
			row = min(rows, row+perPiece)
			n := row - from
			wait.Go(func() {
				p := &pieces[i]
				p.err = gguf.Guard(c.file.Path, func() error { return p.convert(src, data, from, n, to) })
			})
		}
		wait.Wait()
		for _, p := range pieces {
			if p.err != nil {
				return fmt.Errorf("tensor %s: %w", src.name, p.err)
			}
			if _, err := w.Write(p.out); err != nil {
				return err
			}
		}
		c.done += int64(row-start) * int64(cols)
		if c.progress != nil {
			c.progress(c.done, c.total)
		}
	}
	c.file.Forget()
	return nil
}

// piece is some rows of a tensor while they are converted.
type piece struct {
	rows   []byte // of the old file, in the new order
	values []float32
	out    []byte // of the new file
	err    error
}

// convert makes n rows of the new tensor, from row from on.
func (p *piece) convert(src source, data []byte, from, n int, to accel.Type) error {
	cols := src.cols()
	size, err := src.typ.RowBytes(cols)
	if err != nil {
		return err
	}
	old := data[from*size : (from+n)*size]
	if src.heads > 0 {
		p.rows = p.rows[:0]
		for r := from; r < from+n; r++ {
			at := src.from(r) * size
			p.rows = append(p.rows, data[at:at+size]...)
		}
		old = p.rows
	}
	if to == src.typ {
		p.out = append(p.out[:0], old...)
		return nil
	}
	p.values = slices.Grow(p.values[:0], n*cols)[:n*cols]
	if err := accel.Dequantize(src.typ, p.values, old); err != nil {
		return err
	}
	if size, err = to.RowBytes(n * cols); err != nil {
		return err
	}
	p.out = slices.Grow(p.out[:0], size)[:size]
	return accel.Quantize(to, p.out, p.values)
}

// save writes the new file beside its place, waits until the disk has it, and
// puts it there.
func (c *conversion) save(out string) (err error) {
	defer func() {
		if err != nil && c.ctx.Err() == nil {
			err = inFile(out, err)
		}
	}()
	if err := CheckSpace(filepath.Dir(atomicfile.Target(out)), c.size); err != nil {
		return err
	}
	return atomicfile.Write(out, atomicfile.Shared, func(w io.Writer) error { return gguf.Write(w, c.meta, c.tensors) })
}
