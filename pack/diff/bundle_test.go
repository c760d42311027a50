package diff

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	opened "github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/zck"
)

const (
	aesDigits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	firstIV   = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
	secondIV  = "b0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
)

// packed packs data for a bundle; iv is an IV in hex, "" for a payload in the clear.
func packed(t testing.TB, data []byte, method opened.Compression, iv string) []byte {
	t.Helper()
	spec := opened.Spec{Compress: opened.Compress{Method: method}}
	if iv != "" {
		key, err := opened.NewAESKey(unhex(t, aesDigits))
		if err != nil {
			t.Fatal(err)
		}
		spec.Encrypt = &opened.Encrypt{Key: key, IV: [16]byte(unhex(t, iv))}
	}
	var out bytes.Buffer
	if _, err := opened.Run(context.Background(), &out, bytes.NewReader(data), spec, opened.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// member is a payload with the settings of its entry that are not told by itself.
type member struct {
	name string
	data []byte
	more string
}

// describe is a description of images for each of the members that has settings.
func describe(version string, members ...member) string {
	var entries []string
	for i, m := range members {
		if m.more == "" {
			continue
		}
		sum := sha256.Sum256(m.data)
		entries = append(entries, fmt.Sprintf("\t\t{ filename = %q; device = \"/dev/p%d\"; sha256 = \"%x\"; %s }", m.name, i, sum, m.more))
	}
	return fmt.Sprintf("software = {\n\tversion = %q;\n\thardware-compatibility = [\"1.0\"];\n\timages: (\n%s\n\t);\n};\n", version, strings.Join(entries, ",\n"))
}

// bundleOf is a bundle that is signed with the test key.
func bundleOf(t testing.TB, description string, signature string, members ...member) []byte {
	t.Helper()
	all := []swutest.Member{{Name: swu.Description, Data: description}}
	if signature != "" {
		all = append(all, swutest.Member{Name: swu.Signature, Data: signature})
	}
	for _, m := range members {
		all = append(all, swutest.Member{Name: m.name, Data: string(m.data)})
	}
	return swutest.Archive(t, all...)
}

func signed(t testing.TB, version string, members ...member) []byte {
	t.Helper()
	text := describe(version, members...)
	return bundleOf(t, text, swutest.Sign(t, testKeys, text), members...)
}

const raw = `type = "raw";`

func TestBundlePayloads(t *testing.T) {
	image := pseudo(1<<20, 1)
	other := bytes.Clone(image)
	copy(other[400_000:], "changed")
	zstd := raw + ` compressed = "zstd";`
	old := signed(t, "1.0",
		member{"rootfs-1.0.ext4.zst", packed(t, image, opened.Zstd, ""), zstd},
		member{"same", []byte("same"), raw},
		member{"gone", []byte("gone"), raw},
		member{"packed", packed(t, image[:100_000], opened.Zlib, ""), raw + ` compressed = "zlib";`},
		member{"unnamed", []byte("nobody"), ""})
	new := signed(t, "2.0",
		member{"rootfs-2.0.ext4.zst", packed(t, other, opened.Zstd, ""), zstd},
		member{"same", []byte("same"), raw},
		member{"packed", packed(t, image[:100_000], opened.Zstd, ""), zstd},
		member{"come", []byte("come"), raw},
		member{"unnamed", []byte("nobody else"), ""})
	d := compare(t, old, new, Options{})
	if len(d.Payloads) != 5 || !d.Different {
		t.Fatal(form(t, d.Payloads))
	}
	rootfs, repacked, come, unnamed, gone := d.Payloads[0], d.Payloads[1], d.Payloads[2], d.Payloads[3], d.Payloads[4]
	if b := rootfs.Content.Blocks; rootfs.Was != "rootfs-1.0.ext4.zst" || b.Same != 255 || b.Fresh != 1 || b.Gone != 1 {
		t.Errorf("%s", form(t, rootfs))
	}
	if z := rootfs.Content.Download; z == nil || z.Full != rootfs.New.Size || z.MissingRaw == 0 || z.MissingRaw > 3*zck.ChunkMax {
		t.Errorf("%+v", z)
	}
	if !repacked.Repacked || repacked.Detail || repacked.Content != nil || repacked.New.Compressed != "zstd" {
		t.Errorf("%s", form(t, repacked))
	}
	if come.Mark != Added || gone.Mark != Removed || gone.Old.Size != 4 || !unnamed.New.Unnamed || unnamed.New.FinalSize != 11 {
		t.Errorf("%s", form(t, d.Payloads))
	}
	got := strings.Join(d.Lines(), "\n")
	const want = `payload rootfs-2.0.ext4.zst, which was rootfs-1.0.ext4.zst: other content, `
	if !strings.HasPrefix(got, want) || !strings.Contains(got, `software.version: "2.0" after "1.0"`) {
		t.Errorf("%s", got)
	}
}

// Encrypted with another IV it is the same payload, which only the key tells.
func TestEncryptedAnew(t *testing.T) {
	image := pseudo(200_000, 1)
	with := func(iv string, data []byte) []byte {
		return signed(t, "1.0", member{"rootfs", packed(t, data, opened.Zstd, iv), raw + ` compressed = "zstd"; encrypted = true; ivt = "` + iv + `";`})
	}
	path := filepath.Join(t.TempDir(), "aes")
	if err := os.WriteFile(path, []byte(aesDigits+" "+firstIV), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := swufile.ReadKeys([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := compare(t, with(firstIV, image), with(secondIV, image), Options{Keys: keys})
	if d.Different || len(d.Payloads) != 1 || !d.Payloads[0].Detail || !d.Payloads[0].Repacked {
		t.Errorf("%s", form(t, d))
	}
	d = compare(t, with(firstIV, image), with(secondIV, image), Options{})
	if !d.Different || len(d.Payloads[0].Notes) != 1 || !strings.Contains(d.Payloads[0].New.Problem, "encrypted") {
		t.Errorf("%s", form(t, d))
	}
	d = compare(t, with(firstIV, image), with(secondIV, append(bytes.Clone(image), 1)), Options{Keys: keys})
	if b := d.Payloads[0].Content.Blocks; !d.Different || b.Same != 48 || b.Fresh != 1 {
		t.Errorf("%s", form(t, d))
	}
}

// What payloads hold is compared for what it is.
func TestNested(t *testing.T) {
	image := pseudo(1<<20, 1)
	header := func(data []byte) []byte {
		h, err := zck.ReadHeader(bytes.NewReader(zchunkOf(t, data, zck.Options{})))
		if err != nil {
			t.Fatal(err)
		}
		text, err := h.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	delta := `type = "delta"; properties: { chain = "raw"; url = "https://example.com/x.zck"; };`
	old := signed(t, "1", member{"mcu.bin", build(t, 9000, "ed25519"), raw}, member{"data", header(image), delta})
	new := signed(t, "1", member{"mcu.bin", build(t, 9001, "ed25519"), raw}, member{"data", header(append(bytes.Clone(image[:1<<19]), "end"...)), delta})
	d := compare(t, old, new, Options{})
	mcu, data := d.Payloads[0].Content, d.Payloads[1].Content
	if mcu.Image == nil || mcu.Image.Body.Fresh != 1 {
		t.Errorf("%s", form(t, mcu))
	}
	if z := data.Zchunk; z == nil || z.Chunks.Fresh == 0 || data.Download == nil || !data.Download.Exact {
		t.Errorf("%s", form(t, data))
	}
}

func TestSigners(t *testing.T) {
	text := describe("1.0")
	key := func(name string) sign.Key {
		data, err := os.ReadFile(filepath.Join(testKeys, name+".crt"))
		if err != nil {
			t.Fatal(err)
		}
		certificates, err := sign.ParseCertificates(data)
		if err != nil {
			t.Fatal(err)
		}
		return sign.Key{Signer: signer(t, name), Certificate: certificates[0]}
	}
	by := func(names ...string) []byte {
		var keys []sign.Key
		for _, name := range names {
			keys = append(keys, key(name))
		}
		signature, err := sign.Sign(sign.SchemeCMS, []byte(text), keys, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return bundleOf(t, text, string(signature))
	}
	raws := bundleOf(t, text, "some raw signature")
	for name, c := range map[string]struct {
		old, new  []byte
		want      string
		different bool
	}{
		"came":     {by("rsa2048"), by("rsa2048", "ec-p256"), "+ signer ", true},
		"went":     {by("rsa2048", "ec-p256"), by("rsa2048"), "- signer ", true},
		"unsigned": {by("rsa2048"), bundleOf(t, text, ""), "- kind cms", true},
		"raw":      {by("rsa2048"), raws, "~ kind cms > raw", true},
		"anew":     {by("ec-p256"), by("ec-p256"), "", false},
		"raw anew": {raws, bundleOf(t, text, "other raw signature"), "~ bytes 18 bytes > 19 bytes (detail)", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(t, c.old, c.new, Options{})
			var lines []string
			for _, change := range d.Signature {
				lines = append(lines, briefChange(change))
			}
			if got := strings.Join(lines, "\n"); !strings.Contains(got, c.want) || d.Different != c.different {
				t.Errorf("different %v\n%s", d.Different, got)
			}
		})
	}
}

func TestArchive(t *testing.T) {
	a, b := member{"a", []byte("a"), raw}, member{"b", []byte("b"), raw}
	text := describe("1", a, b)
	d := compare(t, bundleOf(t, text, "", a, b), bundleOf(t, text, "", b, a), Options{})
	if len(d.Archive) != 1 || d.Archive[0].Name != "order of payloads" || d.Archive[0].New != "b, a" || !d.Different {
		t.Errorf("%s", form(t, d))
	}
	d = compare(t, bundleOf(t, text, "", a, b), bundleOf(t, text, "", a), Options{})
	if c := d.Archive; len(c) != 1 || c[0].Mark != Added || c[0].New != "b: the description names it, but it is not in the bundle" {
		t.Errorf("%s", form(t, d))
	}
	// A description that cannot be read is told apart by its bytes.
	d = compare(t, bundleOf(t, "\xff\xfe1", "", a), bundleOf(t, "\xff\xfe2", "", a), Options{})
	if len(d.Archive) != 1 || d.Archive[0].Name != "sw-description" || len(d.Notes) != 2 || !d.Different {
		t.Errorf("%s", form(t, d))
	}
	d = compare(t, bundleOf(t, text, "", a, b), bundleOf(t, "\xff\xfe2", "", a, b), Options{})
	if len(d.Archive) != 2 || d.Archive[1].Name != "encryption of sw-description" {
		t.Errorf("%s", form(t, d))
	}
}

// A broken payload is a problem of its own, and its stored bytes are compared.
func TestBrokenPayload(t *testing.T) {
	good := packed(t, pseudo(100_000, 1), opened.Zstd, "")
	zstd := raw + ` compressed = "zstd";`
	d := compare(t, signed(t, "1", member{"x", good, zstd}), signed(t, "1", member{"x", good[:5000], zstd}), Options{})
	if p := d.Payloads[0]; p.New.Problem == "" || p.Content != nil || len(p.Notes) != 1 || !d.Different {
		t.Errorf("%s", form(t, p))
	}
	cut := signed(t, "1", member{"x", good, zstd})
	_, err := Compare(context.Background(), input("a", cut), input("b", cut[:len(cut)-600]), Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "b: ") {
		t.Errorf("%v", err)
	}
}
