package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Go's assembler knows no instruction of AVX512_BF16. They go through avo like
// others, which picks their registers, and are written as bytes afterwards.

// bfloats maps these instructions' names to their opcodes and mandatory
// prefixes (1 is 66, 2 is F3; Intel's manual, volume 2). All are in map 0F38
// and have W0.
var bfloats = map[string]struct{ opcode, prefix byte }{
	"VDPBF16PS":     {0x52, 2},
	"VCVTNEPS2BF16": {0x72, 2},
}

// dotPairs emits VDPBF16PS: acc += a·b for every pair of bfloat16 numbers, a
// being a register or one pair in memory for all.
func (a *asm) dotPairs(x operand.Op, w, acc reg.Register) {
	a.Instruction(&ir.Instruction{
		Opcode:   "VDPBF16PS",
		Operands: []operand.Op{x, w, acc},
		Inputs:   []operand.Op{x, w, acc},
		Outputs:  []operand.Op{acc},
		ISA:      []string{"AVX512_BF16"},
	})
}

// toBfloats emits VCVTNEPS2BF16: 16 float32 numbers, rounded to nearest even.
func (a *asm) toBfloats(x, to reg.Register) {
	a.Instruction(&ir.Instruction{
		Opcode:   "VCVTNEPS2BF16",
		Operands: []operand.Op{x, to},
		Inputs:   []operand.Op{x},
		Outputs:  []operand.Op{to},
		ISA:      []string{"AVX512_BF16"},
	})
}

// rawBytes are an instruction's bytes, with its text in Intel's syntax.
type rawBytes struct {
	bytes []byte
	text  string
}

// Asm is what follows the first BYTE in the syntax of Go's assembler.
func (r rawBytes) Asm() string {
	s := make([]string, len(r.bytes))
	for i, b := range r.bytes {
		s[i] = fmt.Sprintf("$0x%02x", b)
	}
	return strings.Join(s, "; BYTE ") + " // " + r.text
}

// encodeUnknown replaces the instructions that Go's assembler does not know, or, if
// the code is not for AVX-512, knows only for that.
func encodeUnknown(f *ir.File, wide bool) {
	for _, fn := range f.Functions() {
		for _, i := range fn.Instructions() {
			name := strings.ToLower(i.Opcode)
			if op, ok := bfloats[i.Opcode]; ok {
				i.Opcode, i.Operands = "BYTE", []operand.Op{encodeEVEX(name, op.opcode, op.prefix, i.Operands)}
			} else if code, ok := vexDots[i.Opcode]; ok && !wide {
				i.Opcode, i.Operands = "BYTE", []operand.Op{encodeVEX(name, code, i.Operands)}
			}
		}
	}
}

// encodeEVEX encodes an instruction on registers of 512 bits, its operands in
// the order of Go's assembler: a register or an element in memory for all
// lanes, a register unless there are but two operands, and the destination.
func encodeEVEX(name string, opcode, prefix byte, operands []operand.Op) rawBytes {
	last := len(operands) - 1
	to := vectorOf(operands[last])
	e := evex{to: to.number, texts: []string{to.String()}}
	if last == 2 {
		v := vectorOf(operands[1])
		e.second = v.number
		e.texts = append(e.texts, v.String())
	}
	if m, ok := operands[0].(operand.Mem); ok {
		e.memory(m)
	} else {
		e.register(vectorOf(operands[0]))
	}
	high := func(n, bit int) byte { return byte(^n >> bit & 1) } // inverted, as EVEX has them
	head := []byte{
		0x62,
		high(e.to, 3)<<7 | high(e.x, 0)<<6 | high(e.b, 0)<<5 | high(e.to, 4)<<4 | 2,
		byte(^e.second&15)<<3 | 4 | prefix,
		0x40 | e.broadcast<<4 | high(e.second, 4)<<3,
		opcode,
	}
	return rawBytes{append(head, e.tail...), name + " " + strings.Join(e.texts, ", ")}
}

// evex is an instruction being encoded.
type evex struct {
	to, second int    // registers' numbers
	x, b       int    // the upper bits of what the last operand names
	broadcast  byte   // 1 for an element in memory
	tail       []byte // from the byte ModRM on
	texts      []string
}

func (e *evex) register(v numbered) {
	e.b, e.x = v.number>>3&1, v.number>>4
	e.tail = []byte{0xc0 | byte(e.to&7)<<3 | byte(v.number&7)}
	e.texts = append(e.texts, v.String())
}

// memory encodes an address. Displacements of 8 bits count elements.
func (e *evex) memory(m operand.Mem) {
	const element = 4
	base := reg.ToPhysical(m.Base)
	b := int(base.PhysicalIndex())
	e.b, e.broadcast = b>>3, 1
	text := intelName(base)
	low, sib := byte(b&7), []byte(nil)
	if m.Index != nil {
		index := reg.ToPhysical(m.Index)
		i := int(index.PhysicalIndex())
		e.x = i >> 3
		scale := map[uint8]byte{1: 0, 2: 1, 4: 2, 8: 3}[m.Scale]
		sib = []byte{scale<<6 | byte(i&7)<<3 | low}
		text += fmt.Sprintf(" + %d*%s", m.Scale, intelName(index))
		low = 4
	} else if low == 4 {
		sib = []byte{0x24}
	}
	mode, disp := byte(0), []byte(nil)
	if m.Disp != 0 || b&7 == 5 {
		if m.Disp%element != 0 || m.Disp/element != int(int8(m.Disp/element)) {
			panic(fmt.Sprintf("displacement %d", m.Disp))
		}
		mode, disp = 1, []byte{byte(m.Disp / element)}
		text += fmt.Sprintf(" + %d", m.Disp)
	}
	e.tail = append([]byte{mode<<6 | byte(e.to&7)<<3 | low}, append(sib, disp...)...)
	e.texts = append(e.texts, "dword ptr ["+text+"]{1to16}")
}

// intelName is a general register's name in Intel's syntax.
func intelName(r reg.Physical) string {
	if r.PhysicalIndex() < 8 {
		return "r" + strings.ToLower(r.Asm())
	}
	return strings.ToLower(r.Asm())
}

// numbered is a vector register.
type numbered struct {
	number int
	size   uint // in bytes
}

func vectorOf(o operand.Op) numbered {
	r := reg.ToPhysical(o.(reg.Register))
	return numbered{int(r.PhysicalIndex()), r.Size()}
}

func (v numbered) String() string {
	return fmt.Sprintf("%s%d", map[uint]string{32: "ymm", 64: "zmm"}[v.size], v.number)
}
