package rdiff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
)

// classic is the way over a signature.
func classic(t testing.TB, base []byte, image io.Reader, opts SignatureOptions) ([]byte, Stats) {
	t.Helper()
	sig, err := ReadSignature(bytes.NewReader(signed(t, base, opts)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	stats, err := DeltaFromSignature(context.Background(), &out, sig, image)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), stats
}

func TestDeltaFromSignature(t *testing.T) {
	for _, p := range smallPairs() {
		for _, opts := range []SignatureOptions{
			{},
			{Magic: RollsumMD4, BlockLength: 777},
			{Magic: RabinKarpMD4, BlockLength: 64, StrongLength: MinStrongLength},
			{BlockLength: 1 << 20, Magic: RollsumBLAKE2},
		} {
			t.Run(fmt.Sprint(p.name, opts), func(t *testing.T) {
				delta, stats := classic(t, p.base, bytes.NewReader(p.image), opts)
				if !bytes.Equal(patched(t, p.base, delta), p.image) {
					t.Error("makes another image")
				}
				if got, err := Inspect(bytes.NewReader(delta)); err != nil || got != stats {
					t.Errorf("%+v, %v; stats %+v", got, err, stats)
				}
			})
		}
	}
}

// What `rdiff delta` 2.3.2 does with a block length of 1000: commands as
// librsync cuts them.
func TestDeltaCommands(t *testing.T) {
	a, b := noise(1, 300_000), noise(2, 200_000)
	delta, stats := classic(t, a, bytes.NewReader(join(b[:50_000], a, b[:100_000], a[:1000])), SignatureOptions{BlockLength: 1000})
	var got string
	for r := NewReader(bytes.NewReader(delta)); ; {
		cmd, err := r.Next()
		if err != nil {
			break
		}
		got += fmt.Sprintf("%s %d,", cmd.Kind, cmd.Length)
	}
	want := "literal 32768,literal 17232,copy 300000,literal 32768,literal 32768,literal 32768,literal 1696,copy 1000,"
	if got != want || stats.Copies != 2 || stats.Literals != 6 {
		t.Errorf("%s, want %s (%+v)", got, want, stats)
	}
}

func TestDeltaInPieces(t *testing.T) {
	base, image := prose(1, 100_000), join(noise(1, 50_000), prose(1, 100_000)[33:])
	want, _ := classic(t, base, bytes.NewReader(image), SignatureOptions{})
	for name, r := range map[string]io.Reader{
		"bytes":  iotest.OneByteReader(bytes.NewReader(image)),
		"halves": iotest.HalfReader(bytes.NewReader(image)),
		"eof":    iotest.DataErrReader(bytes.NewReader(image)),
	} {
		if got, _ := classic(t, base, r, SignatureOptions{}); !bytes.Equal(got, want) {
			t.Errorf("%s: another delta", name)
		}
	}
}

func TestDeltaErrors(t *testing.T) {
	sig := &Signature{Magic: RollsumMD4, BlockLength: 10, StrongLength: 16}
	_, err := DeltaFromSignature(t.Context(), io.Discard, sig, broken{errors.New("bad sector")})
	wantError(t, err, "bad sector")
	_, err = DeltaFromSignature(t.Context(), broken{errors.New("disk full")}, sig, bytes.NewReader(noise(1, 300_000)))
	wantError(t, err, "disk full")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = DeltaFromSignature(ctx, io.Discard, sig, bytes.NewReader(nil))
	wantError(t, err, "context canceled")
}
