package payload

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// cbcReader decrypts what it reads and takes the PKCS #7 padding off the end.
type cbcReader struct {
	src  io.Reader
	mode cipher.BlockMode
	buf  []byte // decrypted, not yet handed out; at least the last block is kept back
	next []byte // memory for the following read
	part int    // bytes of an AES block that are waiting in next
	err  error
}

// errCipherLength and errPadding are what a device finds, too: OpenSSL's EVP
// functions, which SWUpdate decrypts with, refuse both.
var (
	errCipherLength = fmt.Errorf("is not a multiple of %d bytes, as what AES-CBC encrypts always is", aes.BlockSize)
	errPadding      = errors.New("the padding is wrong: encrypted with another key or IV, or damaged")
)

func newCBCReader(src io.Reader, e Encrypt) (*cbcReader, error) {
	block, err := aes.NewCipher(e.Key.bytes())
	if err != nil {
		return nil, err
	}
	return &cbcReader{src: src, mode: cipher.NewCBCDecrypter(block, e.IV[:]), next: make([]byte, cbcBuffer)}, nil
}

func (r *cbcReader) Read(p []byte) (int, error) {
	for r.err == nil && len(r.buf) <= aes.BlockSize {
		r.fill()
	}
	ready := len(r.buf)
	if r.err == nil {
		ready -= aes.BlockSize // it may be padding
	}
	n := copy(p, r.buf[:ready])
	r.buf = r.buf[n:]
	if n == 0 && ready == 0 {
		return 0, r.err
	}
	return n, nil
}

// fill decrypts what a read gives, behind the block that was kept back. The last
// block is looked at when there is nothing behind it.
func (r *cbcReader) fill() {
	n, err := io.ReadFull(r.src, r.next[r.part:])
	n += r.part
	whole := n / aes.BlockSize * aes.BlockSize
	r.mode.CryptBlocks(r.next[:whole], r.next[:whole])
	fresh := make([]byte, 0, len(r.buf)+whole)
	r.buf = append(append(fresh, r.buf...), r.next[:whole]...)
	r.part = copy(r.next, r.next[whole:n])
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		r.err = err
	case r.part > 0 || len(r.buf) == 0:
		r.err = errCipherLength
	default:
		r.err = r.unpad()
	}
}

// unpad takes the padding off: 1 to 16 bytes, each of which holds their number.
func (r *cbcReader) unpad() error {
	pad := int(r.buf[len(r.buf)-1])
	if pad < 1 || pad > aes.BlockSize {
		return errPadding
	}
	for _, b := range r.buf[len(r.buf)-pad:] {
		if int(b) != pad {
			return errPadding
		}
	}
	r.buf = r.buf[:len(r.buf)-pad]
	return io.EOF
}
