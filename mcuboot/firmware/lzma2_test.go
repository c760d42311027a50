package firmware

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// thumbCode imitates Thumb code: an eighth of it are calls of some functions,
// from all over the place, between common instructions.
func thumbCode(rnd *rand.Rand, size int) []byte {
	code := make([]byte, 0, size)
	for len(code)+4 <= size {
		if rnd.IntN(8) != 0 {
			code = binary.LittleEndian.AppendUint16(code, 0x4600|uint16(rnd.IntN(64)))
			continue
		}
		callee := uint32(rnd.IntN(50)) * 0x354
		code = appendBL(code, callee-uint32(len(code))-4)
	}
	return append(code, make([]byte, size-len(code))...)
}

func appendBL(code []byte, distance uint32) []byte {
	code = binary.LittleEndian.AppendUint16(code, 0xf000|uint16(distance>>12)&0x7ff)
	return binary.LittleEndian.AppendUint16(code, 0xf800|uint16(distance>>1)&0x7ff)
}

func noise(rnd *rand.Rand, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

// bodies are bodies of all kinds: packed, stored and mixed chunks of odd sizes.
func bodies() map[string][]byte {
	rnd := rand.New(rand.NewPCG(5, 6))
	code := thumbCode(rnd, 50_001)
	mixed := append(noise(rnd, 70_001), code...)
	mixed = append(append(mixed, noise(rnd, 20_001)...), code...)
	all := map[string][]byte{
		"empty": {}, "one byte": {0xf0}, "three bytes": {0, 0xf0, 0}, "a call": appendBL(nil, 0x1000),
		"erased": bytes.Repeat([]byte{0xff}, 100_000), "code": code, "large code": thumbCode(rnd, 80_000),
		"noise": noise(rnd, 66_003), "mixed": mixed, "calls only": bytes.Repeat(appendBL(nil, 0xfffffff0), 5000),
		"far repetition": append(append(bytes.Clone(code[:5000]), noise(rnd, 140_000)...), code[:5000]...),
	}
	for n := range 9 {
		all[fmt.Sprint("code of ", n)] = append([]byte{0, 0xf0, 0, 0xf8}, 0, 0xf0, 0, 0xf8, 0xf0, 0xf8)[:n]
	}
	return all
}

func TestCompress(t *testing.T) {
	for name, body := range bodies() {
		for _, armThumb := range []bool{false, true} {
			before := bytes.Clone(body)
			packed, err := Compress(body, armThumb)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !bytes.Equal(body, before) {
				t.Errorf("%s: the body was changed", name)
			}
			if !bytes.HasPrefix(packed, []byte{0x0a, 0x66}) || packed[len(packed)-1] != 0 {
				t.Errorf("%s: header % x, end %#x", name, packed[:2], packed[len(packed)-1])
			}
			back, err := Decompress(packed, armThumb, 0)
			if err != nil || !bytes.Equal(back, body) {
				t.Errorf("%s: unpacks to %d bytes, want %d, %v", name, len(back), len(body), err)
			}
		}
	}
}

func TestCompressTwice(t *testing.T) {
	body := bodies()["mixed"]
	packed, err := Compress(body, true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Compress(body, true)
	if err != nil || !bytes.Equal(again, packed) {
		t.Errorf("a second run differs, %v", err)
	}
}

func TestCompressGains(t *testing.T) {
	body := bodies()["large code"]
	plain, err := Compress(body, false)
	if err != nil {
		t.Fatal(err)
	}
	filtered, err := Compress(body, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(plain) > len(body)*6/10 || len(filtered) > len(plain)*9/10 {
		t.Errorf("%d bytes become %d, with the filter %d", len(body), len(plain), len(filtered))
	}
}

// The example of the Thumb BL in the ARM manual's terms: a call from 0x100 to
// 0x1000 has the distance 0xefc and gets the address 0x1000.
func TestCalls(t *testing.T) {
	code := append(make([]byte, 0x100), appendBL(nil, 0x1000-0x104)...)
	want := append(make([]byte, 0x100), appendBL(nil, 0x1000)...)
	code, want = append(code, 0xf0), append(want, 0xf0)
	before := bytes.Clone(code)
	absoluteCalls(code)
	if !bytes.Equal(code, want) {
		t.Errorf("filtered call is % x, want % x", code[0x100:], want[0x100:])
	}
	relativeCalls(code)
	if !bytes.Equal(code, before) {
		t.Errorf("call came back as % x, want % x", code[0x100:], before[0x100:])
	}
}

func TestDecompressErrors(t *testing.T) {
	stored := []byte{0x0a, 0x66, 0x01, 0, 2, 'a', 'b', 'c', 0}
	packed, err := Compress(bytes.Repeat([]byte("abc"), 100), false)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(b []byte, pos int, v byte) []byte {
		b = bytes.Clone(b)
		b[pos] = v
		return b
	}
	for _, test := range []struct {
		name string
		body []byte
		want string
	}{
		{"empty", nil, "compressed body of 0 bytes, the shortest has 3"},
		{"only a header", []byte{0x0a, 0x66}, "compressed body of 2 bytes, the shortest has 3"},
		{"dictionary", edit(stored, 0, 0x0b), "compressed body needs a dictionary of code 0x0b, at most 0x0a (128 KiB) is allowed"},
		{"parameters", edit(stored, 1, 225), "LZMA parameters 0xe1 at offset 1 of the compressed body are not possible in LZMA2"},
		{"lc and lp", edit(stored, 1, 4+9), "LZMA parameters 0x0d at offset 1 of the compressed body are not possible in LZMA2"},
		{"no end", stored[:8], "LZMA2 stream is cut off in the chunk at offset 8 of the compressed body"},
		{"stored chunk cut off", stored[:7], "LZMA2 stream is cut off in the chunk at offset 2 of the compressed body"},
		{"stored header cut off", stored[:4], "LZMA2 stream is cut off in the chunk at offset 2 of the compressed body"},
		{"packed header cut off", packed[:6], "LZMA2 stream is cut off in the chunk at offset 2 of the compressed body"},
		{"packed chunk cut off", packed[:len(packed)-2], "LZMA2 stream is cut off in the chunk at offset 2 of the compressed body"},
		{"chunk type", edit(stored, 2, 3), "chunk type 0x03 at offset 2 of the compressed body is unknown"},
		{"other parameters", edit(packed, 7, 0x5d), "LZMA parameters 0x5d at offset 7 of the compressed body differ from 0x66 in its header"},
		{"after the end", append(bytes.Clone(stored), 0, 0), "2 bytes follow the end of the LZMA2 stream at offset 9 of the compressed body"},
		{"too large", append([]byte{0x0a, 0x66, 0x01, 0xff, 0xff}, make([]byte, 65537)...), "compressed body unpacks to more than the 1000 bytes that are allowed"},
		{"no new dictionary", edit(stored, 2, 2), "damaged LZMA2 stream: lzma: unexpected chunk type"},
		{"chunk says less", edit(packed, 4, packed[4]-1), ""},
		{"chunk says more", edit(packed, 4, packed[4]+1), ""},
		{"damaged", edit(packed, 9, packed[9]^0xff), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			plain, err := Decompress(test.body, false, 1000)
			if test.want != "" {
				wantError(t, err, test.want)
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), "damaged LZMA2 stream: ") {
				t.Errorf("unpacks to %d bytes, error is %v", len(plain), err)
			}
		})
	}
}

// A stream of 300 kB that says it holds 100 GB ends before anything is unpacked.
func TestDecompressBomb(t *testing.T) {
	chunk := []byte{0xff, 0xff, 0xff, 0, 0, 0x66, 0}
	bomb := append([]byte{0x0a, 0x66}, bytes.Repeat(chunk, 50_000)...)
	_, err := Decompress(append(bomb, 0), false, 0)
	wantError(t, err, "compressed body unpacks to more than the 67108864 bytes that are allowed")
}

func TestDecompressLimit(t *testing.T) {
	packed, err := Compress(make([]byte, 1000), true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decompress(packed, true, 1000); err != nil {
		t.Error(err)
	}
	_, err = Decompress(packed, true, 999)
	wantError(t, err, "compressed body unpacks to more than the 999 bytes that are allowed")
}

func TestDictOf(t *testing.T) {
	for code, want := range map[byte]int{0: 4 << 10, 1: 6 << 10, 9: 96 << 10, dictCode: dictSize} {
		if got := dictOf(code); got != want {
			t.Errorf("dictionary %d has %d bytes, want %d", code, got, want)
		}
	}
}

// lzmaScript unpacks our streams with liblzma and packs the bodies with it the
// way imgtool 2.4 does.
const lzmaScript = `
import base64, json, lzma, sys
results = []
for case in json.load(sys.stdin):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 131072, "lc": 3, "lp": 1, "pb": 2}]
    if case["thumb"]:
        filters.insert(0, {"id": lzma.FILTER_ARMTHUMB})
    d = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters)
    plain = d.decompress(base64.b64decode(case["packed"]))
    theirs = lzma.compress(base64.b64decode(case["body"]), format=lzma.FORMAT_RAW, filters=filters)
    results.append({"plain": base64.b64encode(plain).decode(), "end": d.eof, "rest": len(d.unused_data),
                    "theirs": base64.b64encode(theirs).decode()})
json.dump(results, sys.stdout)
`

type lzmaCase struct {
	name   string
	Thumb  bool   `json:"thumb"`
	Body   []byte `json:"body"`
	Packed []byte `json:"packed"`
}

type lzmaResult struct {
	Plain, Theirs []byte
	End           bool
	Rest          int
}

// liblzma unpacks what we pack, and we unpack what liblzma packs.
func TestConformanceLZMA2(t *testing.T) {
	reftool.Need(t, "python3")
	var cases []lzmaCase
	for name, body := range bodies() {
		for _, armThumb := range []bool{false, true} {
			packed, err := Compress(body, armThumb)
			if err != nil {
				t.Fatal(err)
			}
			cases = append(cases, lzmaCase{name, armThumb, body, packed[headerSize:]})
		}
	}
	var results []lzmaResult
	ask(t, "lzma", lzmaScript, cases, &results)
	for i, r := range results {
		c := cases[i]
		if !bytes.Equal(r.Plain, c.Body) || !r.End || r.Rest != 0 {
			t.Errorf("%s, filter %v: liblzma unpacks %d bytes, want %d; end %v, rest %d", c.name, c.Thumb, len(r.Plain), len(c.Body), r.End, r.Rest)
		}
		plain, err := Decompress(append([]byte{0x0a, 0x66}, r.Theirs...), c.Thumb, 0)
		if err != nil || !bytes.Equal(plain, c.Body) {
			t.Errorf("%s, filter %v: liblzma's stream unpacks to %d bytes, want %d, %v", c.name, c.Thumb, len(plain), len(c.Body), err)
		}
	}
}

// liblzmaBody is the header and, from liblzma with the filters that imgtool 2.4
// gives it (those of lzmaScript), 64 calls of the same function.
const liblzmaBody = "CmbgAP8ACmYAATv8D4Dx3h0AAAA="

func TestDecompressLiblzma(t *testing.T) {
	packed, err := base64.StdEncoding.DecodeString(liblzmaBody)
	if err != nil {
		t.Fatal(err)
	}
	var want []byte
	for i := range 64 {
		want = appendBL(want, 0x2000-uint32(4*i)-4)
	}
	got, err := Decompress(packed, true, int64(len(want)))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("unpacks to % x, %v", got, err)
	}
}
