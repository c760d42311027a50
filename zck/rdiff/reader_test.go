package rdiff

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	delta := unhex(t, "72730236"+
		"03 616263"+ // literal of 3
		"41 02 6465"+ // literal, length in 1 byte
		"42 0001 66"+ // in 2, though 1 would do
		"43 00000001 67"+
		"44 0000000000000001 68"+
		"45 10 20"+ // copy: offset in 1 byte, length in 1
		"4a 0100 0200"+ // 2 and 2
		"4f 00000001 00000003"+
		"54 0000000100000000 0000000200000000"+
		"00")
	want := []Command{
		{Literal, 3, 0, 0, 4, 0x03},
		{Literal, 2, 0, 3, 8, 0x41},
		{Literal, 1, 0, 5, 12, 0x42},
		{Literal, 1, 0, 6, 16, 0x43},
		{Literal, 1, 0, 7, 22, 0x44},
		{Copy, 0x20, 0x10, 8, 32, 0x45},
		{Copy, 0x200, 0x100, 0x28, 35, 0x4a},
		{Copy, 3, 1, 0x228, 40, 0x4f},
		{Copy, 2 << 32, 1 << 32, 0x22b, 49, 0x54},
	}
	r := NewReader(iotest.OneByteReader(bytes.NewReader(delta)))
	var got []Command
	var data []byte
	for {
		cmd, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, cmd)
		p, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, p...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if string(data) != "abcdefgh" {
		t.Errorf("literals %q", data)
	}
	if _, err := r.Read(nil); err != io.EOF {
		t.Errorf("Read behind the end: %v", err)
	}
}

func TestReaderSkipsLiterals(t *testing.T) {
	stats, err := Inspect(bytes.NewReader(unhex(t, "72730236 03 616263 45 0a 05 03 616263 45 02 01 00")))
	if want := (Stats{2, 2, 6, 6, 15, 19}); err != nil || stats != want {
		t.Errorf("%+v, %v; want %+v", stats, err, want)
	}
	if stats.Result() != 12 || stats.Commands() != 4 {
		t.Errorf("result %d, commands %d", stats.Result(), stats.Commands())
	}
}

var badDeltas = []struct{ name, delta, want string }{
	{"empty", "", "rdiff: offset 0x0: magic: the delta ends here, 4 bytes too early"},
	{"half a magic", "7273", "rdiff: offset 0x2: magic: the delta ends here, 2 bytes too early"},
	{"a signature", "72730147 00000100 00000020", "rdiff: offset 0x0: magic: 0x72730147; a delta begins with 0x72730236"},
	{"no end", "72730236", "rdiff: offset 0x4: command: the delta ends here, 1 bytes too early"},
	{"no end after a copy", "72730236 45 00 01", "rdiff: offset 0x7: command: the delta ends here, 1 bytes too early"},
	{"bytes behind the end", "72730236 00 00", "rdiff: offset 0x5: end: more bytes behind the end command"},
	{"reserved", "72730236 55", "rdiff: offset 0x4: command: 0x55 is reserved"},
	{"reserved, last", "72730236 ff", "rdiff: offset 0x4: command: 0xff is reserved"},
	{"literal of nothing", "72730236 41 00 00", "rdiff: offset 0x5: length: 0; at least 1 byte is allowed"},
	{"literal too long", "72730236 44 8000000000000000 00", "rdiff: offset 0x5: length: 0x8000000000000000; at most 2^63-1 is allowed"},
	{"literal that lies", "72730236 44 7fffffffffffffff 0000", "rdiff: offset 0xf: literal: the delta ends here, 9223372036854775805 bytes too early"},
	{"short literal that lies", "72730236 03 6162", "rdiff: offset 0x7: literal: the delta ends here, 1 bytes too early"},
	{"copy of nothing", "72730236 45 00 00 00", "rdiff: offset 0x6: length: 0; at least 1 byte is allowed"},
	{"copy from below 0", "72730236 51 ffffffffffffffff 01 00", "rdiff: offset 0x5: offset: 0xffffffffffffffff; at most 2^63-1 is allowed"},
	{"copy over the end", "72730236 54 7fffffffffffffff 0000000000000001 00", "rdiff: offset 0x5: offset: a copy of 1 bytes at 9223372036854775807 ends behind 2^63-1"},
	{"offset cut", "72730236 4d 0000", "rdiff: offset 0x7: offset: the delta ends here, 2 bytes too early"},
	{"length cut", "72730236 47 00 0000", "rdiff: offset 0x8: length: the delta ends here, 2 bytes too early"},
	{
		"result too long", "72730236 48 00 7fffffffffffffff 45 00 01 00",
		"rdiff: offset 0xe: length: the result is longer than 2^63-1 bytes",
	},
}

func TestReaderRefuses(t *testing.T) {
	for _, test := range badDeltas {
		t.Run(test.name, func(t *testing.T) {
			delta := unhex(t, test.delta)
			_, err := Inspect(bytes.NewReader(delta))
			wantError(t, err, test.want)
			if _, ok := errors.AsType[*FormatError](err); !ok {
				t.Errorf("%T", err)
			}
			_, err = Inspect(iotest.OneByteReader(bytes.NewReader(delta)))
			wantError(t, err, test.want)
		})
	}
}

// Whatever is wrong in Next is wrong for good.
func TestReaderErrorSticks(t *testing.T) {
	r := NewReader(bytes.NewReader(unhex(t, "72730236 55 00")))
	_, first := r.Next()
	_, second := r.Next()
	if _, err := r.Read(make([]byte, 1)); first == nil || second != first || err != first {
		t.Errorf("%v, %v, %v", first, second, err)
	}
}

func TestReaderTruncated(t *testing.T) {
	delta, _ := encoded(t, noise(1, 5000), join(noise(1, 3000), noise(2, 100), noise(1, 5000)), EncodeOptions{})
	for n := range delta {
		_, err := Inspect(bytes.NewReader(delta[:n]))
		if problem, ok := errors.AsType[*FormatError](err); !ok || problem.Offset != int64(n) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

// Errors of the underlying reader come through as they are.
func TestReaderPassesErrors(t *testing.T) {
	delta := unhex(t, "72730236 03 616263 4a 0000 0001 00")
	for n := range len(delta) + 1 {
		wrong := errors.New("wire cut")
		if _, err := Inspect(io.MultiReader(bytes.NewReader(delta[:n]), iotest.ErrReader(wrong))); err != wrong {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// respell writes the commands of a delta with the opcodes that it has.
func respell(t *testing.T, delta []byte) []byte {
	out := unhex(t, "72730236")
	for r := NewReader(bytes.NewReader(delta)); ; {
		cmd, err := r.Next()
		if err == io.EOF {
			return append(out, opEnd)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, cmd.Opcode)
		switch {
		case cmd.Kind == Copy:
			widths := int(cmd.Opcode - opCopy)
			out = appendParam(appendParam(out, cmd.Base, widths>>2), cmd.Length, widths&3)
		case cmd.Opcode > opLiteral:
			out = appendParam(out, cmd.Length, int(cmd.Opcode-opLiteral-1))
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data...)
	}
}

func FuzzReader(f *testing.F) {
	for _, test := range badDeltas {
		f.Add(unhex(f, test.delta))
	}
	delta, _ := encoded(f, noise(1, 2000), join(noise(1, 1000), noise(2, 100), noise(1, 2000)), EncodeOptions{})
	f.Add(delta)
	base := bytes.NewReader(noise(1, 2000))
	f.Fuzz(func(t *testing.T, delta []byte) {
		stats, err := Inspect(bytes.NewReader(delta))
		var out bytes.Buffer
		made, patchErr := Patch(t.Context(), &out, base, bytes.NewReader(delta), PatchOptions{MaxSize: 1 << 20})
		if err != nil {
			if patchErr == nil {
				t.Fatalf("Patch takes what Inspect refuses: %v", err)
			}
			return
		}
		if again := respell(t, delta); !bytes.Equal(again, delta) {
			t.Fatalf("reads as %x", again)
		}
		if fits := stats.BaseEnd <= base.Size() && stats.Result() <= 1<<20; fits != (patchErr == nil) {
			t.Fatalf("%+v, but Patch says %v", stats, patchErr)
		}
		if patchErr == nil && (made != stats || int64(out.Len()) != stats.Result()) {
			t.Fatalf("%+v, but Patch %+v and %d bytes", stats, made, out.Len())
		}
	})
}
