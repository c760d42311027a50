package payload

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"io"
	"math"
)

// Encrypt says how a payload is encrypted: AES-CBC with the key's length.
type Encrypt struct {
	Key AESKey
	IV  [16]byte // a fresh one for each payload
}

// Cipher names what e encrypts with: "AES-256-CBC".
func (e Encrypt) Cipher() string {
	return fmt.Sprintf("AES-%d-CBC", 8*len(e.Key.bytes()))
}

// paddedSize is the size of n bytes after encryption: there is always padding,
// a whole AES block of it where n is a multiple of 16.
func paddedSize(n int64) (int64, bool) {
	if n > math.MaxInt64-aes.BlockSize {
		return 0, false
	}
	return (n/aes.BlockSize + 1) * aes.BlockSize, true
}

const cbcBuffer = 64 << 10 // a multiple of the AES block

// cbcWriter encrypts what is written to it. Close adds the PKCS #7 padding.
type cbcWriter struct {
	dst   io.Writer
	mode  cipher.BlockMode
	buf   []byte // plaintext that waits for its block to be complete
	taken int64  // plaintext bytes so far
}

func newCBCWriter(dst io.Writer, e Encrypt) (*cbcWriter, error) {
	block, err := aes.NewCipher(e.Key.bytes())
	if err != nil {
		return nil, err
	}
	return &cbcWriter{
		dst:  dst,
		mode: cipher.NewCBCEncrypter(block, e.IV[:]),
		buf:  make([]byte, 0, cbcBuffer),
	}, nil
}

func (w *cbcWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		taken := copy(w.buf[len(w.buf):cbcBuffer], p)
		w.buf = w.buf[:len(w.buf)+taken]
		p = p[taken:]
		w.taken += int64(taken)
		if len(w.buf) < cbcBuffer {
			break
		}
		if err := w.flush(); err != nil {
			return n - len(p), err
		}
	}
	return n, nil
}

// Close encrypts the rest together with the padding: as many bytes as complete
// the last AES block, each of which holds their number (RFC 5652 §6.3).
func (w *cbcWriter) Close() error {
	pad := aes.BlockSize - len(w.buf)%aes.BlockSize
	for range pad {
		w.buf = append(w.buf, byte(pad))
	}
	return w.flush()
}

// flush encrypts and passes on the buffer, which holds whole AES blocks.
func (w *cbcWriter) flush() error {
	w.mode.CryptBlocks(w.buf, w.buf)
	_, err := w.dst.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}
