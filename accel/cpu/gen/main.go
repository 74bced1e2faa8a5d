// Command gen writes the assembly of package kernel. It is a module of its own
// so that the program does not depend on the assembler generator. Run it after
// a change here, in this folder:
//
//	go run .
//
// The files it writes are committed; a test demands that they are what the
// generator writes.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	dir := flag.String("dir", "../kernel", "folder of package kernel")
	flag.Parse()
	for name, write := range files {
		if err := generate(*dir, name, write); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
	for name, write := range neonFiles {
		if err := generateNEON(*dir, name, write); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}

// files maps the stem of an assembly file to what fills it.
var files = map[string]func(*asm){
	"cpuid":         cpuid,
	"quant_avx512":  quantAVX512,
	"quant_avx2":    quantAVX2,
	"quant_vnni":    quantVNNI,
	"float_avx512":  floatAVX512,
	"float_avx2":    floatAVX2,
	"bf16_avx512":   bf16AVX512,
	"vector_avx2":   vectors,
	"attend_avx512": attendAVX512,
	"attend_avx2":   attendAVX2,
}

// asm is a file being written.
type asm struct {
	*build.Context
	labels int
	wide   bool // for processors with AVX-512
}

// generate writes NAME_amd64.s and the Go declarations in NAME_amd64.go.
func generate(dir, name string, write func(*asm)) error {
	a := &asm{Context: build.NewContext(), wide: strings.Contains(name, "avx512")}
	a.ConstraintExpr("amd64")
	write(a)
	f, err := a.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(f); err != nil {
		return err
	}
	if !a.wide {
		if err := checkVEX(f); err != nil {
			return err
		}
	}
	cfg := printer.Config{Name: "lumi/accel/cpu/gen", Pkg: "kernel"}
	encodeUnknown(f, a.wide)
	for suffix, p := range map[string]printer.Printer{
		"_amd64.s":  printer.NewGoAsm(cfg),
		"_amd64.go": printer.NewStubs(cfg),
	} {
		text, err := p.Print(f)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+suffix), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// checkVEX makes sure that code for AVX2 uses no register above 15, which only
// AVX-512 has: avo takes them silently when the others run out.
func checkVEX(f *ir.File) error {
	for _, fn := range f.Functions() {
		for _, i := range fn.Instructions() {
			for _, r := range append(i.InputRegisters(), i.OutputRegisters()...) {
				if p, ok := r.(reg.Physical); ok && p.Kind() == reg.KindVector && p.PhysicalIndex() > 15 {
					return fmt.Errorf("%s needs more than 16 vector registers", fn.Name)
				}
			}
		}
	}
	return nil
}

// function starts a function without a stack frame that keeps no pointer.
func (a *asm) function(name, doc, signature string) {
	a.Function(name)
	a.Attributes(attr.NOSPLIT)
	a.Doc(name + " " + doc)
	a.Pragma("noescape")
	a.SignatureExpr(signature)
}

// label returns a name that the function does not have yet.
func (a *asm) label(stem string) string {
	a.labels++
	return fmt.Sprintf("%s%d", stem, a.labels)
}

// param loads a parameter to a register.
func (a *asm) param(name string) reg.GPVirtual {
	r := a.GP64()
	a.Load(a.Param(name), r)
	return r
}

// loop repeats body, which must not touch count, until count is zero.
func (a *asm) loop(count reg.GPVirtual, body func()) {
	l := a.label("loop")
	a.Label(l)
	body()
	a.DECQ(count)
	a.JNZ(operand.LabelRef(l))
}

// mem is base + disp.
func mem(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

// dot emits VPDPBUSD or VPDPWSSD, which avo does not know: acc += u·s for
// every group of 4 bytes (2 words). In memory s is one group for all.
func (a *asm) dot(opcode string, s operand.Op, u, acc reg.Register) {
	i := &ir.Instruction{
		Opcode:   opcode,
		Operands: []operand.Op{s, u, acc},
		Inputs:   []operand.Op{s, u, acc},
		Outputs:  []operand.Op{acc},
	}
	if _, ok := s.(operand.Mem); ok {
		i.Suffixes = []string{"BCST"}
	}
	a.Instruction(i)
}

// advance adds n to a pointer.
func (a *asm) advance(n int, p reg.Register) {
	if n < 128 {
		a.ADDQ(operand.U8(n), p)
		return
	}
	a.ADDQ(operand.U32(n), p)
}

// constant defines n bytes of read-only memory, a pattern repeated.
func (a *asm) constant(name string, n int, pattern ...uint32) operand.Mem {
	m := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range n / 4 {
		a.AppendDatum(operand.U32(pattern[i%len(pattern)]))
	}
	return m
}
