package payload

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const (
	key128 = "000102030405060708090a0b0c0d0e0f"
	key192 = key128 + "1011121314151617"
	key256 = key128 + "101112131415161718191a1b1c1d1e1f"
	someIV = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
)

func TestParseAESKey(t *testing.T) {
	for _, test := range []struct{ what, file, key, iv string }{
		{"pair", key256 + " " + someIV + "\n", key256, someIV},
		{"pair, tab and CRLF", key256 + "\t" + someIV + "\r\n", key256, someIV},
		{"pair on two lines", "\n" + key128 + "\n" + someIV, key128, someIV},
		{"upper case", strings.ToUpper(key192 + " " + someIV), key192, someIV},
		{"third word", key256 + " " + someIV + " 0011223344556677 anything", key256, someIV},
		{"key alone", key256, key256, ""},
		{"short key alone", key128 + "\n", key128, ""},
		{"openssl enc -P", "salt=0011223344556677\nkey=" + key256 + "\niv =" + someIV + "\n", key256, someIV},
		{"without salt", "key=" + key128 + "\niv=" + someIV + "\n", key128, someIV},
		{"iv first, blanks", "\n  iv = " + strings.ToUpper(someIV) + "\r\n\r\n key = " + key192 + " \r\n", key192, someIV},
		{"named key alone", "key=" + key256, key256, ""},
	} {
		key, iv, err := ParseAESKey([]byte(test.file))
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		if got := hex.EncodeToString(key.bytes()); got != test.key {
			t.Errorf("%s: key is %s, want %s", test.what, got, test.key)
		}
		if got := hex.EncodeToString(iv); got != test.iv {
			t.Errorf("%s: IV is %s, want %s", test.what, got, test.iv)
		}
		if (iv == nil) != (test.iv == "") {
			t.Errorf("%s: IV is nil: %v", test.what, iv == nil)
		}
	}
}

func TestParseAESKeyErrors(t *testing.T) {
	const secret = "deadbeefdeadbeef"
	for _, test := range []struct{ file, want string }{
		{"", "AES key file is empty; a key of 32, 48 or 64 hexadecimal digits is needed"},
		{" \r\n\t", "AES key file is empty; a key of 32, 48 or 64 hexadecimal digits is needed"},
		{secret, "line 1: the key has 16 hexadecimal digits; 32, 48 or 64 are allowed"},
		{"\n" + secret + secret + "0 " + someIV, "line 2: the key has 33 hexadecimal digits; 32, 48 or 64 are allowed"},
		{secret + "deadbeefdeadbeeg", "line 1: the key has characters that are not hexadecimal digits"},
		{key128 + "\n" + secret, "line 2: the IV has 16 hexadecimal digits; 32 are allowed"},
		{key128 + " " + secret + "DEADbeefdeadbee-", "line 1: the IV has characters that are not hexadecimal digits"},
		{"-----BEGIN PRIVATE KEY-----\n" + secret, "line 1: a PEM file is no AES key file; a key in hexadecimal is needed"},
		{"pkcs11:id=%01?pin-value=" + secret, "line 1: a pkcs11: URI only names a key; the key itself is needed to encrypt"},
		{"key=" + secret, "line 1: the key has 16 hexadecimal digits; 32, 48 or 64 are allowed"},
		{"key=" + key128 + "\n\niv=" + secret, "line 3: the IV has 16 hexadecimal digits; 32 are allowed"},
		{"key=" + key128 + "\nkey=" + secret, "line 2: key= is there twice, first in line 1"},
		{"iv=" + someIV, "no key= line in the AES key file"},
		{"key=\niv=" + someIV, "line 1: nothing follows key="},
		{"key=" + key128 + "\n" + secret, "line 2: no line of an AES key file; key=, iv= and salt= are allowed"},
		{"password=" + secret, "line 1: no line of an AES key file; key=, iv= and salt= are allowed"},
		{strings.Repeat(secret, 1000), "16000 bytes are no AES key file; 4096 are allowed"},
	} {
		key, iv, err := ParseAESKey([]byte(test.file))
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: error is %v, want %s", test.file, err, test.want)
		}
		if !key.isZero() || iv != nil {
			t.Errorf("%q: key and IV with an error", test.file)
		}
		if err != nil && strings.Contains(strings.ToLower(err.Error()), "dead") {
			t.Errorf("error shows the key: %v", err)
		}
	}
}

// TestAESKeyHidden prints a key in every way that might show it.
func TestAESKeyHidden(t *testing.T) {
	key, _, err := ParseAESKey([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	values := []any{
		key, &key, []AESKey{key}, map[string]AESKey{"device": key},
		Encrypt{Key: key}, &Spec{Encrypt: &Encrypt{Key: key}},
		struct{ hidden AESKey }{key}, struct{ hidden *Encrypt }{&Encrypt{Key: key}},
	}
	var out strings.Builder
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "% X", "%o"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		text, _ := json.Marshal(value)
		out.Write(text)
		slog.New(slog.NewTextHandler(&out, nil)).Info("key", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "value", value)
	}
	printed := strings.ToLower(out.String())
	for _, part := range []string{"603deb", "60 3d eb", "60, 0x3d", "96 61 235", "96,61,235", "140 75 353", "yd3r"} {
		if strings.Contains(printed, part) {
			t.Errorf("a key is printed: %q", part)
		}
	}
	if !strings.Contains(printed, "aes-256 key") {
		t.Error("nothing tells that there is a key")
	}
}

func TestAESKeyString(t *testing.T) {
	for file, want := range map[string]string{key128: "AES-128 key", key192: "AES-192 key", key256: "AES-256 key"} {
		key, _, err := ParseAESKey([]byte(file))
		if err != nil {
			t.Fatal(err)
		}
		if key.String() != want || key.GoString() != want {
			t.Errorf("%s, %#v, want %s", key, key, want)
		}
		if text, err := json.Marshal(key); err != nil || string(text) != `"`+want+`"` {
			t.Errorf("JSON is %s, %v", text, err)
		}
	}
	if got := (AESKey{}).String(); got != "no AES key" {
		t.Errorf("zero key is %q", got)
	}
}

func TestAESKeyFingerprint(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range []string{key128, key192, key256} {
		key, _, err := ParseAESKey([]byte(file))
		if err != nil {
			t.Fatal(err)
		}
		again, _, _ := ParseAESKey([]byte("key=" + strings.ToUpper(file) + "\niv=" + someIV))
		print := key.Fingerprint()
		if len(print) != 32 || seen[print] || again.Fingerprint() != print {
			t.Errorf("fingerprint %q of %s; again %q", print, key, again.Fingerprint())
		}
		seen[print] = true
	}
	if got := (AESKey{}).Fingerprint(); got != "" {
		t.Errorf("zero key has fingerprint %q", got)
	}
}

// FuzzParseAESKey holds that what is accepted says the same when it is written
// again in either form.
func FuzzParseAESKey(f *testing.F) {
	for _, seed := range []string{
		key256 + " " + someIV, "salt=00\nkey=" + key128 + "\niv =" + someIV, key192, "key=\n=", "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		key, iv, err := ParseAESKey(data)
		if err != nil {
			return
		}
		digits := hex.EncodeToString(key.bytes())
		named := "key=" + digits
		if iv != nil {
			named += "\niv=" + hex.EncodeToString(iv)
		}
		for _, file := range []string{named, digits + " " + hex.EncodeToString(iv)} {
			key2, iv2, err := ParseAESKey([]byte(file))
			if err != nil || !bytes.Equal(key.bytes(), key2.bytes()) || !bytes.Equal(iv, iv2) {
				t.Fatalf("%q comes back differently: %v", data, err)
			}
		}
	})
}
