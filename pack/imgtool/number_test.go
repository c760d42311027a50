package imgtool

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

func TestParseInteger(t *testing.T) {
	for _, test := range []struct {
		text string
		want int64
	}{
		{"0", 0}, {"00", 0}, {"0_0", 0}, {"7", 7}, {"-7", -7}, {"+7", 7}, {" 4096\t", 4096},
		{"0x1000", 4096}, {"0X1F", 31}, {"0x_1f", 31}, {"0o17", 15}, {"0O7", 7}, {"0b101", 5}, {"-0B1", -1},
		{"1_000_000", 1000000}, {"9223372036854775807", 1<<63 - 1},
	} {
		if got, err := ParseInteger(test.text); err != nil || got != test.want {
			t.Errorf("%q: %d, %v, want %d", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", " ", "010", "0x", "0xg", "1__0", "_1", "1_", "1K", "384K", "1.0", "1e3", "0b2", "0o8", "--1", "0x 1", "auto"} {
		if got, err := ParseInteger(text); err == nil || !strings.Contains(err.Error(), "want an integer") {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	_, err := ParseInteger("0x10000000000000000")
	wantError(t, err, "an integer of more than 64 bits")
}

func TestParseBounds(t *testing.T) {
	for _, test := range []struct {
		parse func(string) (string, error)
		text  string
		want  string // "" is an error
	}{
		{shown(ParseUint32), "0xffffffff", "4294967295"}, {shown(ParseUint32), "0x100000000", ""}, {shown(ParseUint32), "-1", ""},
		{shown(ParseSize), "0x4000", "16384"}, {shown(ParseSize), "0", "0"}, {shown(ParseSize), "-1", ""}, {shown(ParseSize), "0x80000000", ""},
		{shown(ParseHeaderSize), "32", "32"}, {shown(ParseHeaderSize), "31", ""}, {shown(ParseHeaderSize), "0xffff", "65535"}, {shown(ParseHeaderSize), "65536", ""},
		{shown(ParseMaxSectors), "1", "1"}, {shown(ParseMaxSectors), "0", ""}, {shown(ParseMaxSectors), "-1", ""}, {shown(ParseMaxSectors), "0x80", ""},
		{shown(ParseMaxSectors), "1048576", "1048576"}, {shown(ParseMaxSectors), "1048577", ""},
		{shown(ParseTag), "0xa0", "0xa0"}, {shown(ParseTag), "65536", ""},
	} {
		got, err := test.parse(test.text)
		if (err != nil) != (test.want == "") || err == nil && got != test.want {
			t.Errorf("%s: %s, %v, want %q", test.text, got, err, test.want)
		}
	}
}

// shown makes the results of parsers alike.
func shown[T any](parse func(string) (T, error)) func(string) (string, error) {
	return func(text string) (string, error) {
		value, err := parse(text)
		return fmt.Sprint(value), err
	}
}

func TestParseSecurityCounter(t *testing.T) {
	for _, test := range []struct {
		text    string
		counter uint32
		auto    bool
		ok      bool
	}{
		{"auto", 0, true, true}, {"AUTO", 0, true, true}, {"7", 7, false, true}, {"0x10", 16, false, true},
		{"-1", 0, false, false}, {"0x100000000", 0, false, false}, {"soon", 0, false, false},
	} {
		counter, auto, err := ParseSecurityCounter(test.text)
		if (err == nil) != test.ok || test.ok && (counter != test.counter || auto != test.auto) {
			t.Errorf("%q: %d, %t, %v", test.text, counter, auto, err)
		}
	}
}

func TestParseWords(t *testing.T) {
	for _, test := range []struct {
		parse func(string) (string, error)
		text  string
		want  string // of the value, or of the error
	}{
		{shown(ParseErased), "0", "true"}, {shown(ParseErased), "0xff", "false"}, {shown(ParseErased), "255", `"255": want one of 0, 0xff`},
		{shown(ParseByteOrder), "big", "big"}, {shown(ParseByteOrder), "little", "little"}, {shown(ParseByteOrder), "middle", "want one of little, big"},
		{shown(ParseHash), "auto", "unknown hash value 0"}, {shown(ParseHash), "256", "SHA-256"}, {shown(ParseHash), "384", "SHA-384"},
		{shown(ParseHash), "512", "SHA-512"}, {shown(ParseHash), "1", "want one of auto, 256, 384, 512"},
		{shown(ParseHMAC), "512", "SHA-512"}, {shown(ParseHMAC), "384", "want one of auto, 256, 512"},
		{shown(ParseKeyFormat), "full", "true"}, {shown(ParseKeyFormat), "hash", "false"}, {shown(ParseKeyFormat), "raw", "want one of hash, full"},
		{shown(ParseCompression), "lzma2", "lzma2"}, {shown(ParseCompression), "lzma", "want one of disabled, lzma2, lzma2armthumb"},
		{shown(ParseVector), "digest", "digest"}, {shown(ParseVector), "hash", "want one of payload, digest"},
		{shown(ParseEncoding), "pem", "pem"}, {shown(ParseEncoding), "der", "want one of lang-c, lang-rust, pem, raw"},
		{shown(ParseHashEncoding), "raw", "raw"}, {shown(ParseHashEncoding), "pem", "want one of lang-c, raw"},
		{shown(ParseLanguage), "rust", "lang-rust"}, {shown(ParseLanguage), "go", "want one of c, rust"},
		{shown(ParseFormat), "yaml", "yaml"}, {shown(ParseFormat), "xml", "want one of human, yaml, json"},
		{shown(ParsePrivateFormat), "openssl", "1"}, {shown(ParsePrivateFormat), "pkcs8", "2"}, {shown(ParsePrivateFormat), "pkcs1", "want one of openssl, pkcs8"},
		{shown(ParseKeyHalf), "public", "public"}, {shown(ParseKeyHalf), "both", "want one of private, public"},
		{shown(ParseKeyType), "x25519", "x25519"}, {shown(ParseKeyType), "rsa-4096", "want one of rsa-2048, rsa-3072, ecdsa-p256, ecdsa-p384, ed25519, x25519"},
	} {
		got, err := test.parse(test.text)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, want %s", test.text, got, test.want)
		}
	}
}

func TestParseChoice(t *testing.T) {
	if n, err := ParseChoice("16", 8, 16, 32); n != 16 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, text := range []string{"64", "0x10", "", " 8"} {
		_, err := ParseChoice(text, 8, 16, 32)
		wantError(t, err, "want one of 8, 16, 32")
	}
}

func FuzzParseInteger(f *testing.F) {
	for _, text := range []string{"0", "0x1f", "1_0", "-0b1", "010", " 7 "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseInteger(text)
		if err != nil {
			return
		}
		// Where Go and Python agree on literals, so must this.
		if want, ok := new(big.Int).SetString(strings.TrimPrefix(strings.TrimSpace(text), "+"), 0); ok && want.Int64() != n {
			t.Errorf("%q: %d, want %s", text, n, want)
		}
	})
}
