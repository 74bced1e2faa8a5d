package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// TestEVEX compares encodings with LLVM's assembler, if it is there: of all
// registers, and of all forms of addresses.
func TestEVEX(t *testing.T) {
	vectors := []reg.Register{reg.Z0, reg.Z5, reg.Z7, reg.Z8, reg.Z15, reg.Z16, reg.Z23, reg.Z24, reg.Z31}
	general := []reg.Register{reg.RAX, reg.RCX, reg.RSP, reg.RBP, reg.RSI, reg.R8, reg.R12, reg.R13, reg.R15}
	var raws []rawBytes
	add := func(name string, operands ...operand.Op) {
		op := bfloats[strings.ToUpper(name)]
		raws = append(raws, encodeEVEX(name, op.opcode, op.prefix, operands))
	}
	for i, a := range vectors {
		b, c := vectors[(i+2)%len(vectors)], vectors[(i+5)%len(vectors)]
		add("vdpbf16ps", a, b, c)
		add("vcvtneps2bf16", a, b.(reg.Vec).AsY())
		for _, base := range general {
			for _, disp := range []int{0, 4, -512, 508} {
				add("vdpbf16ps", operand.Mem{Base: base, Disp: disp}, a, b)
				add("vdpbf16ps", operand.Mem{Base: base, Index: general[(i+3)%len(general)], Scale: 2, Disp: disp}, c, a)
			}
		}
	}
	compareWithLLVM(t, raws, "+avx512bf16,+avx512vl")
}

// TestVEX does so with the encodings for AVX-VNNI.
func TestVEX(t *testing.T) {
	vectors := []reg.Register{reg.Y0, reg.Y3, reg.Y7, reg.Y8, reg.Y12, reg.Y15}
	var raws []rawBytes
	for name, opcode := range vexDots {
		for _, a := range vectors {
			for _, b := range vectors {
				for _, c := range vectors {
					raws = append(raws, encodeVEX(strings.ToLower(name), opcode, []operand.Op{a, b, c}))
				}
			}
		}
	}
	compareWithLLVM(t, raws, "+avxvnni")
}

// compareWithLLVM compares bytes with what LLVM's assembler makes of the texts.
func compareWithLLVM(t *testing.T, raws []rawBytes, features string) {
	t.Helper()
	if _, err := exec.LookPath("llvm-mc"); err != nil {
		t.Skip("skipped: no llvm-mc")
	}
	var input, want strings.Builder
	for _, r := range raws {
		if strings.Contains(r.text, "*rsp") { // cannot be an index
			continue
		}
		fmt.Fprintln(&input, r.text)
		codes := make([]string, len(r.bytes))
		for i, b := range r.bytes {
			codes[i] = fmt.Sprintf("0x%02x", b)
		}
		fmt.Fprintf(&want, "encoding: [%s]\n", strings.Join(codes, ","))
	}
	cmd := exec.Command("llvm-mc", "-triple=x86_64", "-mattr="+features, "-x86-asm-syntax=intel", "-show-encoding")
	cmd.Stdin = strings.NewReader(input.String())
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.Bytes())
	}
	texts, wants, n := strings.Split(input.String(), "\n"), strings.Split(want.String(), "\n"), 0
	for line := range strings.Lines(string(out)) {
		if _, code, ok := strings.Cut(strings.TrimSpace(line), "# "); ok && n < len(wants) {
			if code != wants[n] {
				t.Errorf("%s: written as %s, is %s", texts[n], wants[n], code)
			}
			n++
		}
	}
	if n == 0 || n != len(wants)-1 {
		t.Errorf("%d codes of %d instructions", n, len(wants)-1)
	}
}
