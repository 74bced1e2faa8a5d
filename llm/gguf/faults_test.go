package gguf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"lumi/accel"
)

// The helpers below build files piece by piece, so that any piece can be wrong.

func le32(x uint32) []byte { return binary.LittleEndian.AppendUint32(nil, x) }
func le64(x uint64) []byte { return binary.LittleEndian.AppendUint64(nil, x) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func text(s string) []byte { return join(le64(uint64(len(s))), []byte(s)) }

// entry is one key with its value; info one entry of the directory.
func entry(key string, t ValueType, payload ...[]byte) []byte {
	return join(text(key), le32(uint32(t)), join(payload...))
}

func info(name string, t accel.Type, offset uint64, dims ...uint64) []byte {
	b := join(text(name), le32(uint32(len(dims))))
	for _, d := range dims {
		b = append(b, le64(d)...)
	}
	return join(b, le32(uint32(t)), le64(offset))
}

// head is a file's beginning, build a whole file: 32-aligned data bytes follow
// the entries.
func head(version uint32, tensors, keys uint64) []byte {
	return join([]byte(magic), le32(version), le64(tensors), le64(keys))
}

func build(keys, infos [][]byte, data int) []byte {
	b := join(head(3, uint64(len(infos)), uint64(len(keys))), join(keys...), join(infos...))
	for len(b)%32 != 0 {
		b = append(b, 0)
	}
	return append(b, make([]byte, data)...)
}

type faulty struct {
	name   string
	data   []byte
	want   string // part of the message
	offset int64
}

// list is short for several entries.
func list(entries ...[]byte) [][]byte { return entries }

func faults() []faulty {
	const key0, tensor0 = 24, 24 // where the first entry starts
	alignment := func(n uint32) []byte { return build(list(entry(alignmentKey, Uint32, le32(n))), nil, 0) }
	tensors := func(data int, infos ...[]byte) []byte { return build(nil, infos, data) }
	second := int64(tensor0 + len(info("a", accel.F32, 0, 8)))
	return []faulty{
		{"empty file", nil, "not a GGUF file: it is empty", 0},
		{"three bytes", []byte("GGU"), "not a GGUF file: it has only 3 bytes", 0},
		{"HTML page", []byte("\ufeff\n<!DOCTYPE html><title>404</title>"), "looks like an HTML page", 0},
		{"bare HTML page", []byte("<html>"), "looks like an HTML page", 0},
		{"Git LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), "Git LFS pointer", 0},
		{"safetensors", []byte("\x08\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}"), "looks like a safetensors file", 0},
		{"zip archive", []byte("PK\x03\x04........"), "zip archive", 0},
		{"older format", []byte("tjgg\x03\x00\x00\x00"), "older than GGUF", 0},
		{"noise", []byte("noise and nothing else"), `starts with "nois"`, 0},
		{"magic only", []byte(magic), "file is cut: needs at least 8 bytes, has 4", 4},
		{"version 0", head(0, 0, 0), "no version 0", 4},
		{"version 1", head(1, 0, 0), "version 1 of GGUF", 4},
		{"version 4", head(4, 0, 0), "version 4 of GGUF is newer", 4},
		{"big-endian", head(0x03000000, 0, 0), "big-endian", 4},
		{"2^63 tensors", head(3, 1<<63, 0), "9223372036854775808 tensors", 8},
		{"2^64-1 tensors", head(3, math.MaxUint64, 0), "18446744073709551615 tensors", 8},
		{"2^63 keys", head(3, 0, 1<<63), "9223372036854775808 metadata keys", 16},
		{"2^64-1 keys", head(3, 0, math.MaxUint64), "18446744073709551615 metadata keys", 16},
		{"more entries than bytes", head(3, maxTensors, maxKeys), "needs at least", 24},
		{"key longer than the file", build(list(join(le64(60000), []byte("0123456789"))), nil, 0), "file is cut", key0 + 8},
		{"key of 2^63 bytes", build(list(join(le64(1<<63), []byte("0123456789"))), nil, 0), "a key of 9223372036854775808 bytes", key0},
		{"key of 65536 bytes", build(list(entry(strings.Repeat("k", 65536), Bool, []byte{1})), nil, 0), "longer than the limit of 65535", key0},
		{"string longer than the file", build(list(entry("k", String, le64(1000))), nil, 0), "file is cut", key0 + 9 + 4 + 8},
		{"string of 2^63 bytes", build(list(entry("k", String, le64(1<<63))), nil, 0), "longer than the limit", key0 + 9 + 4},
		{"array size overflows", build(list(entry("k", Array, le32(uint32(Uint64)), le64(1<<61+1))), nil, 0), "2305843009213693953 elements", key0 + 9},
		{"array longer than the file", build(list(entry("k", Array, le32(uint32(Uint64)), le64(1000))), nil, 0), "file is cut", key0 + 9 + 4 + 4 + 8},
		{"strings longer than the file", build(list(entry("k", Array, le32(uint32(String)), le64(1<<30))), nil, 0), "file is cut", key0 + 9 + 4 + 4 + 8},
		{"array of arrays", build(list(entry("k", Array, bytes.Repeat(join(le32(uint32(Array)), le64(1)), 10000))), nil, 0), "array of arrays", key0 + 9},
		{"duplicate key", build(list(entry("k", Bool, []byte{1}), entry("k", Bool, []byte{1})), nil, 0), "key k occurs twice", key0 + 14},
		{"empty key", build(list(entry("", Bool, []byte{1}), entry("k", Bool, []byte{1})), nil, 0), "a key has no name", key0},
		{"key with NUL", build(list(entry("a\x00b", Bool, []byte{1})), nil, 0), `"a\x00b" contains a control character`, key0},
		{"key not UTF-8", build(list(entry("a\xffb", Bool, []byte{1})), nil, 0), `"a\xffb" is not valid UTF-8`, key0},
		{"value of type 13", build(list(entry("k", 13, le64(0))), nil, 0), "unknown type 13", key0 + 9},
		{"array of type 2^32-1", build(list(entry("k", Array, le32(math.MaxUint32), le64(0))), nil, 0), "unknown type 4294967295", key0 + 9},
		{"truth value 2", build(list(entry("k", Bool, []byte{2})), nil, 0), "truth value 2", key0 + 9 + 4},
		{"truth value 255 in an array", build(list(entry("k", Array, le32(uint32(Bool)), le64(2), []byte{1, 255})), nil, 0), "truth value 255", key0 + 9 + 4 + 4 + 8 + 1},
		{"alignment 0", alignment(0), "general.alignment is 0, want a power of two", key0},
		{"alignment 13", alignment(13), "general.alignment is 13", key0},
		{"alignment 4", alignment(4), "general.alignment is 4", key0},
		{"alignment 2^31", alignment(1 << 31), "general.alignment is 2147483648", key0},
		{"alignment of type int32", build(list(entry(alignmentKey, Int32, le32(32))), nil, 0), "general.alignment is int32, want unsigned integer", key0},
		{"alignment of type string", build(list(entry(alignmentKey, String, text("32"))), nil, 0), "general.alignment is string, want integer", key0},
		{"split count of type string", build(list(entry(splitCountKey, String, text("2"))), nil, 0), "split.count is string, want integer", key0},
		{"part 4 of 3", build(list(entry(splitCountKey, Uint16, []byte{3, 0}), entry(splitNoKey, Uint16, []byte{3, 0})), nil, 0), "part 3, counted from 0, of 3", key0},
		{"name of 65 bytes", tensors(32, info(strings.Repeat("n", 65), accel.F32, 0, 8)), "a tensor's name of 65 bytes", tensor0},
		{"empty name", tensors(32, info("", accel.F32, 0, 8), info("b", accel.F32, 0, 8)), "a tensor has no name", tensor0},
		{"name with NUL", tensors(32, info("a\x00", accel.F32, 0, 8)), "control character", tensor0},
		{"name not UTF-8", tensors(32, info("\xc3(", accel.F32, 0, 8)), "not valid UTF-8", tensor0},
		{"duplicate name", tensors(64, info("a", accel.F32, 0, 8), info("a", accel.F32, 32, 8)), "tensor a occurs twice", second},
		{"no dimensions", tensors(64, info("a", accel.F32, 0), info("b", accel.F32, 0, 8)), "it has 0 dimensions, want 1 to 4", tensor0},
		{"five dimensions", tensors(32, info("a", accel.F32, 0, 1, 1, 1, 1, 1)), "it has 5 dimensions", tensor0},
		{"2^32-1 dimensions", tensors(64, join(text("a"), le32(math.MaxUint32), make([]byte, 64))), "it has 4294967295 dimensions", tensor0},
		{"dimension of 0", tensors(32, info("a", accel.F32, 0, 8, 0)), "its dimensions are [8 0]", tensor0},
		{"product of 2^64+2^32", tensors(32, info("a", accel.F32, 0, 1<<32, 1<<32+1)), "larger than any file", tensor0},
		{"product of 2^63", tensors(32, info("a", accel.I8, 0, 1<<32, 1<<31)), "larger than any file", tensor0},
		{"bytes of 2^64", tensors(32, info("a", accel.F32, 0, 1<<31, 1<<31)), "larger than any file", tensor0},
		{"row of 31", tensors(32, info("a", accel.Q4_0, 0, 31, 32)), "its rows of 31 elements are not a whole number of Q4_0 blocks of 32", tensor0},
		{"offset unaligned", tensors(64, info("a", accel.F32, 8, 8)), "starts at byte 8 of the data, not at a multiple of 32", tensor0},
		{"offset beyond the file", tensors(32, info("a", accel.F32, 1<<40, 8)), "file is cut: needs 1099511627", 96},
		{"offset of 2^64-32", tensors(32, info("a", accel.F32, math.MaxUint64-31, 8)), "beyond any file's end", tensor0},
		{"offset of 2^63-32", tensors(32, info("a", accel.F32, math.MaxInt64-31, 4)), "ends beyond any file's end", tensor0},
		{"overlap", tensors(96, info("a", accel.F32, 0, 16), info("b", accel.F32, 32, 8)), "tensor b starts at byte 128, before the end of a at byte 160", second},
		{"descending", tensors(96, info("a", accel.F32, 32, 8), info("b", accel.F32, 0, 8)), "tensor b starts at byte 96, before the end of a", second},
		{"same place, unknown type", tensors(96, info("a", 31, 0, 8), info("b", accel.F32, 0, 8)), "tensor b starts at byte 96, before the end of a", second},
		{"one byte short", build(nil, list(info("a", accel.F32, 0, 8)), 31), "file is cut: needs 96 bytes, has 95 (1 bytes missing)", 95},
		{"unknown type beyond the file", build(nil, list(info("a", 255, 32, 8)), 32), "file is cut: needs at least 97 bytes, has 96", 96},
	}
}

func TestFaults(t *testing.T) {
	for _, test := range faults() {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse(test.data, "model.gguf")
			if err == nil {
				t.Fatalf("opened as %+v, want an error with %q", f, test.want)
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v is a %T, want *Error", err, err)
			}
			if !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "model.gguf: at byte ") {
				t.Errorf("error is %q, want the file and %q", err, test.want)
			}
			if e.Offset != test.offset {
				t.Errorf("error %q is about byte %d, want %d", err, e.Offset, test.offset)
			}
			if len(err.Error()) > 400 {
				t.Errorf("error of %d bytes is too long to show: %.200s…", len(err.Error()), err)
			}
		})
	}
}

func TestNotGGUFIsMarked(t *testing.T) {
	if _, err := Parse([]byte("<html>"), "m"); !errors.Is(err, ErrNotGGUF) {
		t.Errorf("%v is not ErrNotGGUF", err)
	}
	if _, err := Parse(head(9, 0, 0), "m"); errors.Is(err, ErrNotGGUF) {
		t.Errorf("%v is ErrNotGGUF", err)
	}
}

func TestTruncatedErrorCarriesSizes(t *testing.T) {
	_, err := Parse(build(nil, list(info("a", accel.F32, 0, 8)), 30), "m")
	var cut *TruncatedError
	if !errors.As(err, &cut) {
		t.Fatalf("%v is no *TruncatedError", err)
	}
	if *cut != (TruncatedError{Need: 96, Have: 94}) {
		t.Errorf("%+v, want 96 needed of which 94 are there", *cut)
	}
}

// Claims of enormous sizes must be refused before memory is set aside for them.
func TestFaultsAllocateLittle(t *testing.T) {
	for _, test := range faults() {
		if len(test.data) > 4096 {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Parse(test.data, "model.gguf"); err == nil {
			t.Errorf("%s: no error", test.name)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 256<<10 {
			t.Errorf("%s: %d bytes allocated for a file of %d", test.name, n, len(test.data))
		}
	}
}

func TestUnknownTypeIsListed(t *testing.T) {
	for _, id := range []accel.Type{4, 31, 255, math.MaxUint32} {
		f, err := Parse(build(nil, list(info("a", accel.F32, 0, 8), info("b", id, 32, 8), info("c", accel.F32, 96, 8)), 128), "m")
		if err != nil {
			t.Errorf("type %d: %v", id, err)
			continue
		}
		if len(f.Tensors) != 3 || f.Tensors[1].Size != 0 || f.Tensors[1].Elements() != 8 {
			t.Errorf("type %d: tensors are %+v", id, f.Tensors)
		}
		if _, err := f.Data(f.Tensors[1]); err == nil || !strings.Contains(err.Error(), f.Tensors[1].Type.String()) {
			t.Errorf("data of type %d: error %v, want one that names the type", id, err)
		}
		if b, err := f.Data(f.Tensors[2]); err != nil || len(b) != 32 {
			t.Errorf("data of the tensor after it: %d bytes, %v", len(b), err)
		}
	}
}

func TestGapsAndTrailingBytesAreAccepted(t *testing.T) {
	f, err := Parse(build(nil, list(info("a", accel.F32, 64, 4)), 64+32+7), "m")
	if err != nil {
		t.Fatal(err)
	}
	if f.Trailing != 7 {
		t.Errorf("%d bytes after the end, want 7", f.Trailing)
	}
	if b, err := f.Data(f.Tensors[0]); err != nil || len(b) != 16 {
		t.Errorf("data is %d bytes, %v", len(b), err)
	}
	// The last tensor's padding may be absent.
	if f, err = Parse(build(nil, list(info("a", accel.F32, 0, 4)), 16), "m"); err != nil || f.Trailing != 0 {
		t.Errorf("a file without padding at its end: %+v, %v", f, err)
	}
}

// A tensor that is not of the file is refused, not read out of bounds.
func TestDataOfForeignTensor(t *testing.T) {
	f, err := Parse(build(nil, nil, 0), "m")
	if err != nil {
		t.Fatal(err)
	}
	for _, tensor := range []Tensor{{Offset: 1 << 40}, {Offset: -1}, {Size: 1 << 40}, {Size: -1}, {Offset: math.MaxInt64, Size: math.MaxInt64}} {
		if _, err := f.Data(tensor); err == nil {
			t.Errorf("data of %+v has no error", tensor)
		}
	}
}
