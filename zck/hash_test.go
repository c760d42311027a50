package zck

import (
	"encoding/json"
	"testing"
)

func TestHash(t *testing.T) {
	for _, test := range []struct {
		hash         Hash
		name, option string
		digest       string // of "abc", from FIPS 180-4's examples
	}{
		{SHA256, "SHA-256", "sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{SHA512, "SHA-512", "sha512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
		{SHA512128, "SHA-512/128", "sha512_128", "ddaf35a193617abacc417349ae204131"},
		{SHA1, "SHA-1", "sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	} {
		sum := test.hash.new()
		sum.Write([]byte("abc"))
		if test.hash.of([]byte("abc")).String() != test.digest || test.hash.digest(sum).String() != test.digest {
			t.Errorf("%s: %s and %s", test.hash, test.hash.of([]byte("abc")), test.hash.digest(sum))
		}
		var back Hash
		if err := back.UnmarshalText([]byte(test.option)); err != nil || back != test.hash || test.hash.String() != test.name {
			t.Errorf("%s: %s, %v", test.option, back, err)
		}
		if text, err := test.hash.MarshalText(); string(text) != test.option || err != nil {
			t.Errorf("%s: %s, %v", test.hash, text, err)
		}
		if id := int64(hashTypes[test.hash].id); id > 3 {
			t.Errorf("%s has id %d", test.hash, id)
		}
	}
}

func TestNames(t *testing.T) {
	var h Hash
	if got := message(h.UnmarshalText([]byte("md5"))); got != `hash "md5": sha256, sha512, sha512_128 and sha1 are known` {
		t.Error(got)
	}
	if _, err := hashes.MarshalText(); err == nil || hashes.String() != "hash 4" {
		t.Errorf("%v, %s", err, hashes)
	}
	var c Compression
	if got := message(c.UnmarshalText([]byte("gzip"))); got != `compression "gzip": zstd and none are known` {
		t.Error(got)
	}
	if _, err := compressions.MarshalText(); err == nil || compressions.String() != "compression 2" {
		t.Errorf("%v, %s", err, compressions)
	}
	for _, known := range []Compression{Zstd, None} {
		text, err := known.MarshalText()
		if err != nil || c.UnmarshalText(text) != nil || c != known {
			t.Errorf("%s: %s, %v", known, text, err)
		}
	}
	var l Level
	if got := message(l.UnmarshalText([]byte("9"))); got != `level "9": fastest, fast, better and best are known` {
		t.Error(got)
	}
	for known := range levels {
		if err := l.UnmarshalText([]byte(known.String())); err != nil || l != known {
			t.Errorf("%s: %v", known, err)
		}
	}
	if levels.String() != "level 4" {
		t.Error(levels.String())
	}
}

func TestDigestsInJSON(t *testing.T) {
	got, err := json.Marshal(Chunk{Digest: "\x00\xff", Stored: 1})
	if want := `{"Digest":"00ff","RawDigest":"","Stored":1,"Size":0}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
