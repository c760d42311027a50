package pack

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/pack/imgtool"
)

// python is an interpreter that has the module.
func python(t *testing.T, module string) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import "+module).Run() == nil {
			return name
		}
	}
	reftool.Missing(t, "python3 with "+module+" is not installed")
	return ""
}

// kek are n bytes; the sixteenth and the last are ends of a line.
func kek(n int) []byte {
	key := bytes.Repeat([]byte{0xa5, 0x0b}, n/2)
	key[15], key[n-1] = '\n', '\n'
	return key
}

// x25519Key makes a key pair and returns the file and the private half in hex.
func x25519Key(t *testing.T, dir string) (file, private string) {
	t.Helper()
	file = filepath.Join(dir, "x25519.pem")
	if err := imgtool.Keygen(imgtool.KeygenOptions{Key: file, Type: "x25519"}); err != nil {
		t.Fatal(err)
	}
	der := run(t, nil, "openssl", "pkey", "-in", file, "-outform", "DER")
	return file, hex.EncodeToString(der[len(der)-32:])
}

// encryptedImage is an image with what it is encrypted for.
const encryptedImage = `sign = "mcu"
encrypt = "enc"
[image.bootloader]
mode = "swap-scratch"
slot-address = 0x8000
encryption = "%s"
aes-key-size = %d
[image.outputs]
ota = "ota.bin"
test = "test.bin"
factory = "factory.bin"
`

// Images for every kind of bootloader's key are opened by python3-cryptography: the
// one to upload is encrypted, the one of the factory in the clear, with a wrapped key
// of its own.
func TestConformanceImageEncryption(t *testing.T) {
	reftool.Need(t, "openssl")
	interpreter, dir := python(t, "cryptography"), t.TempDir()
	x, scalar := x25519Key(t, dir)
	kinds := []struct{ name, declared, kind, private string }{
		{"rsa-2048", "public = 'KEYS/rsa2048.pub.pem'", "rsa", testKeys + "/rsa2048.pem"},
		{"rsa-2048", "cert = 'KEYS/rsa2048.crt'\nscheme = 'cms'", "rsa", testKeys + "/rsa2048.pem"},
		{"ecies-p256", "key = 'KEYS/ec-p256.pem'", "p256", testKeys + "/ec-p256.pem"},
		{"ecies-x25519", "public = '" + filepath.ToSlash(x) + "'", "x25519", scalar},
		{"ecies-x25519-sha512", "public = '" + filepath.ToSlash(x) + "'", "x25519", scalar},
		{"aes-kw", "aes = { file = 'kek.raw' }", "kw", ""},
		{"aes-kw", "aes = { file = 'kek.hex' }", "kw", ""},
		{"aes-kw", "aes = { file = 'kek.base64' }", "kw", ""},
	}
	args, images := []string{"../mcuboot/testdata/decrypt.py"}, 0
	for _, c := range kinds {
		for _, bits := range []int{128, 256} {
			project := keyedProject(t, "[keys.mcu]\nkey = 'KEYS/ed25519.pem'\n[keys.enc]\n"+c.declared, "pad-header = true\n"+fmt.Sprintf(encryptedImage, c.name, bits))
			key := kek(bits / 8)
			writeFile(t, filepath.Join(project, "kek.raw"), key)
			writeFile(t, filepath.Join(project, "kek.hex"), []byte(hex.EncodeToString(key)+"\n"))
			writeFile(t, filepath.Join(project, "kek.base64"), []byte(base64.StdEncoding.EncodeToString(key)+"\n"))
			if c.kind == "kw" {
				c.private = hex.EncodeToString(key)
			}
			p := plan(t, project)
			if p.Images[0].Fit != nil {
				t.Errorf("%s: the room is told although the key is not known", c.name) // signature is missing
			}
			got, err := outputsOf(t, project, nil)
			if err != nil {
				t.Errorf("%s, %d: %v", c.name, bits, err)
				continue
			}
			path := filepath.Join(dir, fmt.Sprintf("%d.bin", images))
			writeFile(t, path, got["ota.bin"])
			args = append(args, path, c.kind, c.private)
			images++
			checkFactory(t, fmt.Sprintf("%s, %d", c.name, bits), got)
		}
	}
	out, err := exec.Command(interpreter, args...).CombinedOutput()
	if err != nil || strings.Count(string(out), "ok\n") != images {
		t.Errorf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// checkFactory wants the image of the factory in the clear, with a key that is not
// that of the image to upload.
func checkFactory(t *testing.T, what string, got map[string][]byte) {
	t.Helper()
	clear, _, err := mcuboot.Parse(got["factory.bin"])
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	sealed, _, err := mcuboot.Parse(got["ota.bin"])
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	last := len(clear.Unprotected) - 1
	switch {
	case !clear.Encrypted() || !bytes.HasPrefix(clear.Body, []byte(testFirmware(5000))):
		t.Errorf("%s: the image of the factory is not in the clear, or has no flag: %s", what, clear.Header.Flags)
	case clear.Unprotected[last].Type != sealed.Unprotected[last].Type || bytes.Equal(clear.Unprotected[last].Value, sealed.Unprotected[last].Value):
		t.Errorf("%s: wrapped keys %s and %s", what, clear.Unprotected[last].Type, sealed.Unprotected[last].Type)
	case bytes.Contains(sealed.Body, []byte(testFirmware(16))) || !bytes.HasPrefix(got["test.bin"], got["ota.bin"]):
		t.Errorf("%s: the upgrade is not encrypted", what)
	}
}

// Key-encryption keys of the wrong length or form are refused; so are keys with which
// no bootloader decrypts.
func TestImageEncryptionWrong(t *testing.T) {
	for key, want := range map[string]string{
		"[keys.enc]\naes = { file = 'kek' }\n":        "",
		"[keys.enc]\naes = { file = 'iv' }\n":         "iv: has an IV, too, as the key of a payload: AES key wrap takes a key alone",
		"[keys.enc]\naes = { file = 'kek17' }":        "kek17: want a key-encryption key of 16 or 32 bytes, as they are, in base64 or in hexadecimal",
		"[keys.enc]\naes = { file = 'kek32' }":        "key-encryption key of 32 bytes: want 16, as many as the AES key has",
		"[keys.enc]\npublic = 'KEYS/rsa3072.pub.pem'": "encryption for a key of type rsa-3072: bootloaders decrypt with",
		"[keys.enc]\npublic = 'KEYS/ec-p384.pub.pem'": "encryption for a key of type ecdsa-p384: bootloaders decrypt with",
		"[keys.enc]\npublic = 'KEYS/ed25519.pub.pem'": "encryption for a key of type ed25519: bootloaders decrypt with",
		"[keys.enc]\npublic = 'KEYS/rsa2048.pub.pem'": `rule "decryption"`,
	} {
		project := keyedProject(t, key+"\n[keys.mcu]\nkey = 'KEYS/ed25519.pem'", "pad-header = true\n"+fmt.Sprintf(encryptedImage, "aes-kw", 128))
		writeFile(t, filepath.Join(project, "kek"), kek(16))
		writeFile(t, filepath.Join(project, "kek17"), append(kek(16), '\n'))
		writeFile(t, filepath.Join(project, "kek32"), kek(32))
		writeFile(t, filepath.Join(project, "iv"), []byte(deviceAES))
		_, err := outputsOf(t, project, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", key, err, want)
		}
	}
}

// hexScript prints the bytes that intelhex finds in a file: address, and digits.
const hexScript = `
import sys
from intelhex import IntelHex
for path in sys.argv[1:]:
    h = IntelHex(path)
    for start, end in h.segments():
        print("%x %s" % (start, bytes(h.tobinarray(start, size=end - start)).hex()))
    print("end")
`

// intelhex finds in the files with addresses exactly what is in the ones without, and
// nothing of what is erased.
func TestConformanceImageHex(t *testing.T) {
	interpreter := python(t, "intelhex")
	dir := keyedProject(t, "[keys.mcu]\nkey = 'KEYS/ed25519.pem'", everyOutput+"[[image.factory]]\nfile = \"boot.bin\"\naddress = 0x100\n[[image.factory]]\nfile = \"uicr.hex\"\n")
	writeFile(t, filepath.Join(dir, "boot.bin"), []byte("bootloader"))
	var uicr firmware.Memory
	if err := uicr.Add(0x9f00, []byte("uicr"), ""); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := uicr.WriteHex(&text); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "uicr.hex"), text.Bytes())
	got, err := outputsOf(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-c", hexScript}
	for _, name := range []string{"a", "t", "c", "f"} {
		args = append(args, filepath.Join(dir, "dist", name+".hex"))
	}
	ota, trailer := hex.EncodeToString(got["a.bin"]), got["t.bin"]
	line := func(addr int, data string) string { return fmt.Sprintf("%x %s\n", addr, data) }
	end := 0x20000 + 64<<10
	magic := hex.EncodeToString(trailer[len(trailer)-16:])
	want := line(0x8000, ota) + "end\n" +
		line(0x20000, ota) + line(end-24, strings.Repeat("ff", 8)+magic) + "end\n" +
		line(0x20000, ota) + line(end-24, "01"+strings.Repeat("ff", 7)+magic) + "end\n" +
		line(0x100, hex.EncodeToString([]byte("bootloader"))) + line(0x8000, ota) + line(0x9f00, hex.EncodeToString([]byte("uicr"))) + "end\n"
	if out := string(run(t, nil, interpreter, args...)); out != want {
		t.Errorf("intelhex reads\n%.3000s\nwant\n%.3000s", out, want)
	}
	flat := append(append(bytes.Clone([]byte("bootloader")), bytes.Repeat([]byte{0xff}, 0x8000-0x10a)...), got["a.bin"]...)
	flat = append(append(flat, bytes.Repeat([]byte{0xff}, 0x9f00-0x100-len(flat))...), "uicr"...)
	if !bytes.Equal(got["f.bin"], flat) {
		t.Errorf("the flat factory image has %d bytes, want %d", len(got["f.bin"]), len(flat))
	}
}
