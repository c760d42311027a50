package zck

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// forgery is a header in pieces, each of which a test may replace. What is left
// is right.
type forgery struct {
	id, hash, size, digest                              string
	data, flags, compression, elements, indexSize       string
	chunkHash, count, entries, signatures, behindHeader string
}

// genuine is the header of two chunks behind an empty dictionary.
func genuine() forgery {
	return forgery{
		id: fileID, hash: "\x81",
		data: strings.Repeat("\x00", 32), flags: "\x84", compression: "\x82",
		chunkHash: "\x81", count: "\x83",
		entries:    entry(0, 0, 0) + entry(1, 10, 20) + entry(2, 30, 400),
		signatures: "\x80",
	}
}

// entry is an entry of the index with digests of one value.
func entry(digest byte, stored, size uint64) string {
	return strings.Repeat(string([]byte{digest}), 64) + string(appendCompint(appendCompint(nil, stored), size))
}

func compint(v uint64) string { return string(appendCompint(nil, v)) }

// String puts the pieces together.
func (f forgery) String() string {
	index := f.chunkHash + f.count + f.entries
	if f.indexSize == "" {
		f.indexSize = compint(uint64(len(index)))
	}
	rest := f.data + f.flags + f.compression + f.elements + f.indexSize + index + f.signatures
	if f.size == "" {
		f.size = compint(uint64(len(rest)))
	}
	if f.digest == "" {
		f.digest = string(SHA256.of([]byte(fileID + f.hash + f.size + rest)))
	}
	return f.id + f.hash + f.size + f.digest + rest + f.behindHeader
}

func TestParse(t *testing.T) {
	data := genuine().String()
	h, err := Parse([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if h.Len() != int64(len(data)) || h.Size() != 420 || h.BodySize() != 40 || h.Dictionary != (Chunk{}) || h.Detached {
		t.Errorf("%d bytes, image of %d, body of %d: %+v", h.Len(), h.Size(), h.BodySize(), h)
	}
	want := []Chunk{
		{Digest(strings.Repeat("\x01", 32)), Digest(strings.Repeat("\x01", 32)), 10, 20},
		{Digest(strings.Repeat("\x02", 32)), Digest(strings.Repeat("\x02", 32)), 30, 400},
	}
	if !reflect.DeepEqual(h.Chunks, want) {
		t.Errorf("chunks %v", h.Chunks)
	}
	if again, err := h.Marshal(); string(again) != data {
		t.Errorf("%x, %v", again, err)
	}
}

// The id of a detached header does not count for its digest.
func TestDetached(t *testing.T) {
	f := genuine()
	f.id = detachedID
	h, err := Parse([]byte(f.String()))
	if err != nil || !h.Detached {
		t.Fatal(h, err)
	}
	if data, err := h.Marshal(); string(data) != f.String() || err != nil {
		t.Errorf("%x, %v", data, err)
	}
	complete, err := Parse([]byte(genuine().String()))
	if err != nil || complete.Digest() != h.Digest() || h.Digest() == "" {
		t.Errorf("%s and %s", complete.Digest(), h.Digest())
	}
	if _, err := Verify(context.Background(), strings.NewReader(f.String()), 1); !errors.Is(err, errDetached) {
		t.Error(err)
	}
}

func TestElements(t *testing.T) {
	f := genuine()
	f.flags, f.elements = "\x86", "\x82"+"\x85\x83abc"+"\x81\x80"
	h, err := Parse([]byte(f.String()))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Element{{5, []byte("abc")}, {1, []byte{}}}; !reflect.DeepEqual(h.Elements, want) {
		t.Errorf("%v", h.Elements)
	}
	if again, err := h.Marshal(); string(again) != f.String() {
		t.Errorf("%x, %v", again, err)
	}
}

func TestParseErrors(t *testing.T) {
	const preface = 5 + 1 + 2 + 32
	for _, test := range []struct {
		lie    func(f *forgery)
		offset int64
		field  string
		msg    string
	}{
		{func(f *forgery) { f.id = "\x00ZCK2" }, 0, "id", `"\x00ZCK2"; a file begins with "\x00ZCK1", a detached header with "\x00ZHR1"`},
		{func(f *forgery) { f.hash = "\x84" }, 5, "checksum type", "4; 0 to 3 are known"},
		{func(f *forgery) { f.hash = "\x01\x80" }, 5, "checksum type", "an integer in more bytes than it needs"},
		{func(f *forgery) { f.size = compint(1 << 40) }, 6, "header size", "1099511627776, at most 570492040 is allowed"},
		{func(f *forgery) { f.size = compint(400) }, 0x116, "header size", "162 bytes too many"},
		{func(f *forgery) { f.size = compint(200) }, 0xf0, "chunk 2", "behind the end that the header size announces"},
		{func(f *forgery) { f.digest = strings.Repeat("x", 32) }, 8, "header digest", ""},
		{func(f *forgery) { f.flags = "\x81" }, preface + 32, "flags", "0x1 has streams, which no release of zchunk reads"},
		{func(f *forgery) { f.flags = "\x8c" }, preface + 32, "flags", "0xc; optional elements (0x2) and uncompressed digests (0x4) are known"},
		{func(f *forgery) { f.compression = "\x81" }, preface + 33, "compression type", "1; 0 (none) and 2 (zstd) are known"},
		{func(f *forgery) { f.flags, f.elements = "\x86", "\x80" }, preface + 34, "optional element count", "0, but the flags announce some"},
		{func(f *forgery) { f.flags, f.elements = "\x86", compint(1<<17) }, preface + 34, "optional element count", "131072, at most 65536 is allowed"},
		{func(f *forgery) { f.flags, f.elements = "\x86", "\x81\x80"+compint(1<<17) }, preface + 36, "optional element length", "131072, at most 65535 is allowed"},
		{func(f *forgery) { f.indexSize = compint(1 << 40) }, preface + 34, "index size", ""},
		{func(f *forgery) { f.indexSize = compint(203) }, 0x115, "index size", "203 bytes, but the index has 201"},
		{func(f *forgery) { f.chunkHash = "\x87" }, preface + 36, "chunk checksum type", "7; 0 to 3 are known"},
		{func(f *forgery) { f.count = "\x80" }, preface + 37, "chunk count", "0; the dictionary counts, too, even when there is none"},
		{func(f *forgery) { f.count = "\x82" }, 0, "index size", ""},
		{func(f *forgery) { f.count = "\x84" }, 0, "chunk 3", ""},
		{func(f *forgery) { f.count = compint(1 << 22) }, 0, "chunk 3", ""},
		{func(f *forgery) { f.count = compint(1<<22 + 2) }, preface + 37, "chunk count", "4194306, at most 4194305 is allowed"},
		{func(f *forgery) { f.entries = entry(1, 0, 0) + entry(1, 1, 1) + entry(1, 1, 1) }, preface + 38, "chunk 0", "a digest of no bytes; it is zero where there is no dictionary"},
		{func(f *forgery) { f.entries = entry(1, 0, 1) + entry(1, 1, 1) + entry(1, 1, 1) }, preface + 38, "chunk 0", "0 stored bytes; a chunk has 1 to 10526784"},
		{func(f *forgery) { f.entries = entry(0, 0, 0) + entry(1, 1, 0) + entry(1, 1, 1) }, preface + 104, "chunk 1", "0 bytes; a chunk has 1 to 10485760"},
		{func(f *forgery) { f.entries = entry(0, 0, 0) + entry(1, 1, 10485761) + entry(1, 1, 1) }, preface + 104, "chunk 1", "10485761 bytes; a chunk has 1 to 10485760"},
		{func(f *forgery) { f.entries = entry(0, 0, 0) + entry(1, 10526785, 1) + entry(1, 1, 1) }, preface + 104, "chunk 1", "10526785 stored bytes; a chunk has 1 to 10526784"},
		{func(f *forgery) { f.entries = entry(0, 0, 0) + entry(1, 1<<63, 1) + entry(1, 1, 1) }, preface + 168, "chunk 1", "9223372036854775808, at most 4611686018427387904 is allowed"},
		{func(f *forgery) { f.compression = "\x80" }, preface + 104, "chunk 1", "10 stored bytes of 20, without compression"},
		{func(f *forgery) { f.signatures = "\x81" }, 0, "signature count", "1, but no signature is defined"},
		{func(f *forgery) { f.signatures = "\x80\x80" }, 0, "header size", "1 bytes too many"},
		{func(f *forgery) { f.behindHeader = "12" }, 0, "body", "2 bytes behind the header"},
	} {
		f := genuine()
		test.lie(&f)
		_, err := Parse([]byte(f.String()))
		got, ok := errors.AsType[*FormatError](err)
		switch {
		case !ok:
			t.Errorf("%s: %v", test.field, err)
		case got.Field != test.field || test.msg != "" && got.Msg != test.msg || test.offset != 0 && got.Offset != test.offset:
			t.Errorf("%v, want offset %#x: %s: %s", got, test.offset, test.field, test.msg)
		}
	}
}

// A header that ends early is refused wherever it ends, with that place.
func TestParseTruncated(t *testing.T) {
	f := genuine()
	f.flags, f.elements = "\x86", "\x81\x85\x83abc"
	data := []byte(f.String())
	for n := range data {
		_, err := Parse(data[:n])
		e, ok := errors.AsType[*FormatError](err)
		if !ok || e.Offset != int64(n) || e.Msg != "the file ends" {
			t.Fatalf("%d bytes of %d: %v", n, len(data), err)
		}
	}
}

// No bit of a header may change.
func TestParseChangedBits(t *testing.T) {
	data := []byte(genuine().String())
	for i := range len(data) * 8 {
		changed := bytes.Clone(data)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := Parse(changed); err == nil {
			t.Fatalf("bit %d of byte %d may change", i%8, i/8)
		}
	}
}

// Announced chunks cost memory only when they come.
func TestParseAllocatesLittle(t *testing.T) {
	f := genuine()
	f.count, f.indexSize, f.size = compint(MaxChunks), compint(restLimit), compint(restLimit)
	data := f.String()
	if n := allocated(func() { Parse([]byte(data)) }); n > 2<<20 {
		t.Errorf("%d bytes for a header of %d", n, len(data))
	}
}

func TestReadHeaderLeavesTheBody(t *testing.T) {
	r := strings.NewReader(genuine().String() + "body")
	if _, err := ReadHeader(iotest.HalfReader(r)); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "body" {
		t.Errorf("%q is left", rest)
	}
}

func TestReadHeaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int64{3, 7, 50, 200} {
		r := io.MultiReader(io.LimitReader(strings.NewReader(genuine().String()), n), iotest.ErrReader(broken))
		if _, err := ReadHeader(r); err != broken {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestMarshalErrors(t *testing.T) {
	digest := SHA256.of(nil)
	for _, test := range []struct {
		h    Header
		want string
	}{
		{Header{Hash: 9}, "hash 9 of SHA-256 is not known"},
		{Header{Compression: 7}, "compression 7 is not known"},
		{Header{}, "data digest of 0 bytes, SHA-256 has 32"},
		{Header{Uncompressed: true, DataDigest: "x"}, "data digest of 1 bytes, SHA-256 has 32"},
		{Header{Uncompressed: true, Chunks: []Chunk{{digest, "", 1, 1}}}, "chunk 1: uncompressed digest of 0 bytes, SHA-256 has 32"},
		{Header{Uncompressed: true, Chunks: []Chunk{{"", digest, 1, 1}}}, "chunk 1: digest of 0 bytes, SHA-256 has 32"},
		{Header{Uncompressed: true, Chunks: []Chunk{{digest, digest, 1, -1}}}, "chunk 1: -1 bytes; a chunk has 1 to 10485760"},
		{Header{Uncompressed: true, Dictionary: Chunk{digest, digest, 0, 0}}, "dictionary: a digest of no bytes; it is zero where there is no dictionary"},
		{Header{Uncompressed: true, Dictionary: Chunk{digest, digest, 0, 9}}, "dictionary: 0 stored bytes; a chunk has 1 to 10526784"},
		{Header{Uncompressed: true, Elements: []Element{{1, make([]byte, 1<<17)}}}, "optional elements of 131073 bytes, at most 65536 are allowed"},
		{Header{Uncompressed: true, Chunks: make([]Chunk, MaxChunks+1)}, "4194305 chunks, at most 4194304 are allowed"},
	} {
		if _, err := test.h.Marshal(); message(err) != "zck: header: "+test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
		if test.h.Digest() != "" {
			t.Errorf("%s: it has a digest", test.want)
		}
	}
}

// The header is that of zck -u, but for the chunk's stored digest: zck stores
// the byte in the same 10 bytes.
func TestOneByteFile(t *testing.T) {
	file, h := create(t, []byte("\x76"), Options{})
	if len(file) != 221 || h.Len() != 211 {
		t.Errorf("%d bytes with a header of %d", len(file), h.Len())
	}
	parts := map[int]string{
		0x00:        "005a434b31812b81",
		0x28:        strings.Repeat("00", 32) + "8482" + "0681" + "8182" + strings.Repeat("00", 64) + "8080",
		0x70 + 0x60: "8a8180",
	}
	for at, want := range parts {
		if got := hex.EncodeToString(file[at : at+len(want)/2]); got != want {
			t.Errorf("offset %#x: %s, want %s", at, got, want)
		}
	}
}

// An empty image has a header and nothing else.
func TestEmptyFile(t *testing.T) {
	for _, test := range []struct {
		opts Options
		size int
	}{
		{Options{}, 143},
		{Options{StoredOnly: true, ChunkHash: SHA512128}, 95},
	} {
		file, h := create(t, nil, test.opts)
		if len(file) != test.size || len(h.Chunks) != 0 {
			t.Errorf("%d bytes", len(file))
		}
		if test.opts.StoredOnly && h.DataDigest != SHA256.of(nil) {
			t.Errorf("data digest %s", h.DataDigest)
		}
		var image bytes.Buffer
		if _, err := Unpack(context.Background(), &image, bytes.NewReader(file), 1); err != nil || image.Len() != 0 {
			t.Errorf("%d bytes, %v", image.Len(), err)
		}
	}
}

// A summary is that of the header, or the same error.
func TestSummarize(t *testing.T) {
	file, h := create(t, mixed(), Options{Hash: SHA512, Dictionary: lines(1000)})
	r := bytes.NewReader(file)
	if sum, err := Summarize(r); err != nil || sum != h.Summary() || sum.HeaderDigest != h.Digest() || sum.HeaderSize != h.Len() ||
		sum.BodySize != h.BodySize() || sum.Size != int64(len(mixed())) || sum.Chunks != len(h.Chunks) {
		t.Errorf("%+v, %v", sum, err)
	}
	if int64(r.Len()) != h.BodySize() {
		t.Errorf("it is not left at the body: %d bytes of %d", r.Len(), h.BodySize())
	}
	for at := range h.Len() {
		broken := bytes.Clone(file[:h.Len()])
		broken[at] ^= 4
		_, want := ReadHeader(bytes.NewReader(broken))
		if sum, err := Summarize(bytes.NewReader(broken)); message(err) != message(want) || want != nil && sum != (Summary{}) {
			t.Fatalf("byte %d: %v, want %v", at, err, want)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(genuine().String()))
	detached := genuine()
	detached.id, detached.flags, detached.elements = detachedID, "\x86", "\x81\x85\x83abc"
	f.Add([]byte(detached.String()))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := Parse(data)
		if err != nil {
			if _, ok := errors.AsType[*FormatError](err); !ok {
				t.Fatalf("%v is no FormatError", err)
			}
			return
		}
		if sum, err := Summarize(bytes.NewReader(data)); sum != h.Summary() || err != nil {
			t.Fatalf("%+v, want %+v, %v", sum, h.Summary(), err)
		}
		if again, err := h.Marshal(); !bytes.Equal(again, data) || h.Len() != int64(len(data)) {
			t.Fatalf("%x is written as %x, %v", data, again, err)
		}
	})
}

// FuzzIndex makes headers whose digest is right, so that the index is read.
func FuzzIndex(f *testing.F) {
	f.Add("\x84", "\x82", "", "\x81", "\x83", genuine().entries, "\x80")
	f.Add("\x82", "\x80", "\x81\x80\x80", "\x83", "\x82", strings.Repeat("\x00", 16)+"\x80\x80"+strings.Repeat("x", 16)+"\x81\x81", "\x80")
	f.Fuzz(func(t *testing.T, flags, compression, elements, hash, count, entries, signatures string) {
		forged := genuine()
		forged.flags, forged.compression, forged.elements = flags, compression, elements
		forged.chunkHash, forged.count, forged.entries, forged.signatures = hash, count, entries, signatures
		data := forged.String()
		h, err := Parse([]byte(data))
		if err != nil {
			return
		}
		if again, err := h.Marshal(); string(again) != data {
			t.Fatalf("%x is written as %x, %v", data, again, err)
		}
	})
}
