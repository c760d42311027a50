package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"testing"
)

// FuzzEntry reads files of any content: what is accepted is what Put writes.
func FuzzEntry(f *testing.F) {
	key := NewKey("fuzz")
	for _, data := range []string{"", "data"} {
		f.Add([]byte(data), []byte(nil))
		tail := trailer{size: int64(len(data)), sum: sha256.Sum256([]byte(data)), meta: []byte("{}")}.marshal(key)
		f.Add([]byte(data), tail)
		f.Add([]byte(data), tail[1:])
	}
	f.Fuzz(func(t *testing.T, data, tail []byte) {
		file := append(bytes.Clone(data), tail...)
		got, err := readTrailer(bytes.NewReader(file), int64(len(file)), key)
		if err != nil {
			return
		}
		if got.size > int64(len(file)) || !bytes.Equal(append(file[:got.size:got.size], got.marshal(key)...), file) {
			t.Errorf("accepted %x as %+v", file, got)
		}
	})
}

// FuzzPut: what is put is what is found, and a changed byte of the trailer is a miss.
func FuzzPut(f *testing.F) {
	f.Add([]byte("data"), []byte("{}"), uint(0))
	f.Add([]byte(nil), []byte(nil), uint(77))
	c := Open(f.TempDir(), Limits{})
	f.Fuzz(func(t *testing.T, data, meta []byte, at uint) {
		key := NewKey(string(data), string(meta))
		if err := c.Put(context.Background(), key, meta, sha256.Sum256(data), bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		wantHit(t, c, key, string(data))
		path := c.path(payloads, key)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file[len(data)+int(at%uint(len(file)-len(data)))] ^= 0x10
		writeFile(t, path, file)
		wantMiss(t, c, key)
		c.remove(payloads, key)
	})
}
