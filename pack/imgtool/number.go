package imgtool

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// ParseInteger reads an integer literal of Python, as most numbers of imgtool
// are given: 4096, 0x1000, 0o10000, 0b1, with underscores between digits and
// blanks around.
func ParseInteger(text string) (int64, error) {
	trimmed := strings.TrimSpace(text)
	n, err := strconv.ParseInt(trimmed, 0, 64)
	switch {
	case oldOctal(trimmed) || errors.Is(err, strconv.ErrSyntax):
		return 0, fmt.Errorf("%q: want an integer, which is decimal without leading zeros, or begins with 0x, 0o or 0b", text)
	case err != nil:
		return 0, fmt.Errorf("%s: an integer of more than 64 bits", trimmed)
	}
	return n, nil
}

// oldOctal tells whether text is an octal number after a mere 0, the one thing
// that is an integer literal in Go but not in Python.
func oldOctal(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return strings.HasPrefix(digits, "0") && strings.Trim(digits, "01234567_") == "" && strings.Trim(digits, "0_") != ""
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

// ParseMaxSectors reads how many sectors the trailer has room for: the one number
// that imgtool takes in decimal alone.
func ParseMaxSectors(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mcuboot.MaxSectors {
		return 0, fmt.Errorf("%q: want a decimal number, 1 to %d", text, mcuboot.MaxSectors)
	}
	return n, nil
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
