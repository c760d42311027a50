package swu

import "github.com/fwpack/fwpack/internal/cpio"

// Sum adds up bytes modulo 2^32, as the check field of a 070702 header wants.
// SWUpdate calls it a checksum, cpio a CRC; it is neither, and no protection
// against anyone. The zero Sum is ready to use. It never fails and costs a
// fraction of any hash's time.
type Sum struct {
	sum uint32
}

// Write adds the bytes of p.
func (s *Sum) Write(p []byte) (int, error) {
	s.sum = cpio.AddSum(s.sum, p)
	return len(p), nil
}

// Sum32 returns the sum of the bytes written so far.
func (s *Sum) Sum32() uint32 {
	return s.sum
}
