package payload

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"io"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/pierrec/lz4/v4"

	"github.com/fwpack/fwpack/internal/speed"
)

// speedOf holds a run over size bytes against what its heaviest step alone takes. One
// job compresses, as it does in the reference: two get in each other's way, more on
// some machines than on others.
func speedOf(t *testing.T, ratio float64, size int, spec Spec, reference func(data []byte)) {
	t.Helper()
	data := sample(size)
	work := func() {
		if _, err := Run(t.Context(), io.Discard, bytes.NewReader(data), spec, Options{Jobs: 1}); err != nil {
			t.Fatal(err)
		}
	}
	speed.Check(t, ratio, work, func() { reference(data) })
}

func TestSpeedStore(t *testing.T) {
	speedOf(t, 1.35, 16<<20, Spec{}, func(data []byte) { sha256.Sum256(data) })
}

func TestSpeedEncrypt(t *testing.T) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	mode := cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize))
	out := make([]byte, 8<<20)
	speedOf(t, 1.2, len(out), Spec{Encrypt: encryption(t)}, func(data []byte) {
		mode.CryptBlocks(out, data)
		sha256.Sum256(out)
	})
}

func TestSpeedZlib(t *testing.T) {
	digest := sha256.New()
	encoder, err := flate.NewWriter(digest, 7) // what level 6 is mapped to
	if err != nil {
		t.Fatal(err)
	}
	speedOf(t, 1.12, 4<<20, Spec{Compress: Compress{Method: Zlib}}, func(data []byte) {
		encoder.Reset(digest)
		encoder.Write(data)
		encoder.Close()
	})
}

func TestSpeedLZ4(t *testing.T) {
	var encoder lz4.Compressor
	out := make([]byte, lz4.CompressBlockBound(lz4Block))
	speedOf(t, 1.17, 16<<20, Spec{Compress: Compress{Method: LZ4}}, func(data []byte) {
		for len(data) > 0 {
			n, err := encoder.CompressBlock(data[:lz4Block], out)
			if err != nil {
				t.Fatal(err)
			}
			sha256.Sum256(out[:n])
			data = data[lz4Block:]
		}
	})
}
