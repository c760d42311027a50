package imagefile

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot"
)

// cut takes an image apart without the help of package mcuboot: what is hashed,
// and the unprotected TLVs.
func cut(image []byte) (hashed []byte, tlvs map[uint16][]byte) {
	le := binary.LittleEndian
	end := int(le.Uint16(image[8:])) + int(le.Uint16(image[10:])) + int(le.Uint32(image[12:]))
	tlvs = map[uint16][]byte{}
	for at := end + 4; at < end+int(le.Uint16(image[end+2:])); {
		n := int(le.Uint16(image[at+2:]))
		tlvs[le.Uint16(image[at:])] = image[at+4 : at+4+n]
		at += 4 + n
	}
	return image[:end], tlvs
}

// TestConformanceResigned: OpenSSL verifies the signature of an image that was
// signed anew, over exactly the bytes that are hashed.
func TestConformanceResigned(t *testing.T) {
	reftool.Need(t, "openssl")
	pss := []string{"-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256"}
	for key, how := range map[string]struct {
		tlv, digest uint16 // digest 0 stands for the bytes themselves
		args        []string
	}{
		"rsa2048": {0x20, 0, pss},
		"rsa3072": {0x23, 0, pss},
		"ec-p256": {0x22, 0, []string{"-sha256"}},
		"ec-p384": {0x22, 0, []string{"-sha384"}},
		"ed25519": {0x24, 0x10, nil},
	} {
		image := pad(t, slot, build(t, everything(t)), mcuboot.MarkConfirm)
		r, err := mustRead(t, image).Resign(SignOptions{Signer: signer(t, key), Rand: random()})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		out := filepath.Join(dir, "out.bin")
		if _, err := seal(r, out); err != nil {
			t.Fatal(err)
		}
		hashed, tlvs := cut(readFile(t, dir, "out.bin"))
		if how.digest != 0 {
			hashed = tlvs[how.digest]
		}
		verifyWithOpenSSL(t, dir, key, hashed, tlvs[how.tlv], how.args)
	}
}

// verifyWithOpenSSL wants OpenSSL to take the signature, and to refuse it over
// other bytes.
func verifyWithOpenSSL(t *testing.T, dir, key string, message, signature []byte, how []string) {
	t.Helper()
	changed := bytes.Clone(message)
	changed[len(changed)-1] ^= 1
	for name, data := range map[string][]byte{"message": message, "changed": changed, "signature": signature} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"message", "changed"} {
		args := []string{"pkeyutl", "-verify", "-rawin", "-inkey", keyFile(key), "-sigfile", filepath.Join(dir, "signature"), "-in", filepath.Join(dir, name)}
		if how != nil {
			args = append([]string{"dgst"}, append(how, "-prverify", keyFile(key), "-signature", filepath.Join(dir, "signature"), filepath.Join(dir, name))...)
		}
		out, err := exec.Command("openssl", args...).CombinedOutput()
		if (err == nil) != (name == "message") {
			t.Errorf("%s, %s: openssl %q: %v\n%s", key, name, args, err, out)
		}
	}
}
