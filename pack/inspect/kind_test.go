package inspect

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
)

const description = `// for a gateway
software = { version = "7"; hardware-compatibility = ["1.0"]; files = ({ filename = "a"; path = "/a"; }); };
`

// sample is a file and what it is.
type sample struct {
	kind Kind
	data []byte
}

func samples(t testing.TB) map[string]sample {
	der, _ := pem.Decode(readKey(t, "ec-p256.crt"))
	spki, _ := pem.Decode(readKey(t, "ec-p256.pub.pem"))
	file := zchunk(t, noise(100_000))
	header := file[:read(t, file, Options{}).Zchunk.HeaderSize]
	return map[string]sample{
		"bundle":                {KindBundle, bundle(t, description, nil, member{"a", []byte("text")})},
		"description":           {KindDescription, []byte(description)},
		"description in JSON":   {KindDescription, []byte(` { "software" : { "version": "7" } }`)},
		"CMS":                   {KindSignature, cms(t, description, "ec-p256")},
		"raw signature":         {KindSignature, noise(256)},
		"Ed25519 signature":     {KindSignature, noise(64)},
		"image":                 {KindImage, image(t, "ed25519")},
		"zck":                   {KindZchunk, file},
		"zck header":            {KindZchunk, header},
		"patch":                 {KindDelta, delta(t, noise(5000), noise(6000))},
		"signature of rdiff":    {KindDelta, rdiffSignature(t, noise(5000))},
		"private key":           {KindPEM, readKey(t, "ec-p256.pem")},
		"encrypted key":         {KindPEM, readKey(t, "ec-p256.enc.pem")},
		"certificate":           {KindPEM, readKey(t, "ec-p256.crt")},
		"text, then PEM":        {KindPEM, append([]byte("Certificate:\n    Data\n"), readKey(t, "ec-p256.crt")...)},
		"certificate in DER":    {KindPEM, der.Bytes},
		"public key in DER":     {KindPEM, spki.Bytes},
		"private key in DER":    {KindPEM, readKey(t, "ec-p256.der")},
		"RSA key in DER":        {KindPEM, readKey(t, "rsa2048.der")},
		"AES key":               {KindAESKey, []byte(aesFile())},
		"AES key of openssl -P": {KindAESKey, []byte("salt=0011223344556677\nkey=" + strings.Repeat("0", 64) + "\niv =" + strings.Repeat("1", 32) + "\n")},
		"package for phones":    {KindDFU, phonePackage(t)},
		"gzip":                  {KindCompressed, compressed(t, []byte("text"), payload.Zlib)},
		"zstd":                  {KindCompressed, compressed(t, []byte("text"), payload.Zstd)},
		"xz":                    {KindCompressed, compressed(t, []byte("text"), payload.XZ)},
		"lz4":                   {KindCompressed, compressed(t, []byte("text"), payload.LZ4)},
		"ELF":                   {KindFirmware, []byte("\x7fELF\x01\x01\x01")},
		"S-records":             {KindFirmware, []byte("S00600004844521B\n")},
		"nothing":               {KindData, nil},
		"text":                  {KindData, []byte("#!/bin/sh\nsoftware=1 exit\n")},
		"bytes":                 {KindData, noise(1000)},
	}
}

// A file is known by its content, and none of these has a problem.
func TestKinds(t *testing.T) {
	all := samples(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		ins := read(t, s.data, Options{})
		if ins.Kind != s.kind || ins.Count() > 0 {
			t.Errorf("%s: %s, problems %q", name, ins.Kind, ins.Problems)
		}
		if ins.Schema != Schema || ins.Size != int64(len(s.data)) || ins.SHA256 != digestOf(s.data) {
			t.Errorf("%s: %d bytes, sha256 %s", name, ins.Size, ins.SHA256)
		}
	}
}

// What is inside is the same as outside, and its size and digest are its own.
func TestKindsInside(t *testing.T) {
	for name, s := range samples(t) {
		for _, method := range []payload.Compression{payload.Zlib, payload.Zstd, payload.XZ, payload.LZ4} {
			ins := read(t, compressed(t, s.data, method), Options{})
			if ins.Compressed.Method != string(method) || ins.Compressed.Size != int64(len(s.data)) || ins.Compressed.SHA256 != digestOf(s.data) {
				t.Errorf("%s by %s: %+v", name, method, ins.Compressed)
			}
			if ins.Count() > 0 {
				t.Errorf("%s by %s: problems %q", name, method, ins.Problems)
			}
			if len(ins.Contents) == 0 {
				continue // see TestInsideStrict
			}
			if inner := ins.Contents[0]; inner.Kind != s.kind || inner.Size != int64(len(s.data)) || inner.SHA256 != digestOf(s.data) {
				t.Errorf("%s by %s: %s with %d bytes", name, method, inner.Kind, inner.Size)
			}
		}
	}
}

// A payload is not taken for what a person would have to mean: bytes for a raw
// signature, a digest for an AES key, erased flash for an image.
func TestInsideStrict(t *testing.T) {
	all := samples(t)
	for name, data := range map[string][]byte{
		"raw signature": all["raw signature"].data,
		"AES key":       all["AES key"].data,
		"CMS":           all["CMS"].data,
		"erased flash":  bytes.Repeat([]byte{0xff}, 10_000),
		"zeros":         make([]byte, 10_000),
		"another cpio":  []byte(strings.Repeat("070701", 100)),
		"another zip":   []byte("PK\x03\x04 and so on"),
	} {
		ins := read(t, bundle(t, description, nil, member{"a", data}), Options{})
		if ins.Count() > 0 || len(ins.Contents) > 0 {
			t.Errorf("%s: problems %q, contents %+v", name, ins.Problems, ins.Contents)
		}
	}
}

// However deep files are inside each other, there is an end.
func TestDepth(t *testing.T) {
	data := image(t, "")
	for depth := 1; depth <= 100; depth++ {
		data = compressed(t, data, payload.Zstd)
		ins := read(t, data, Options{})
		if want := min(depth, maxDepth+1); levels(ins) != want {
			t.Fatalf("%d levels of %d", levels(ins), depth)
		}
		if (ins.Count() > 0) != (depth > maxDepth) {
			t.Fatalf("depth %d: %d problems", depth, ins.Count())
		}
	}
}

func levels(ins *Inspection) int {
	if len(ins.Contents) == 0 {
		return 0
	}
	return 1 + levels(ins.Contents[0])
}

// An error of reading the file is one, wherever the reading was.
func TestReadError(t *testing.T) {
	broken := errors.New("the disk is broken")
	for name, s := range samples(t) {
		for _, n := range []int{0, 1, len(s.data) / 2, len(s.data)} {
			n = min(n, len(s.data))
			r := io.MultiReader(bytes.NewReader(s.data[:n]), failing{broken})
			if _, err := Read(context.Background(), "file", r, Options{}); !errors.Is(err, broken) || err.Error() != "file: the disk is broken" {
				t.Errorf("%s after %d bytes: %v", name, n, err)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := Read(ctx, "file", bytes.NewReader(s.data), Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Damage is a problem, and no error.
func TestDamage(t *testing.T) {
	all := samples(t)
	for name, want := range map[string]string{
		"bundle": "", "image": "offset ", "zck": "bytes behind the header: want", "zck header": "the file ends", "patch": "rdiff: ",
		"package for phones": "no zip", "gzip": "zlib: ", "zstd": "zstd: ", "xz": "xz: ", "lz4": "lz4: ",
	} {
		data := all[name].data
		ins := read(t, data[:len(data)-1-len(data)/9], Options{})
		if ins.Kind != all[name].kind || ins.Count() == 0 || !strings.Contains(strings.Join(ins.Problems, "\n"), want) {
			t.Errorf("%s: %s, problems %q", name, ins.Kind, ins.Problems)
		}
		for _, problem := range ins.Problems {
			if strings.Contains(problem, "\n") || strings.HasPrefix(problem, "file:") {
				t.Errorf("%s: %q is no line about this file", name, problem)
			}
		}
	}
}

// Whatever a file holds, Read comes to an end without a panic.
func FuzzRead(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.data)
	}
	f.Add(bundle(f, description, cms(f, description, "ec-p256"), member{"a", image(f, "ed25519")}))
	names := ring(f, "ec-p256.crt", "ed25519.pub.pem", "rsa2048.pub.pem")
	f.Fuzz(func(t *testing.T, data []byte) {
		ins, err := Read(context.Background(), "file", bytes.NewReader(data), Options{Keyring: names})
		if err != nil {
			t.Fatalf("bytes cannot be read: %v", err)
		}
		if ins.Size != int64(len(data)) || ins.Problems == nil {
			t.Errorf("%d bytes, problems %v", ins.Size, ins.Problems)
		}
	})
}

// Whatever a file begins with, recognising it does not panic, and what is inside is
// never more than outside.
func FuzzRecognise(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.data[:min(len(s.data), headSize)])
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		if inner := recognise(head, true); inner == KindBundle && recognise(head, false) != KindBundle {
			t.Error("a bundle inside, and none outside")
		}
	})
}
