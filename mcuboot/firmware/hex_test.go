package firmware

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestParseHex(t *testing.T) {
	end := hexRec(1, 0, "")
	for _, test := range []struct{ name, text, want string }{
		{"empty", end, ""},
		{"no line end", strings.TrimSpace(end), ""},
		{"LF and lower case", strings.ToLower(strings.ReplaceAll(hexRec(0, 0x1000, "0aab"), "\r", "")) + end, "0x1000:0aab"},
		{"upper case", strings.ToUpper(hexRec(0, 0x1000, "0aab")) + end, "0x1000:0aab"},
		{"empty lines", "\n" + hexRec(0, 0, "01") + "\r\n\r\n" + end + "\n\r\n", "0x0:01"},
		{"record without data", hexRec(0, 5, "") + end, ""},
		{"longest record", hexRec(0, 0, strings.Repeat("ab", 255)) + end, "0x0:" + strings.Repeat("ab", 255)},
		{"joined", hexRec(0, 0, "0102") + hexRec(0, 2, "03") + hexRec(0, 4, "04") + end, "0x0:010203 0x4:04"},
		{"descending", hexRec(0, 2, "03") + hexRec(0, 0, "0102") + end, "0x0:010203"},
		{"linear", hexRec(4, 0, "1000") + hexRec(0, 0x1208, "01") + end, "0x10001208:01"},
		{"back to 0", hexRec(4, 0, "1000") + hexRec(4, 0, "0000") + hexRec(0, 8, "01") + end, "0x8:01"},
		{"linear over 64 KiB", hexRec(4, 0, "0001") + hexRec(0, 0xffff, "0102") + end, "0x1ffff:0102"},
		{"no base over 64 KiB", hexRec(0, 0xffff, "0102") + end, "0xffff:0102"},
		{"segment", hexRec(2, 0, "1234") + hexRec(0, 0x10, "01") + end, "0x12350:01"},
		{"segment up to its end", hexRec(2, 0, "ffff") + hexRec(0, 0xffff, "01") + end, "0x10ffef:01"},
		{"segment, then linear", hexRec(2, 0, "1234") + hexRec(4, 0, "0001") + hexRec(0, 0xffff, "0102") + end, "0x1ffff:0102"},
		{"last byte", hexRec(4, 0, "ffff") + hexRec(0, 0xffff, "01") + end, "0xffffffff:01"},
		{"linear start", hexRec(5, 0, "08000101") + end, "start 0x8000101"},
		{"start 0", hexRec(5, 0, "00000000") + end, "start 0x0"},
		{"segment start", hexRec(3, 0, "12340010") + end, "start 0x1234:0x10"},
		{"end with an address", hexRec(1, 0x100, ""), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := ParseHex("a.hex", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(m); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseHexErrors(t *testing.T) {
	end := hexRec(1, 0, "")
	for _, test := range []struct{ name, text, want string }{
		{"empty file", "", "a.hex: no end-of-file record: the file is cut off"},
		{"no end", hexRec(0, 0, "01") + hexRec(0, 1, "02"), "a.hex:2: no end-of-file record: the file is cut off"},
		{"cut off in a record", ":0100000001FE\n:01000", "a.hex:2: record of 5 hexadecimal digits, their number must be even"},
		{"cut off after a byte", ":0100000001FE\n:0100", "a.hex:2: record of 2 bytes, the shortest has 5"},
		{"only a colon", ":", "a.hex:1: record of 0 bytes, the shortest has 5"},
		{"data missing", ":0200000001FD\n", "a.hex:1: record says that it has 2 data bytes, and has 1"},
		{"data left over", ":000000010101\n", "a.hex:1: record says that it has 0 data bytes, and has 1"},
		{"checksum", hexRec(0, 0, "01") + ":0100010002FB\n", "a.hex:2: checksum is 0xFB, and should be 0xFC"},
		{"digit", ":0100000G01FE\n", "a.hex:1:9: 'G' is not a hexadecimal digit"},
		{"blank at the end", ":00000001FF \n", "a.hex:1:12: ' ' is not a hexadecimal digit"},
		{"two CR", ":00000001FF\r\r\n", `a.hex:1:12: '\r' is not a hexadecimal digit`},
		{"no colon", "00000001FF\n", "a.hex:1: a record starts with ':', not with '0'"},
		{"not text", "\x00\x01", `a.hex:1: a record starts with ':', not with '\x00'`},
		{"long", ":" + strings.Repeat("00", 261), "a.hex:1: record of 522 hexadecimal digits, a record has at most 520"},
		{"type", hexRec(6, 0, ""), "a.hex:1: record type 06 is unknown: 00 to 05 are allowed"},
		{"base address", hexRec(4, 1, "0000"), "a.hex:1: record of type 04 has the address 0x1, it must be 0"},
		{"base size", hexRec(2, 0, "00"), "a.hex:1: record of type 02 has 1 data bytes, 2 are needed"},
		{"start size", hexRec(5, 0, "0000"), "a.hex:1: record of type 05 has 2 data bytes, 4 are needed"},
		{"end size", hexRec(1, 0, "00"), "a.hex:1: record of type 01 has 1 data bytes, 0 are needed"},
		{"two starts", hexRec(5, 0, "00000001") + hexRec(3, 0, "00000001"), "a.hex:2: second start address, the first is in line 1"},
		{"after the end", end + "\n" + hexRec(0, 0, "01"), "a.hex:3: something follows the end-of-file record of line 1"},
		{"two ends", end + end, "a.hex:2: something follows the end-of-file record of line 1"},
		{"overlap", hexRec(0, 0, "01020304") + hexRec(0, 8, "05") + hexRec(0, 3, "0405") + end, "a.hex:3: 0x3-0x4 overlaps 0x0-0x3 of line 1"},
		{"overlap below", hexRec(0, 3, "0405") + hexRec(0, 0, "01020304") + end, "a.hex:2: 0x0-0x3 overlaps 0x3-0x4 of line 1"},
		{"same twice", hexRec(0, 0, "01") + hexRec(0, 0, "01") + end, "a.hex:2: 0x0-0x0 overlaps 0x0-0x0 of line 1"},
		{"beyond 32 bits", hexRec(4, 0, "ffff") + hexRec(0, 0xffff, "0102") + end, "a.hex:2: 2 bytes at 0xffffffff end beyond the 32-bit address space"},
		{"over the segment", hexRec(2, 0, "1000") + hexRec(0, 0xffff, "0102") + end, "a.hex:2: 2 bytes at 0xffff cross the end of the 64 KiB segment at 0x10000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseHex("a.hex", []byte(test.text))
			wantError(t, err, test.want)
		})
	}
}

func TestWriteHex(t *testing.T) {
	for _, test := range []struct {
		name string
		m    *Memory
		want string
	}{
		{"empty", &Memory{}, ":00000001FF\n"},
		{"16 bits", memory(t, "", 0x1f, "0123456789abcdefg"), ":10001F00303132333435363738396162636465666F\n:01002F006769\n:00000001FF\n"},
		{"hole", memory(t, "", 0, "a", 2, "b"), ":01000000619E\n:01000200629B\n:00000001FF\n"},
		{"pieces without a hole", memory(t, "", 0, "a", 1, "b"), ":0200000061623B\n:00000001FF\n"},
		{"over 64 KiB", memory(t, "", 0xfffe, "abc"), ":020000040000FA\n:02FFFE0061623E\n:020000040001F9\n:01000000639C\n:00000001FF\n"},
		{"last of 64 KiB", memory(t, "", 0xffff, "a"), ":01FFFF0061A0\n:00000001FF\n"},
		{"far", memory(t, "", 0, "a", 0x10001208, "b"), ":020000040000FA\n:01000000619E\n:020000041000EA\n:011208006283\n:00000001FF\n"},
		{"linear start", &Memory{Start: Start{StartLinear, 0x8000101}}, ":0400000508000101ED\n:00000001FF\n"},
		{"segment start", &Memory{Start: Start{StartSegment, 0x10000020}}, ":0400000310000020C9\n:00000001FF\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := hexText(t, test.m); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	m := memory(t, "", 0, "a")
	if err := m.WriteHex(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("WriteHex: %v", err)
	}
	if err := m.WriteSREC(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("WriteSREC: %v", err)
	}
}

func BenchmarkParseHex(b *testing.B) {
	m := &Memory{}
	if err := m.Add(0x8000, make([]byte, 512<<10), ""); err != nil {
		b.Fatal(err)
	}
	text := []byte(hexText(b, m))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseHex("a", text); err != nil {
			b.Fatal(err)
		}
	}
}

// A record far away, such as one of UICR behind a firmware in flash, takes no more
// memory than its bytes.
func TestFarRecord(t *testing.T) {
	near := hexRec(4, 0, "0000") + hexRec(0, 0, strings.Repeat("ab", 200))
	far := near + hexRec(4, 0, "1000") + hexRec(0, 0x1208, "ffffffff") + hexRec(4, 0, "FFFF") + hexRec(0, 0xfffe, "0102")
	allocated := func(text string) int64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := ParseHex("a.hex", []byte(text+hexRec(1, 0, "")))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.WriteHex(io.Discard); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	if more := allocated(far) - allocated(near); more > 4096 {
		t.Errorf("%d bytes more, want at most 4096", more)
	}
}
