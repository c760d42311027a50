package mcuboot

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is the version of an image.
type Version struct {
	Major, Minor uint8
	Revision     uint16
	Build        uint32
}

// ParseVersion reads MAJOR[.MINOR[.REVISION[+BUILD]]]. What is left out is 0.
// Major and minor are at most 255, the revision 65535, the build number
// 4294967295.
func ParseVersion(text string) (Version, error) {
	numbers := versionNumbers(text)
	if numbers == nil {
		return Version{}, fmt.Errorf("version %q: want MAJOR[.MINOR[.REVISION[+BUILD]]], decimal, without leading zeros", text)
	}
	parts := [...]struct {
		name string
		bits int
	}{{"major", 8}, {"minor", 8}, {"revision", 16}, {"build number", 32}}
	var n [len(parts)]uint64
	for i, digits := range numbers {
		var err error
		if n[i], err = strconv.ParseUint(digits, 10, parts[i].bits); err != nil {
			return Version{}, fmt.Errorf("version %q: %s %s: want at most %d", text, parts[i].name, digits, uint64(1)<<parts[i].bits-1)
		}
	}
	return Version{uint8(n[0]), uint8(n[1]), uint16(n[2]), uint32(n[3])}, nil
}

// versionNumbers returns the one to four numbers of a version by imgtool 2.4's
// grammar, nil where text is none.
func versionNumbers(text string) []string {
	release, build, built := strings.Cut(text, "+")
	numbers := strings.Split(release, ".")
	if len(numbers) > 3 || built && len(numbers) < 3 {
		return nil
	}
	if built {
		numbers = append(numbers, build)
	}
	for _, digits := range numbers {
		if strings.Trim(digits, "0123456789") != "" || digits == "" || digits[0] == '0' && digits != "0" {
			return nil
		}
	}
	return numbers
}

// String formats v as "1.2.3+4".
func (v Version) String() string {
	return fmt.Sprintf("%s+%d", v.release(), v.Build)
}

// release formats v without its build number.
func (v Version) release() string {
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Revision)
}

// UnmarshalText sets v to what ParseVersion reads.
func (v *Version) UnmarshalText(text []byte) error {
	parsed, err := ParseVersion(string(text))
	if err == nil {
		*v = parsed
	}
	return err
}

// MarshalText returns v as String formats it.
func (v Version) MarshalText() ([]byte, error) {
	return []byte(v.String()), nil
}

// Compare returns -1, 0 or 1 as v is older than w, the same, or newer, the build
// number included as with MCUBOOT_VERSION_CMP_USE_BUILD_NUMBER.
func (v Version) Compare(w Version) int {
	return cmp.Or(v.CompareRelease(w), cmp.Compare(v.Build, w.Build))
}

// CompareRelease compares without the build number, as a bootloader does by
// default.
func (v Version) CompareRelease(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Revision, w.Revision))
}

// SecurityCounter returns the counter that imgtool derives from a version for
// "-s auto": major, minor and revision in 8, 8 and 16 bits.
func (v Version) SecurityCounter() uint32 {
	return uint32(v.Major)<<24 | uint32(v.Minor)<<16 | uint32(v.Revision)
}

// append adds the eight bytes of v in a header or a dependency.
func (v Version) append(b []byte, o ByteOrder) []byte {
	b = append(b, v.Major, v.Minor)
	b = o.order().AppendUint16(b, v.Revision)
	return o.order().AppendUint32(b, v.Build)
}

// readVersion reads what append wrote.
func readVersion(b []byte, o ByteOrder) Version {
	r := o.reader()
	return Version{Major: b[0], Minor: b[1], Revision: r.Uint16(b[2:]), Build: r.Uint32(b[4:])}
}
