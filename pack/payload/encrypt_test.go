package payload

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"testing"
)

// The vectors are NIST SP 800-38A F.2.1, F.2.3 and F.2.5.
func TestCBCVectors(t *testing.T) {
	const plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
	for _, test := range []struct{ key, want string }{
		{
			"2b7e151628aed2a6abf7158809cf4f3c",
			"7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" +
				"73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
		},
		{
			"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
			"4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a" +
				"571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
		},
		{
			"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
			"f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d" +
				"39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
		},
	} {
		key, iv, err := ParseAESKey([]byte(test.key + " 000102030405060708090a0b0c0d0e0f"))
		if err != nil {
			t.Fatal(err)
		}
		data, _ := hex.DecodeString(plain)
		spec := Spec{Encrypt: &Encrypt{Key: key, IV: [16]byte(iv)}}
		out, _ := run(t, bytes.NewReader(data), spec, Options{})
		if got := hex.EncodeToString(out[:64]); got != test.want {
			t.Errorf("%s: %s, want %s", key, got, test.want)
		}
		if len(out) != 80 {
			t.Errorf("%s: %d bytes, want a block of padding more than 64", key, len(out))
		}
	}
}

func TestCBCWriteSizes(t *testing.T) {
	source := sample(3*cbcBuffer + 5)
	var want []byte
	for _, size := range []int{len(source), 1, 15, 16, 17, cbcBuffer - 1, cbcBuffer, cbcBuffer + 1} {
		var out bytes.Buffer
		w, err := newCBCWriter(&out, *encryption(t))
		if err != nil {
			t.Fatal(err)
		}
		for rest := source; len(rest) > 0; {
			n := min(size, len(rest))
			if got, err := w.Write(rest[:n]); got != n || err != nil {
				t.Fatalf("%d, %v", got, err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = out.Bytes()
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("writes of %d bytes: other bytes", size)
		}
	}
}

func TestCBCKeepsSource(t *testing.T) {
	source := sample(cbcBuffer * 2)
	kept := bytes.Clone(source)
	w, err := newCBCWriter(io.Discard, *encryption(t))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(source)
	if !bytes.Equal(source, kept) {
		t.Error("the source was encrypted in place")
	}
}

func TestCBCAllocates(t *testing.T) {
	w, err := newCBCWriter(io.Discard, *encryption(t))
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, cbcBuffer+100)
	if n := testing.AllocsPerRun(20, func() { w.Write(data) }); n != 0 {
		t.Errorf("%v allocations for a write", n)
	}
}

func TestCBCDestinationFails(t *testing.T) {
	full := errors.New("disk full")
	w, err := newCBCWriter(&failAfter{1, full}, *encryption(t))
	if err != nil {
		t.Fatal(err)
	}
	n, err := w.Write(make([]byte, 3*cbcBuffer))
	if n != 2*cbcBuffer || err != full {
		t.Errorf("%d, %v", n, err)
	}
	if err := w.Close(); err != full {
		t.Errorf("close: %v", err)
	}
}

func TestCBCNoKey(t *testing.T) {
	if _, err := newCBCWriter(io.Discard, Encrypt{}); err == nil {
		t.Error("encrypts without a key")
	}
}

func TestCipher(t *testing.T) {
	if got := encryption(t).Cipher(); got != "AES-256-CBC" {
		t.Errorf("cipher is %s", got)
	}
}
