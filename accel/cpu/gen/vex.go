package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// Go's assembler writes the products of bytes and words only for AVX-512.
// Processors without that have them in AVX-VNNI, with the older encoding.

// vexDots maps these instructions' names to their opcodes (Intel's manual, volume
// 2). All are in map 0F38 and have the prefix 66 and W0.
var vexDots = map[string]byte{
	"VPDPBUSD": 0x50,
	"VPDPWSSD": 0x52,
}

// encodeVEX encodes an instruction on three registers of 256 bits, in the order of
// Go's assembler: the destination is the last.
func encodeVEX(name string, opcode byte, operands []operand.Op) rawBytes {
	last, second, to := vectorOf(operands[0]), vectorOf(operands[1]), vectorOf(operands[2])
	upper := func(n int) byte { return byte(^n >> 3 & 1) } // inverted, as VEX has it
	return rawBytes{
		[]byte{
			0xc4,
			upper(to.number)<<7 | 1<<6 | upper(last.number)<<5 | 2,
			byte(^second.number&15)<<3 | 1<<2 | 1,
			opcode,
			0xc0 | byte(to.number&7)<<3 | byte(last.number&7),
		},
		fmt.Sprintf("{vex} %s %s, %s, %s", name, to, second, last),
	}
}
