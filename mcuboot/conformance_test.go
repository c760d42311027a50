package mcuboot

import (
	"crypto/ecdh"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// write puts a file into dir and returns its path.
func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// partsOf takes an image apart without this package's help: what is hashed, and
// the unprotected TLVs.
func partsOf(t *testing.T, image []byte) (hashed []byte, tlvs map[uint16][]byte) {
	t.Helper()
	le := binary.LittleEndian
	end := int(le.Uint16(image[8:])) + int(le.Uint16(image[10:])) + int(le.Uint32(image[12:]))
	tlvs = map[uint16][]byte{}
	for at := end + 4; at < len(image); {
		n := int(le.Uint16(image[at+2:]))
		tlvs[le.Uint16(image[at:])] = image[at+4 : at+4+n]
		at += 4 + n
	}
	return image[:end], tlvs
}

// TestConformanceSignatures: OpenSSL verifies each signature over exactly the
// bytes that are hashed, or their digest.
func TestConformanceSignatures(t *testing.T) {
	reftool.Need(t, "openssl")
	pss := []string{"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256"}
	for name, how := range map[string]struct {
		tlv, digest uint16 // digest 0 stands for the bytes themselves
		args        []string
	}{
		"rsa2048":        {0x20, 0, append([]string{"-sha256"}, pss...)},
		"rsa3072":        {0x23, 0, append([]string{"-sha256"}, pss...)},
		"p256":           {0x22, 0, []string{"-sha256"}},
		"p256 sha512":    {0x22, 0, []string{"-sha512"}},
		"p384":           {0x22, 0, []string{"-sha384"}},
		"ed25519":        {0x24, 0x10, nil},
		"ed25519 sha512": {0x24, 0x12, nil},
		"ed25519 pure":   {0x24, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := signings(t)[name], t.TempDir()
			o := everything()
			o.Signing = s
			hashed, tlvs := partsOf(t, mustMarshal(t, mustBuild(t, o)))
			message := hashed
			if how.digest != 0 {
				message = tlvs[how.digest]
			}
			der, err := x509.MarshalPKIXPublicKey(s.Signer.Public())
			if err != nil {
				t.Fatal(err)
			}
			pub := write(t, dir, "pub.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
			signature := write(t, dir, "signature", tlvs[how.tlv])
			data := write(t, dir, "message", message)
			args := []string{"pkeyutl", "-verify", "-pubin", "-inkey", pub, "-rawin", "-in", data, "-sigfile", signature}
			if how.args != nil {
				args = append(append([]string{"dgst"}, how.args...), "-verify", pub, "-signature", signature, data)
			}
			if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
				t.Errorf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
			}
		})
	}
}

// python returns an interpreter that has the module.
func python(t *testing.T, module string) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import "+module).Run() == nil {
			return name
		}
	}
	reftool.Missing(t, "python3-"+module+" is not installed")
	return ""
}

// TestConformanceDecryption: python3-cryptography unwraps each kind of key and
// finds what was signed.
func TestConformanceDecryption(t *testing.T) {
	interpreter := python(t, "cryptography")
	x := hex.EncodeToString(scalar(t, ecdh.X25519(), 9).Bytes())
	keys := map[string][2]string{
		"rsa": {"rsa", "../testdata/keys/rsa2048.pem"}, "rsa 256": {"rsa", "../testdata/keys/rsa2048.pem"},
		"p256": {"p256", "../testdata/keys/ec-p256.pem"}, "p256 256": {"p256", "../testdata/keys/ec-p256.pem"},
		"x25519": {"x25519", x}, "x25519 256": {"x25519", x}, "x25519 sha512": {"x25519", x}, "x25519 sha512 256": {"x25519", x},
		"kw": {"kw", hex.EncodeToString(count(0, 16))}, "kw 256": {"kw", hex.EncodeToString(count(0, 32))},
	}
	args, dir := []string{"testdata/decrypt.py"}, t.TempDir()
	for name, r := range recipients(t) {
		r.e.Rand = random()
		o := signed()
		o.HeaderSize, o.Encryption = 44, &r.e
		path := write(t, dir, name, mustMarshal(t, mustBuild(t, o)))
		args = append(args, path, keys[name][0], keys[name][1])
	}
	out, err := exec.Command(interpreter, args...).CombinedOutput()
	if err != nil || strings.Count(string(out), "ok\n") != len(keys) {
		t.Errorf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestConformanceBootRecord: python3-cbor2 reads the record, and writes it.
func TestConformanceBootRecord(t *testing.T) {
	interpreter := python(t, "cbor2")
	const script = `
import cbor2, sys
data = bytes.fromhex(sys.argv[1])
record = cbor2.loads(data)
assert cbor2.dumps(record) == data
print({k: v.hex() if isinstance(v, bytes) else v for k, v in record.items()})
`
	o := Options{Version: Version{1, 2, 3, 4}, BootRecord: new("äSPE"), Signing: Signing{Signer: signer(t, "ec-p384")}}
	img := mustBuild(t, o)
	key, _ := Find(img.Unprotected, TLVKeyHash)
	out, err := exec.Command(interpreter, "-X", "utf8", "-c", script, hex.EncodeToString(img.Protected[0].Value)).CombinedOutput()
	want := "{1: 'äSPE', 4: '1.2.3', 5: '" + hex.EncodeToString(key.Value) + "', 6: 'SHA384', 2: '" + strings.Repeat("00", 48) + "'}\n"
	if err != nil || string(out) != want {
		t.Errorf("%v, %s\nwant %s", err, out, want)
	}
}
