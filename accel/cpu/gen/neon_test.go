package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestWords demands that every instruction that is written as a word is what
// its text says, if LLVM's assembler is there to tell.
func TestWords(t *testing.T) {
	if _, err := exec.LookPath("llvm-mc"); err != nil {
		t.Skip("skipped: no llvm-mc")
	}
	words := map[string]string{} // by their text
	line := regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.*)`)
	for name, write := range neonFiles {
		a := &neon{}
		write(a)
		for _, m := range line.FindAllStringSubmatch(a.text.String(), -1) {
			if other, ok := words[m[2]]; ok && other != m[1] {
				t.Errorf("%s: %q is both %s and %s", name, m[2], other, m[1])
			}
			words[m[2]] = m[1]
		}
	}
	var texts []string
	for text := range words {
		texts = append(texts, text)
	}
	cmd := exec.Command("llvm-mc", "-triple=aarch64", "-mattr=+dotprod", "-show-encoding")
	cmd.Stdin = strings.NewReader(strings.Join(texts, "\n") + "\n")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.Bytes())
	}
	codes := regexp.MustCompile(`encoding: \[0x(..),0x(..),0x(..),0x(..)\]`).FindAllSubmatch(out, -1)
	if len(texts) == 0 || len(codes) != len(texts) {
		t.Fatalf("%d instructions, %d codes", len(texts), len(codes))
	}
	for i, text := range texts {
		b, err := hex.DecodeString(string(bytes.Join(codes[i][1:], nil)))
		if err != nil {
			t.Fatal(err)
		}
		want := make([]byte, 4)
		binary.BigEndian.PutUint32(want, binary.LittleEndian.Uint32(b))
		if got := words[text]; got != hex.EncodeToString(want) {
			t.Errorf("%q is written as %s, but is %x", text, got, want)
		}
	}
}
