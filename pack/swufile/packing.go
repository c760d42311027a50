package swufile

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/pack/payload"
)

// open finds out how a payload is to be opened. Where the entries leave it unclear
// it counts as one that cannot be.
func (w *walk) open(p *Payload, stored io.Reader) io.Reader {
	if len(p.Entries) == 0 {
		return stored
	}
	first := p.Entries[0]
	p.Unclear = agree(p.Entries)
	if w.options.Raw {
		return stored
	}
	p.Packing = payload.Packing{Compress: first.Compressed, Encrypted: first.Encrypted}
	if p.Unclear == nil && first.Encrypted {
		head := bufio.NewReaderSize(stored, aes.BlockSize)
		block, _ := head.Peek(aes.BlockSize) // an error comes back with the next Read
		stored = head
		p.Packing.Encrypt, p.Unclear = w.options.Keys.encryption(first, block)
	}
	if p.Unclear != nil {
		p.Packing.Encrypted, p.Packing.Encrypt = true, nil // nothing is read from it
	}
	return stored
}

// agree wants all entries to say the same of the payload that they name.
func agree(entries []Entry) error {
	first := entries[0]
	for _, e := range entries[1:] {
		var what string
		switch {
		case e.SHA256 != first.SHA256 && e.SHA256 != "" && first.SHA256 != "":
			what = "sha256"
		case e.Compressed != first.Compressed:
			what = "compressed"
		case e.Encrypted != first.Encrypted:
			what = "encrypted"
		case e.Encrypted && e.IVT != first.IVT:
			what = "ivt"
		case e.Encrypted && e.aesKey != first.aesKey:
			what = "aes-key"
		default:
			continue
		}
		return fmt.Errorf("%s and %s contradict each other: %s differs", first.Path, e.Path, what)
	}
	return nil
}

// encryption returns what a payload that begins with block was encrypted with; nil
// where its key is not at hand.
func (k *Keys) encryption(e Entry, block []byte) (*payload.Encrypt, error) {
	iv, err := hex.DecodeString(e.IVT)
	if err != nil || e.IVT != "" && len(iv) != aes.BlockSize {
		return nil, fmt.Errorf("ivt of %s: want %d hexadecimal digits", e.Path, 2*aes.BlockSize)
	}
	if e.aesKey != "" {
		return shipped(e, iv)
	}
	if k == nil || len(k.aes) == 0 {
		return nil, nil
	}
	var first *payload.Encrypt
	for _, key := range k.aes {
		fit := &payload.Encrypt{Key: key.AESKey}
		switch {
		case e.IVT != "":
			copy(fit.IV[:], iv)
		case key.iv != nil:
			copy(fit.IV[:], key.iv)
		default:
			continue
		}
		if fits(fit, e.Compressed, block) {
			return fit, nil
		}
		if first == nil {
			first = fit
		}
	}
	if first == nil {
		return nil, fmt.Errorf("%s has no ivt, and neither has the key an IV", e.Path)
	}
	return first, nil
}

// shipped is the key that the description has itself. SWUpdate takes 64 digits,
// though its manual allows fewer.
func shipped(e Entry, iv []byte) (*payload.Encrypt, error) {
	secret, err := hex.DecodeString(e.aesKey)
	if err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("aes-key of %s: want 64 hexadecimal digits", e.Path)
	}
	if len(iv) == 0 {
		return nil, fmt.Errorf("%s has an aes-key and no ivt", e.Path)
	}
	key, err := payload.NewAESKey(secret)
	if err != nil {
		return nil, err
	}
	fit := &payload.Encrypt{Key: key}
	copy(fit.IV[:], iv)
	return fit, nil
}

// fits tells one key from others by the first block, which is all that is known:
// it must begin as what is compressed does.
func fits(e *payload.Encrypt, method payload.Compression, block []byte) bool {
	secret, err := hex.DecodeString(e.Key.Reveal())
	if err != nil || len(block) != aes.BlockSize {
		return false
	}
	defer clear(secret)
	cipherBlock, err := aes.NewCipher(secret)
	if err != nil {
		return false
	}
	head := make([]byte, aes.BlockSize)
	cipher.NewCBCDecrypter(cipherBlock, e.IV[:]).CryptBlocks(head, block)
	return method != payload.None && payload.Magic(head) == method
}
