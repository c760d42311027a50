package imgtool

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// integerText is Python's integer literal: the digits are checked by what reads
// them, but an underscore stands between two of them, and a decimal number has no
// leading zeros.
var integerText = regexp.MustCompile(`^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?[0-9])*)$`)

// ParseInteger reads an integer literal of Python, as most numbers of imgtool
// are given: 4096, 0x1000, 0o10000, 0b1, with underscores between digits and
// blanks around.
func ParseInteger(text string) (int64, error) {
	trimmed := strings.TrimSpace(text)
	if !integerText.MatchString(trimmed) {
		return 0, fmt.Errorf("%q: want an integer, which is decimal without leading zeros, or begins with 0x, 0o or 0b", text)
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(trimmed, "_", ""), 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: an integer of more than 64 bits", trimmed)
	}
	return n, nil
}

// parseBetween reads an integer literal within bounds.
func parseBetween(text string, low, high int64) (int64, error) {
	n, err := ParseInteger(text)
	if err == nil && (n < low || n > high) {
		err = fmt.Errorf("%s: want %d to %#x", text, low, high)
	}
	return n, err
}

// ParseUint32 reads an integer literal of 32 bits, such as an address.
func ParseUint32(text string) (uint32, error) {
	n, err := parseBetween(text, 0, math.MaxUint32)
	return uint32(n), err
}

// ParseSize reads the size of a slot in bytes.
func ParseSize(text string) (int, error) {
	n, err := parseBetween(text, 0, math.MaxInt32)
	return int(n), err
}

// ParseHeaderSize reads the size of the header area in bytes.
func ParseHeaderSize(text string) (int, error) {
	n, err := parseBetween(text, mcuboot.MinHeaderSize, mcuboot.MaxHeaderSize)
	return int(n), err
}

// ParseSecurityCounter reads a security counter. Auto says that it follows from
// the image's version.
func ParseSecurityCounter(text string) (counter uint32, auto bool, err error) {
	if strings.EqualFold(text, "auto") {
		return 0, true, nil
	}
	counter, err = ParseUint32(text)
	return counter, false, err
}
