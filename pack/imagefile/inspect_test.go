package imagefile

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

func inspect(t testing.TB, data []byte) *Inspection {
	t.Helper()
	ins, err := mustRead(t, data).Inspect(nil)
	if err != nil {
		t.Fatal(err)
	}
	return ins
}

// Each TLV is where it is said to be, and says what it means.
func TestInspect(t *testing.T) {
	image := build(t, everything(t))
	ins := inspect(t, image)
	if ins.Digest.Matches != "yes" || len(ins.Problems) != 0 || ins.Header.Version != "1.2.3+4" || ins.Trailer != nil {
		t.Errorf("%+v", ins)
	}
	for _, tlv := range append(ins.Protected, ins.TLVs...) {
		if got := hex.EncodeToString(image[tlv.Offset : tlv.Offset+tlv.Size]); got != tlv.Value {
			t.Errorf("%s: at %#x is %s, want %s", tlv.Name, tlv.Offset, got, tlv.Value)
		}
	}
	var said []string
	for _, tlv := range append(ins.Protected, ins.TLVs...) {
		said = append(said, tlv.Name+" "+tlv.Says)
	}
	want := []string{
		"SEC_CNT 7", `BOOT_RECORD "SPE" 1.2.3`, "DEPENDENCY image 1, 2.0.0+0 or later",
		"UUID_VID cfbff0d1-9375-5685-968c-48ce8b15ae17", "UUID_CID " + ins.ClassID, "0xa0 ", "0xab00 hi",
		"SHA256 ", "KEYHASH fwpack: testdata/keys/ed25519.pem", "ED25519 ",
	}
	if !slices.Equal(said, want) {
		t.Errorf("%q\nwant %q", said, want)
	}
	if len(ins.Dependencies) != 1 || ins.BootRecord.SoftwareType != "SPE" || *ins.SecurityCounter != 7 || ins.VendorID == "" || len(ins.ClassID) != 36 {
		t.Errorf("%+v", ins)
	}
}

// The regions of a slot follow each other from its begin to its end.
func TestInspectLayout(t *testing.T) {
	image := build(t, everything(t))
	second := slot
	second.ImageOffset = 0x1000
	for _, test := range []struct {
		data []byte
		want string
	}{
		{image, "header, body, protected TLVs, unprotected TLVs"},
		{build(t, mcuboot.Options{PadHeader: true}), "header, body, unprotected TLVs"},
		{pad(t, slot, image, mcuboot.MarkPad), "header, body, protected TLVs, unprotected TLVs, free, trailer"},
		{pad(t, second, image, mcuboot.MarkPad), "erased sector, header, body, protected TLVs, unprotected TLVs, free, trailer"},
		{append(bytes.Clone(image), 1, 2, 3), "header, body, protected TLVs, unprotected TLVs, other data"},
		{sparse(t, 0x8000, image, slot, mcuboot.MarkConfirm), "header, body, protected TLVs, unprotected TLVs, free, trailer"},
	} {
		f := mustRead(t, test.data)
		var names []string
		end := 0
		for _, r := range f.layout() {
			if r.Offset != end || r.Size <= 0 {
				t.Errorf("%s: %+v, want it at %#x", test.want, r, end)
			}
			names, end = append(names, r.Name), r.Offset+r.Size
		}
		if got := strings.Join(names, ", "); got != test.want || end != len(f.Slot) {
			t.Errorf("%s up to %#x, want %s up to %#x", got, end, test.want, len(f.Slot))
		}
	}
}

// The marks of a trailer are decoded as a bootloader does.
func TestInspectTrailer(t *testing.T) {
	image := build(t, mcuboot.Options{PadHeader: true})
	second, zeros, wide := slot, slot, mcuboot.Slot{Size: 0x8000, Align: 32}
	second.ImageOffset, zeros.ErasedZero = 0x1000, true
	put := func(s mcuboot.Slot, m mcuboot.Mark, bytes ...int) []byte {
		data := pad(t, s, image, m)
		for i := 0; i < len(bytes); i += 2 { // distances from the end and values
			data[len(data)-bytes[i]] = byte(bytes[i+1])
		}
		return data
	}
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"fresh", put(slot, mcuboot.MarkPad), "image ok unset, copy done unset, swap type unset, maximal alignment 8"},
		{"confirmed", put(slot, mcuboot.MarkConfirm), "image ok set, copy done unset, swap type unset, maximal alignment 8"},
		{"erased 0", put(zeros, mcuboot.MarkPad), "image ok unset, copy done unset, swap type unset, maximal alignment 8"},
		{"bad", put(slot, mcuboot.MarkPad, 24, 3, 32, 0, 40, 0x0f), "image ok bad, copy done bad, swap type bad, maximal alignment 8"},
		{"swapped", put(slot, mcuboot.MarkPad, 24, 1, 32, 1, 40, 0x12, 48, 0, 47, 1, 46, 0, 45, 0), "image ok set, copy done set, swap type test of image 1, swap size 256, maximal alignment 8"},
		{"wide", put(wide, mcuboot.MarkConfirm, 128, 0x05), "image ok set, copy done unset, swap type fail of image 0, maximal alignment 32"},
		{"using offset", put(second, mcuboot.MarkPad, 40, 3, 48, 8, 47, 0, 56, 9, 55, 0, 54, 0, 53, 0), "image ok unset, copy done unset, swap type permanent of image 0, swap size 9, maximal alignment 8"},
	} {
		ins := inspect(t, test.data)
		if got := ins.Trailer.String(); got != test.want {
			t.Errorf("%s: %s\nwant %s", test.name, got, test.want)
		}
		if sizes := ins.Trailer.TLVSizes; (sizes != nil) != (test.name == "using offset") || sizes != nil && *sizes != [2]uint16{8, 0xffff} {
			t.Errorf("%s: sizes %v", test.name, sizes)
		}
	}
}

// A digest is checked where it can be.
func TestInspectDigest(t *testing.T) {
	clear := encrypted(t, "ed25519")
	clear.Encryption.Clear = true
	damaged := build(t, signedWith(t, "ed25519"))
	damaged[300] ^= 1
	for _, test := range []struct {
		name          string
		data          []byte
		key           bool
		matches       string
		opened, clear bool
	}{
		{"damaged", damaged, false, "no", false, false},
		{"encrypted", build(t, encrypted(t, "ed25519")), false, "unknown", false, false},
		{"opened", build(t, encrypted(t, "ed25519")), true, "yes", true, false},
		{"clear", build(t, clear), false, "yes", false, true},
	} {
		f := mustRead(t, test.data)
		ins, err := f.Inspect(nil)
		if test.key {
			ins, err = f.Inspect(exchangeKey(t))
		}
		if err != nil || ins.Digest.Matches != test.matches || (len(ins.Problems) > 0) != (test.matches == "no") {
			t.Errorf("%s: %+v, %v", test.name, ins, err)
		}
		if e := ins.Encryption; e != nil && (e.Opened != test.opened || e.Clear != test.clear || e.Cipher != "AES-128-CTR" || e.KeyTLVs[0] != "ENCX25519") {
			t.Errorf("%s: %+v", test.name, e)
		}
	}
}

// A key whose private half everybody has is called so, however it is named.
func TestPublished(t *testing.T) {
	for _, name := range []string{"ec-p256", "ed25519"} {
		ins := inspect(t, build(t, signedWith(t, name)))
		if len(ins.Keys) != 1 || ins.Keys[0].Published != "fwpack: testdata/keys/"+name+".pem" {
			t.Errorf("%s: %+v", name, ins.Keys)
		}
	}
	for hash, fingerprint := range namedBy {
		value, err := hex.DecodeString(hash)
		where := published(mcuboot.TLV{Type: mcuboot.TLVKeyHash, Value: value})
		if err != nil || where == "" || where != keygen.Published("sha256:"+fingerprint) {
			t.Errorf("%s: %q, %v", hash, where, err)
		}
	}
	if where := published(mcuboot.TLV{Type: mcuboot.TLVKeyHash}); where != "" {
		t.Errorf("nothing is published as %q", where)
	}
}

func TestPublishedInFull(t *testing.T) {
	for _, name := range []string{"rsa2048", "rsa3072", "ec-p384", "ed25519", "ec-p256"} {
		pub := signer(t, name).Public()
		der, err := mcuboot.PublicKeyBytes(pub)
		if err != nil {
			t.Fatal(err)
		}
		fingerprint, err := sign.Fingerprint(pub)
		if err != nil {
			t.Fatal(err)
		}
		if got := published(mcuboot.TLV{Type: mcuboot.TLVPubKey, Value: der}); got == "" || got != keygen.Published(fingerprint) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestInspectJSON(t *testing.T) {
	ins := inspect(t, sparse(t, 0x8000, build(t, everything(t)), slot, mcuboot.MarkConfirm))
	data, err := json.Marshal(ins)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"format":"intel-hex"`, `"address":32768`, `"version":"1.2.3+4"`, `"image_ok":"set"`,
		`"swap_type":"unset"`, `"protected_tlvs":[{"type":80,"name":"SEC_CNT","offset":4072,"size":4,"value":"07000000","says":"7"}`,
		`"security_counter":7`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s lacks %s", data, want)
		}
	}
}

// What is taken out is what was put in.
func TestExtract(t *testing.T) {
	both := compressed(t, "ed25519")
	both.Compression.ARMThumb, both.Encryption = true, encrypted(t, "ed25519").Encryption
	for name, o := range map[string]mcuboot.Options{
		"plain": everything(t), "encrypted": encrypted(t, "ed25519"), "compressed": compressed(t, "ed25519"), "both": both,
	} {
		data := build(t, o)
		f := mustRead(t, pad(t, slot, data, mcuboot.MarkConfirm))
		dir := t.TempDir()
		parts, err := f.Extract(dir, ExtractOptions{DecryptionKey: exchangeKey(t)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body := readFile(t, dir, "body.bin")
		if !bytes.HasPrefix(body, firmwareOf(4000)) || len(body) > 4016 {
			t.Errorf("%s: body of %d bytes", name, len(body))
		}
		if !bytes.Equal(readFile(t, dir, "image.bin"), data) || len(readFile(t, dir, "trailer.bin")) != 48 {
			t.Errorf("%s: another image or trailer", name)
		}
		if o.Encryption != nil {
			if err := digestProblem(mustRead(t, readFile(t, dir, "clear.bin")).Image); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if name == "plain" && string(readFile(t, dir, "tlvs/protected-006-0xab00.bin")) != "hi" {
			t.Errorf("%s: %+v", name, parts)
		}
		dir = t.TempDir()
		if _, err := f.Extract(dir, ExtractOptions{Parts: []string{PartBody}, Raw: true}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(readFile(t, dir, "body.bin"), f.Image.Body) {
			t.Errorf("%s: raw is another body", name)
		}
	}
}

func readFile(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestExtractRefuses(t *testing.T) {
	image := build(t, signedWith(t, "ed25519"))
	damaged := bytes.Clone(image)
	damaged[300] ^= 1
	for _, test := range []struct {
		data []byte
		o    ExtractOptions
		want string
	}{
		{image, ExtractOptions{Parts: []string{"bodi"}}, `there is no part "bodi": body, image, clear, trailer, tlvs are allowed`},
		{image, ExtractOptions{Parts: []string{PartTrailer}}, "part trailer: the file has none"},
		{image, ExtractOptions{Parts: []string{PartBody, PartClear}}, "part clear: the image is not encrypted"},
		{damaged, ExtractOptions{}, "SHA256 digest"},
		{build(t, encrypted(t, "ed25519")), ExtractOptions{}, "no key to decrypt it is given"},
		{image[:1000], ExtractOptions{Raw: true}, "image size"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		_, err := mustRead(t, test.data).Extract(dir, test.o)
		wantError(t, err, test.want)
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: left %s", test.want, dir)
		}
	}
}

// What is there stays, and links lead nowhere.
func TestExtractThere(t *testing.T) {
	f := mustRead(t, build(t, signedWith(t, "ed25519")))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "image.bin"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := f.Extract(dir, ExtractOptions{})
	wantError(t, err, filepath.Join(dir, "image.bin")+": exists already")
	if left, _ := os.ReadDir(dir); len(left) != 1 || string(readFile(t, dir, "image.bin")) != "mine" {
		t.Errorf("%v", left)
	}
	if _, err := f.Extract(dir, ExtractOptions{Force: true}); err != nil || !bytes.Equal(readFile(t, dir, "image.bin"), f.stored()) {
		t.Errorf("forced: %v", err)
	}
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "tlvs")); err != nil {
		t.Fatal(err)
	}
	_, err = f.Extract(dir, ExtractOptions{Force: true})
	wantError(t, err, "escapes")
	if err := os.Symlink(filepath.Join(outside, "x"), filepath.Join(dir, "image.bin")); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("outside is %v", left)
	}
	other := t.TempDir()
	if err := os.Symlink(filepath.Join(outside, "x"), filepath.Join(other, "body.bin")); err != nil {
		t.Fatal(err)
	}
	_, err = f.Extract(other, ExtractOptions{Force: true})
	wantError(t, err, "is not a regular file")
}
