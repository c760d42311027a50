package rdiff

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

// What `rdiff -S -1 [-b BLOCK] signature` 2.3.2 says for files of that size.
func TestRecommended(t *testing.T) {
	for _, test := range []struct {
		size          int64
		option        int
		block, strong int
	}{
		{0, 0, 256, 5}, {0, 16, 16, 5}, {100, 16, 16, 6}, {100, 100000, 100000, 5},
		{65535, 0, 256, 6}, {65535, 16, 16, 7}, {65536, 0, 256, 6}, {65537, 0, 256, 6},
		{100000, 0, 256, 6}, {300000, 0, 512, 7}, {1000000, 0, 896, 7}, {1000000, 100000, 100000, 6},
		{16777216, 0, 4096, 7}, {16777216, 16, 16, 8}, {16777216, 100000, 100000, 6},
		{100000000, 0, 9984, 7}, {100000000, 1024, 1024, 8},
		{UnknownSize, 0, 2048, 12},
	} {
		got, err := SignatureOptions{BlockLength: test.option, StrongLength: MinStrongLength}.resolve(test.size)
		if err != nil || got.BlockLength != test.block || got.StrongLength != test.strong {
			t.Errorf("size %d, block %d: %+v, %v; want %d and %d", test.size, test.option, got, err, test.block, test.strong)
		}
	}
}

func TestSquareRoot(t *testing.T) {
	for n, want := range map[int64]int64{
		0: 0, 1: 1, 3: 1, 4: 2, 1<<40 - 1: 1<<20 - 1, 1 << 40: 1 << 20,
		math.MaxInt64: 3037000499, 3037000499 * 3037000499: 3037000499, 3037000499*3037000499 - 1: 3037000498,
	} {
		if got := squareRoot(n); got != want {
			t.Errorf("%d: %d, want %d", n, got, want)
		}
	}
}

func TestOptionsRefused(t *testing.T) {
	for _, test := range []struct {
		opts SignatureOptions
		want string
	}{
		{SignatureOptions{Magic: 1}, "rdiff: unknown signature magic 0x00000001"},
		{SignatureOptions{BlockLength: -1}, "rdiff: block length -1; 1 to 67108864 is allowed"},
		{SignatureOptions{BlockLength: MaxBlockLength + 1}, "rdiff: block length 67108865; 1 to 67108864 is allowed"},
		{SignatureOptions{StrongLength: 33}, "rdiff: strong length 33; 1 to 32 is allowed for rabinkarp-blake2"},
		{SignatureOptions{StrongLength: -2}, "rdiff: strong length -2; 1 to 32 is allowed for rabinkarp-blake2"},
		{SignatureOptions{StrongLength: 17, Magic: RollsumMD4}, "rdiff: strong length 17; 1 to 16 is allowed for rollsum-md4"},
	} {
		var out bytes.Buffer
		wantError(t, WriteSignature(t.Context(), &out, bytes.NewReader(nil), 0, test.opts), test.want)
		if out.Len() > 0 {
			t.Errorf("%+v: wrote %x", test.opts, &out)
		}
	}
}

// Made by rdiff 2.3.2 from a file with "hello, librsync": rdiff -b 8 -S 4
// [-H md4] [-R rollsum] signature.
func TestWriteSignature(t *testing.T) {
	for _, test := range []struct {
		magic Magic
		want  string
	}{
		{RollsumMD4, "72730136000000080000000411ef03c48d13b5390f3f03d3102262d5"},
		{RabinKarpMD4, "727301460000000800000004ca9420298d13b539519879fb102262d5"},
		{RollsumBLAKE2, "72730137000000080000000411ef03c4b52294720f3f03d37ddb6cc7"},
		{RabinKarpBLAKE2, "727301470000000800000004ca942029b5229472519879fb7ddb6cc7"},
	} {
		got := signed(t, []byte("hello, librsync"), SignatureOptions{Magic: test.magic, BlockLength: 8, StrongLength: 4})
		if hex.EncodeToString(got) != test.want {
			t.Errorf("%s: %x, want %s", test.magic, got, test.want)
		}
	}
}

func TestWriteSignatureJobs(t *testing.T) {
	base := noise(1, 3*sumBatch+777)
	want := signed(t, base, SignatureOptions{Jobs: 1})
	for jobs := 2; jobs < 6; jobs++ {
		if !bytes.Equal(signed(t, base, SignatureOptions{Jobs: jobs}), want) {
			t.Errorf("%d jobs make another signature", jobs)
		}
	}
	var out bytes.Buffer
	err := WriteSignature(t.Context(), &out, iotest.HalfReader(bytes.NewReader(base)), int64(len(base)), SignatureOptions{})
	if err != nil || !bytes.Equal(out.Bytes(), want) {
		t.Errorf("in small pieces: another signature, %v", err)
	}
}

func TestWriteSignatureErrors(t *testing.T) {
	base := []byte("hello")
	err := WriteSignature(t.Context(), io.Discard, bytes.NewReader(base), 6, SignatureOptions{})
	wantError(t, err, "rdiff: the base has 5 bytes where 6 were announced")
	err = WriteSignature(t.Context(), io.Discard, bytes.NewReader(base), UnknownSize, SignatureOptions{})
	wantError(t, err, "")
	err = WriteSignature(t.Context(), io.Discard, io.MultiReader(bytes.NewReader(base), broken{errors.New("bad sector")}), 6, SignatureOptions{})
	wantError(t, err, "bad sector")
	err = WriteSignature(t.Context(), broken{errors.New("disk full")}, bytes.NewReader(base), 5, SignatureOptions{})
	wantError(t, err, "disk full")
}

func TestReadSignature(t *testing.T) {
	base := noise(1, 1000)
	for _, magic := range []Magic{RollsumMD4, RollsumBLAKE2, RabinKarpMD4, RabinKarpBLAKE2} {
		opts := SignatureOptions{Magic: magic, BlockLength: 300, StrongLength: 9}
		sig, err := ReadSignature(bytes.NewReader(signed(t, base, opts)))
		if err != nil {
			t.Fatal(err)
		}
		if sig.Magic != magic || sig.BlockLength != 300 || sig.StrongLength != 9 || sig.Blocks() != 4 {
			t.Errorf("%s: %+v", magic, sig)
		}
		weak := newWeakSum(magic)
		weak.update(base[900:])
		if got, strong := sig.Block(3); got != weak.digest() || !bytes.Equal(strong, magic.appendStrong(nil, base[900:])[:9]) {
			t.Errorf("%s: last block %#x %x", magic, got, strong)
		}
	}
}

func TestReadSignatureEmpty(t *testing.T) {
	sig, err := ReadSignature(bytes.NewReader(signed(t, nil, SignatureOptions{})))
	if err != nil || sig.Blocks() != 0 || sig.BlockLength != 256 || sig.StrongLength != 32 {
		t.Errorf("%+v, %v", sig, err)
	}
}

var badSignatures = []struct{ name, sig, want string }{
	{"empty", "", "rdiff: offset 0x0: header: the signature ends here; its header takes 12 bytes"},
	{"header cut", "72730147 00000100 000000", "rdiff: offset 0xb: header: the signature ends here; its header takes 12 bytes"},
	{"a delta", "72730236 03616263 0000 0000 0000 00", "rdiff: offset 0x0: magic: 0x72730236; a signature begins with 0x72730136, 37, 46 or 47"},
	{"no block length", "72730147 00000000 00000020", "rdiff: offset 0x4: block length: 0; 1 to 67108864 is allowed"},
	{"huge block length", "72730147 ffffffff 00000020", "rdiff: offset 0x4: block length: 4294967295; 1 to 67108864 is allowed"},
	{"no strong length", "72730147 00000100 00000000", "rdiff: offset 0x8: strong length: 0; 1 to 32 is allowed for rabinkarp-blake2"},
	{"strong length of BLAKE2", "72730146 00000100 00000011", "rdiff: offset 0x8: strong length: 17; 1 to 16 is allowed for rabinkarp-md4"},
	{"huge strong length", "72730137 00000100 ffffffff", "rdiff: offset 0x8: strong length: 4294967295; 1 to 32 is allowed for rollsum-blake2"},
	{"block cut", "72730136 00000100 00000002 010203040506 0102030405", "rdiff: offset 0x12: block: the signature ends after 5 of its 6 bytes"},
}

func TestReadSignatureRefuses(t *testing.T) {
	for _, test := range badSignatures {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadSignature(bytes.NewReader(unhex(t, test.sig)))
			wantError(t, err, test.want)
			if _, ok := errors.AsType[*FormatError](err); !ok {
				t.Errorf("%T", err)
			}
		})
	}
}

func TestReadSignatureTruncated(t *testing.T) {
	whole := signed(t, noise(1, 1000), SignatureOptions{StrongLength: 8})
	for n := range whole {
		_, err := ReadSignature(bytes.NewReader(whole[:n]))
		if atBlock := n >= sigHeader && (n-sigHeader)%12 == 0; atBlock != (err == nil) {
			t.Errorf("cut at %d: %v", n, err)
		}
		_, err = ReadSignature(io.MultiReader(bytes.NewReader(whole[:n]), broken{io.ErrClosedPipe}))
		if err != io.ErrClosedPipe {
			t.Errorf("pipe closed at %d: %v", n, err)
		}
	}
}

func TestMagic(t *testing.T) {
	if got := Magic(7).String(); got != "Magic(0x00000007)" {
		t.Error(got)
	}
	if got := Magic(7).MaxStrong(); got != 0 {
		t.Error(got)
	}
}

// However the window of a weak sum came about, its digest is that of its bytes.
func TestWeakSum(t *testing.T) {
	p := noise(1, 200)
	for _, magic := range []Magic{RollsumMD4, RabinKarpMD4} {
		fresh := func(p []byte) uint32 {
			w := newWeakSum(magic)
			w.update(p)
			return w.digest()
		}
		rolled := newWeakSum(magic)
		rolled.update(p[:13])
		rolled.update(p[13:50])
		for i := range 150 {
			if rolled.digest() != fresh(p[i:i+50]) {
				t.Fatalf("%s: window at %d", magic, i)
			}
			rolled.rotate(p[i], p[i+50])
		}
		for i := 150; i < 200; i++ {
			if rolled.digest() != fresh(p[i:]) {
				t.Fatalf("%s: last %d bytes", magic, 200-i)
			}
			rolled.rollout(p[i])
		}
		if rolled.digest() != fresh(nil) || rolled.n != 0 {
			t.Errorf("%s: rolled out to %+v", magic, rolled)
		}
	}
}

func FuzzReadSignature(f *testing.F) {
	for _, test := range badSignatures {
		f.Add(unhex(f, test.sig))
	}
	image := noise(1, 3000)
	f.Add(signed(f, image, SignatureOptions{}))
	f.Add(signed(f, image[1:], SignatureOptions{Magic: RollsumMD4, BlockLength: 7, StrongLength: 1}))
	f.Fuzz(func(t *testing.T, p []byte) {
		sig, err := ReadSignature(bytes.NewReader(p))
		shape, shapeErr := InspectSignature(bytes.NewReader(p))
		if (err == nil) != (shapeErr == nil) {
			t.Fatalf("ReadSignature: %v, InspectSignature: %v", err, shapeErr)
		}
		if err != nil {
			return
		}
		if shape != (Shape{sig.Magic, sig.BlockLength, sig.StrongLength, int64(sig.Blocks())}) {
			t.Fatalf("InspectSignature: %+v", shape)
		}
		opts := SignatureOptions{Magic: sig.Magic, BlockLength: sig.BlockLength, StrongLength: sig.StrongLength}
		if again := append(opts.header(), sig.sums...); !bytes.Equal(again, p) {
			t.Fatalf("reads as %x", again)
		}
		var delta bytes.Buffer
		stats, err := DeltaFromSignature(t.Context(), &delta, sig, bytes.NewReader(image))
		if err != nil || stats.Result() != int64(len(image)) || stats.Size != int64(delta.Len()) {
			t.Fatalf("%+v, %v", stats, err)
		}
	})
}
