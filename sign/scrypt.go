package sign

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// scrypt derives a key as RFC 7914 says, with cost n (a power of two), blocks
// of 128*r bytes and p lanes. The caller has bounded them: it takes 128*n*r
// bytes of memory and p times as much work.
//
// Only a few files need it, which is no reason for a dependency.
func scrypt(password, salt []byte, n, r, p, size int) ([]byte, error) {
	lanes, err := pbkdf2.Key(sha256.New, string(password), salt, 1, p*128*r)
	if err != nil {
		return nil, err
	}
	words := 32 * r
	table := make([]uint32, n*words)
	x, y := make([]uint32, words), make([]uint32, words)
	for i := range p {
		lane := lanes[i*128*r:][:128*r]
		for j := range x {
			x[j] = binary.LittleEndian.Uint32(lane[4*j:])
		}
		romix(x, y, table, n)
		for j, w := range x {
			binary.LittleEndian.PutUint32(lane[4*j:], w)
		}
	}
	return pbkdf2.Key(sha256.New, string(password), lanes, 1, size)
}

// romix is scryptROMix of RFC 7914, section 5, on x; y and table are scratch.
func romix(x, y, table []uint32, n int) {
	words := len(x)
	for i := range n {
		copy(table[i*words:], x)
		blockMix(x, y)
	}
	for range n {
		// Integerify: the first word of the last 64 bytes, modulo n.
		j := int(x[words-16] & uint32(n-1))
		for k, w := range table[j*words:][:words] {
			x[k] ^= w
		}
		blockMix(x, y)
	}
}

// blockMix is scryptBlockMix of section 4: it mixes x by Salsa20/8, and puts
// even blocks into the first half and odd ones into the second.
func blockMix(x, y []uint32) {
	var chain [16]uint32
	copy(chain[:], x[len(x)-16:])
	half := len(x) / 2
	for i := 0; i < len(x); i += 16 {
		for k := range chain {
			chain[k] ^= x[i+k]
		}
		salsa8(&chain)
		to := i / 2
		if i%32 != 0 {
			to = half + (i-16)/2
		}
		copy(y[to:], chain[:])
	}
	copy(x, y)
}

// salsa8 is the Salsa20/8 core of section 3: four double rounds over the
// columns and rows of a square of 16 words.
func salsa8(b *[16]uint32) {
	x := *b
	for range 4 {
		for i := range 4 { // columns, each from its place on the diagonal down
			quarter(&x, 5*i%16, (5*i+4)%16, (5*i+8)%16, (5*i+12)%16)
		}
		for i := range 4 { // rows, each from its place on the diagonal right
			row := 4 * i
			quarter(&x, row+i, row+(i+1)%4, row+(i+2)%4, row+(i+3)%4)
		}
	}
	for i := range b {
		b[i] += x[i]
	}
}

func quarter(x *[16]uint32, a, b, c, d int) {
	x[b] ^= bits.RotateLeft32(x[a]+x[d], 7)
	x[c] ^= bits.RotateLeft32(x[b]+x[a], 9)
	x[d] ^= bits.RotateLeft32(x[c]+x[b], 13)
	x[a] ^= bits.RotateLeft32(x[d]+x[c], 18)
}
