package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImgtoolRanges: the last value that is taken, and the first that is not.
func TestImgtoolRanges(t *testing.T) {
	dir := imgtoolFolder(t, 0, 1000)
	for name, size := range map[string]int{"fits.txt": 65527, "over.txt": 65528} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ good, bad, want string }{
		{"-v 255.255.65535+4294967295", "-v 256", "major 256: want at most 255"},
		{"-v 0", "-v 1.256", "minor 256: want at most 255"},
		{"-v 1.2.3", "-v 1.2.65536", "revision 65536: want at most 65535"},
		{"-v 1.2.3+0", "-v 1.2.3+4294967296", "build number 4294967296: want at most 4294967295"},
		{"-v 0.0.0+0", "-v 01.2", "want MAJOR[.MINOR[.REVISION[+BUILD]]]"},
		{"-v 1.2", "-v 1.2+4", "want MAJOR[.MINOR[.REVISION[+BUILD]]]"},
		{"-v 1.2.3+4", "-v 1.2.3.4", "want MAJOR[.MINOR[.REVISION[+BUILD]]]"},
		{"-H 32", "-H 31", "31: want 32 to 0xffff"},
		{"-H 65535", "-H 65536", "65536: want 32 to 0xffff"},
		{"-H 33", "-H 0b11111", "0b11111: want 32"},
		{"-S 0", "-S -1", "-1: want 0 to 0x7fffffff"},
		{"-S 1504", "-S 1503", "1 more than the slot of 1503 has"},
		{"-S 0x7fffffff", "-S 0x80000000", "want 0 to 0x7fffffff"},
		{"--align 32", "--align 64", "want one of 1, 2, 4, 8, 16, 32"},
		{"--align 1", "--align 0", "want one of 1, 2, 4, 8, 16, 32"},
		{"--max-align 32", "--max-align 4", "want one of 8, 16, 32"},
		{"-M 1", "-M 0", "want a decimal number, 1 to 1048576"},
		{"-R 0xff", "-R 255", "want one of 0, 0xff"},
		{"-e big", "-e middle", "want one of little, big"},
		{"-x 0xffffffff", "-x 0x100000000", "want 0 to 0xffffffff"},
		{"-L 0xffffffff", "-L 0x100000000", "want 0 to 0xffffffff"},
		{"-F 0", "-F -1", "want 0 to 0xffffffff"},
		{"-L 0 -F 0", "-L 1 -F 1", "one of them is allowed"},
		{"-s 4294967295", "-s 4294967296", "want 0 to 0xffffffff"},
		{"-s AUTO", "-s 010", "want an integer"},
		{"-d (255,255.255.65535+4294967295)", "-d (256,1)", "image 256: want 0 to 255"},
		{"-d (0,0)", "-d (0,0)(1,1)", "want (IMAGE,VERSION)"},
		{"-d (1,1),(1,2)", "-d (1,1.256)", "minor 256"},
		{"--boot-record 0123456789äb", "--boot-record 0123456789abc", "13 characters: want at most 12"},
		{"--custom-tlv 0xa0 x", "--custom-tlv 0x9f x", "custom TLV 0x9f: want 0xa0 to 0xfffe"},
		{"--custom-tlv 0xfffe x", "--custom-tlv 0xffff x", "custom TLV 0xffff: want 0xa0 to 0xfffe"},
		{"--custom-tlv 0xa1 0x", "--custom-tlv 0xa1 0x1", "odd number of digits"},
		{"--custom-tlv 0xa0 1 --custom-tlv 0xa1 1", "--custom-tlv 0xa0 1 --custom-tlv 160 1", "custom TLV 0xa0: there are two"},
		{"--custom-tlv-file 0xa0 fits.txt", "--custom-tlv-file 0xa0 over.txt", "65536 bytes: want at most 65535"},
		{"--custom-tlv-file 0xa0 in.bin", "--custom-tlv-file 0x71 in.bin", "is DECOMP_SHA to MCUboot"},
		{"--vid example.com --cid x", "--cid x", "needs a vendor"},
		{"--vid cfbff0d1-9375-5685-968c-48ce8b15ae17", "--vid \x01", "want a UUID or printable text"},
		{"--sha 512", "--sha 1", "want one of auto, 256, 384, 512"},
		{"--hmac-sha 512", "--hmac-sha 384", "want one of auto, 256, 512"},
		{"--encrypt-keylen 256", "--encrypt-keylen 192", "want one of 128, 256"},
		{"--compression disabled", "--compression lzma", "want one of disabled, lzma2, lzma2armthumb"},
		{"--public-key-format full", "--public-key-format raw", "want one of hash, full"},
		{"--vector-to-sign digest", "--vector-to-sign signature", "want one of payload, digest"},
		{"-k ed.pem --pure", "-k ed.pem --pure --sha 512", "want --sha auto"},
		{"-k ed.pem --sha 512", "-k ed.pem --sha 384", "want one of [SHA-256 SHA-512]"},
	} {
		for options, want := range map[string]string{test.good: "", test.bad: test.want} {
			if options == "" {
				continue
			}
			args := append(strings.Fields("imgtool sign -v 1 -H 32 -S 0x40000 --pad-header in.bin out.bin"), strings.Fields(options)...)
			status, _, stderr := inProcess(t, inFolder(dir, args)...)
			if (status == statusUsage) != (want != "") || !strings.Contains(stderr, want) {
				t.Errorf("%s: status %d, %swant %q", options, status, stderr, want)
			}
		}
	}
}
