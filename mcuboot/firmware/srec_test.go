package firmware

import (
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestParseSREC(t *testing.T) {
	end := srecRec(9, "0000", "")
	for _, test := range []struct{ name, text, want string }{
		{"empty", end, ""},
		{"header", "S00600004844521B\r\n" + end, ""},
		{"example", "S1137AF00A0A0D0000000000000000000000000061\nS5030001FB\nS9030000FC\n", "0x7af0:0a0a0d00000000000000000000000000"},
		{"lower case", strings.ReplaceAll(strings.ToLower(srecRec(1, "00AB", "CDEF")), "s", "S") + end, "0xab:cdef"},
		{"24 bits", srecRec(2, "123456", "01") + srecRec(8, "000000", ""), "0x123456:01"},
		{"32 bits", srecRec(3, "fffffffe", "0102") + srecRec(7, "08000101", ""), "0xfffffffe:0102 start 0x8000101"},
		{"mixed, any order", srecRec(3, "00000010", "03") + srecRec(1, "000e", "0102") + srecRec(8, "000000", ""), "0xe:010203"},
		{"long count", srecRec(1, "0000", "01") + srecRec(6, "000001", "") + end, "0x0:01"},
		{"longest", srecRec(1, "0000", strings.Repeat("ab", 252)) + end, "0x0:" + strings.Repeat("ab", 252)},
		{"no data, no line end", srecRec(1, "0000", "") + strings.TrimSpace(end), ""},
		{"empty lines", "\n" + end + "\r\n\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := ParseSREC("a.s19", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(m); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseSRECErrors(t *testing.T) {
	end := srecRec(9, "0000", "")
	for _, test := range []struct{ name, text, want string }{
		{"empty file", "", "a.s19: no record S7, S8 or S9 at the end: the file is cut off"},
		{"no end", srecRec(1, "0000", "01"), "a.s19:1: no record S7, S8 or S9 at the end: the file is cut off"},
		{"cut off", "S11300", "a.s19:1: record of 2 bytes, the shortest of this type has 4"},
		{"odd", "S9030000F", "a.s19:1: record of 7 hexadecimal digits, their number must be even"},
		{"only a letter", "S", `a.s19:1: a record starts with 'S' and a digit, not with "S"`},
		{"no letter", ":00000001FF", `a.s19:1: a record starts with 'S' and a digit, not with ":0"`},
		{"S4", "S4030000FC", `a.s19:1: record type "S4" is unknown: S0 to S9, but not S4, are allowed`},
		{"letter", "SA030000FC", `a.s19:1: record type "SA" is unknown: S0 to S9, but not S4, are allowed`},
		{"digit", "S9030x00FC", "a.s19:1:6: 'x' is not a hexadecimal digit"},
		{"count of bytes", "S9040000FB", "a.s19:1: record says that 4 bytes follow, and 3 do"},
		{"no room for the address", "S70500000000", "a.s19:1: record of 5 bytes, the shortest of this type has 6"},
		{"checksum", "S9030000FD", "a.s19:1: checksum is 0xFD, and should be 0xFC"},
		{"long", "S1" + strings.Repeat("00", 257), "a.s19:1: record of 514 hexadecimal digits, a record has at most 512"},
		{"data at the end", srecRec(9, "0000", "01"), "a.s19:1: record S9 has 1 data bytes, none are allowed"},
		{"data in the count", srecRec(5, "0000", "01"), "a.s19:1: record S5 has 1 data bytes, none are allowed"},
		{"record count", srecRec(1, "0000", "01") + srecRec(5, "0002", "") + end, "a.s19:2: record says that there are 2 data records, and 1 are before it"},
		{"after the end", end + end, "a.s19:2: something follows the last record, in line 1"},
		{"overlap", srecRec(1, "0000", "0102") + srecRec(3, "00000001", "02") + end, "a.s19:2: 0x1-0x1 overlaps 0x0-0x1 of line 1"},
		{"beyond 32 bits", srecRec(3, "ffffffff", "0102") + end, "a.s19:1: 2 bytes at 0xffffffff end beyond the 32-bit address space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseSREC("a.s19", []byte(test.text))
			wantError(t, err, test.want)
		})
	}
}

func TestWriteSREC(t *testing.T) {
	started := memory(t, "", 0, "a")
	started.Start = Start{StartSegment, 0x10000020}
	for _, test := range []struct {
		name string
		m    *Memory
		want string
	}{
		{"empty", &Memory{}, "S0030000FC\nS9030000FC\n"},
		{"16 bits", memory(t, "", 0x1f, "0123456789abcdefg"), "S0030000FC\nS113001F303132333435363738396162636465666B\nS104002F6765\nS9030000FC\n"},
		{"24 bits", memory(t, "", 0xffff, "ab"), "S0030000FC\nS20600FFFF616238\nS804000000FB\n"},
		{"32 bits", memory(t, "", 0, "a", 0x1000000, "b"), "S0030000FC\nS306000000006198\nS306010000006296\nS70500000000FA\n"},
		{"start", started, "S0030000FC\nS2050000006199\nS804010020DA\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := srecText(t, test.m); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

// GNU objcopy reads what we write and writes what we write, apart from its
// header, which is the name of the file, and CR LF.
func TestConformanceSREC(t *testing.T) {
	reftool.Need(t, "objcopy")
	for name, m := range map[string]*Memory{
		"16": memory(t, "", 0x10, "0123456789abcdefghij", 0x100, "xyz"),
		"24": memory(t, "", 0x10, "0123456789abcdefghij", 0x10000, "xyz"),
		"32": memory(t, "", 0x10, "0123456789abcdefghij", 0x10001208, "xyz"),
	} {
		dir := t.TempDir()
		write(t, dir, "ours.hex", []byte(hexText(t, m)))
		write(t, dir, "ours.srec", []byte(srecText(t, m)))
		run(t, dir, "objcopy", "-I", "ihex", "-O", "srec", "ours.hex", "theirs.srec")
		run(t, dir, "objcopy", "-I", "srec", "-O", "ihex", "ours.srec", "theirs.hex")
		theirs := string(read(t, dir, "theirs.srec"))
		if got := withoutFirstLine(theirs); got != withoutFirstLine(srecText(t, m)) {
			t.Errorf("%s: objcopy writes\n%sand we\n%s", name, got, srecText(t, m))
		}
		for _, file := range []struct {
			format Format
			name   string
		}{{SREC, "theirs.srec"}, {IntelHex, "theirs.hex"}} {
			back, err := Parse(file.format, file.name, read(t, dir, file.name), 0)
			if err != nil || show(back) != show(m) {
				t.Errorf("%s: %s is %v, %v", name, file.name, show(back), err)
			}
		}
	}
}

func withoutFirstLine(text string) string {
	_, rest, _ := strings.Cut(strings.ReplaceAll(text, "\r", ""), "\n")
	return rest
}
