package profile

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseSize reads a number of bytes: decimal or, behind 0x, hexadecimal, with K or
// KiB (1024), M or MiB behind it.
func ParseSize(text string) (int, error) {
	digits, unit := text, 1
	for _, u := range []struct {
		name string
		size int
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"K", 1 << 10}, {"M", 1 << 20}} {
		if cut, ok := strings.CutSuffix(text, u.name); ok {
			digits, unit = strings.TrimSpace(cut), u.size
			break
		}
	}
	n, err := parseNumber(digits, math.MaxInt32)
	if err != nil || n > uint64(math.MaxInt32/unit) {
		return 0, fmt.Errorf("want a number of bytes up to 2 GiB, such as 0x60000 or 384K")
	}
	return int(n) * unit, nil
}

// ParseAddress reads an address or another number of 32 bits, decimal or behind
// 0x.
func ParseAddress(text string) (uint32, error) {
	n, err := parseNumber(text, math.MaxUint32)
	if err != nil {
		return 0, fmt.Errorf("want a number from 0 to 0xffffffff")
	}
	return uint32(n), nil
}

func parseNumber(text string, limit uint64) (uint64, error) {
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		text, base = hex, 16
	}
	n, err := strconv.ParseUint(text, base, 64)
	if err != nil || n > limit {
		return 0, fmt.Errorf("%q: not a number up to %d", text, limit)
	}
	return n, nil
}

func setSize(n *int, text string) error {
	size, err := ParseSize(text)
	if err == nil && size == 0 {
		err = fmt.Errorf("want more than 0 bytes")
	}
	if err == nil {
		*n = size
	}
	return err
}

func setNumber(n *uint32, text string) error {
	v, err := ParseAddress(text)
	if err != nil {
		if size, sizeErr := ParseSize(text); sizeErr == nil {
			v, err = uint32(size), nil
		}
	}
	if err == nil {
		*n = v
	}
	return err
}

func setAddress(addr **uint32, text string) error {
	v, err := ParseAddress(text)
	if err == nil {
		*addr = &v
	}
	return err
}
