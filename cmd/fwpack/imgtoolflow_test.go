package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// zephyrFolder is what a build of Zephyr leaves: a firmware that is linked with
// 512 bytes 0 in front, one without, both as HEX too, and keys.
func zephyrFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	body := bytes.Repeat([]byte("thumb code of the firmware, "), 100)
	linked := append(make([]byte, 0x200), body...)
	for name, data := range map[string][]byte{
		"zephyr.bin": linked, "zephyr.hex": hexText(t, 0xc000, linked),
		"app.bin": body, "tfm_merged.hex": hexText(t, 0xc200, body),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, kind := range map[string]string{"rsa.pem": "rsa-2048", "p256.pem": "ecdsa-p256", "ed.pem": "ed25519", "x25519.pem": "x25519"} {
		if status, _, stderr := inProcess(t, "imgtool", "keygen", "--key", filepath.Join(dir, name), "--type", kind); status != statusDone {
			t.Fatal(stderr)
		}
	}
	return dir
}

func hexText(t *testing.T, addr uint32, data []byte) []byte {
	t.Helper()
	var memory firmware.Memory
	var text bytes.Buffer
	if err := memory.Add(addr, data, "test"); err != nil {
		t.Fatal(err)
	}
	if err := memory.WriteHex(&text); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// TestImgtoolFlows: the command lines that others make, each of which gives an
// image that its key verifies. They are those of Zephyr (west sign of 2.x to 4.x,
// cmake/mcuboot.cmake, the metadata of PSE84), of the nRF Connect SDK
// (cmake/sysbuild/image_signing*.cmake, sign_sysbuild.cmake, sdp.cmake), of
// MCUboot's own build, and of ESP-IDF's port.
func TestImgtoolFlows(t *testing.T) {
	dir := zephyrFolder(t)
	for _, test := range []struct{ from, key, args, want string }{
		{"west 1", "rsa.pem", "sign --align 4 --header-size 512 --slot-size 0x60000 --version 0.0.0+0 zephyr.bin out.bin --key rsa.pem --version 1.2.3+4", "1.2.3+4"},
		{"west 2", "rsa.pem", "sign --version 0.0.0+0 --align 4 --header-size 512 --slot-size 393216 --key rsa.pem zephyr.bin out.bin", "0.0.0+0"},
		{"west 2, hex", "rsa.pem", "sign --version 0.0.0+0 --align 4 --header-size 512 --slot-size 393216 --key rsa.pem zephyr.hex out.hex", "0.0.0+0"},
		{"west, other names", "", "sign --align 8 --header-size 32 --pad-header --security-counter auto --slot-size 393216 --rom-fixed 0x8020000 --version 1.2.3 app.bin out.img.bin", "ROM_FIXED (0x100)"},
		{"cmake", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 4 --key p256.pem zephyr.bin out.bin", "ECDSASIG"},
		{"cmake, sectors", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --max-sectors 256 --align 4 --key p256.pem zephyr.hex out.hex", "ECDSASIG"},
		{"cmake, overwrite", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --overwrite-only --align 1 --key p256.pem zephyr.bin out.bin", "ECDSASIG"},
		{"cmake, RAM", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 1 --load-addr 0x20000000 --key p256.pem --hex-addr 0xc000 zephyr.bin out.bin", "RAM_LOAD (0x20)"},
		{"cmake, RAM, hex", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 1 --load-addr 0x20000000 --key p256.pem --hex-addr 0x6c000 zephyr.hex out.hex", "RAM_LOAD (0x20)"},
		{"cmake, confirmed", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 4 --key p256.pem --pad --confirm zephyr.bin out.bin", "image_ok:    SET (0x1)"},
		{"cmake, confirmed, hex", "p256.pem", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 4 --key p256.pem --pad --confirm zephyr.hex out.hex", "image_ok:    SET (0x1)"},
		{"cmake, unsigned", "", "sign --version 0.0.0+0 --header-size 0x200 --slot-size 0x60000 --align 4 zephyr.bin out.bin", "SHA256"},
		{"cmake, encrypted", "encrypted", "sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 4 --key p256.pem --encrypt p256.pem zephyr.bin out.bin", "ENCEC256"},
		{"PSE84", "p256.pem", "sign --version 0.0.0+0 --header-size 0x400 --erased-val 0xff --pad-header --slot-size 0x60000 --hex-addr 0x60580000 --key p256.pem --security-counter 0 app.bin out.hex", "SEC_CNT"},
		{"NCS", "ed.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --pad-header --header-size 0x200 -k ed.pem --sha 512 tfm_merged.hex out.bin", "SHA512"},
		{"NCS, pure", "ed.pem", "sign --version 1.2.3+4 --align 16 --slot-size 0x60000 --pad-header --header-size 0x800 -k ed.pem --pure app.bin out.bin", "SIG_PURE"},
		{"NCS, direct-xip", "ed.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 --rom-fixed 0xc000 -k ed.pem --confirm zephyr.hex out.hex", "ROM_FIXED (0x100)"},
		{"NCS, counter", "p256.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 -k p256.pem --security-counter 7 zephyr.bin out.bin", "SEC_CNT"},
		{"NCS, encrypted", "encrypted", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 -k ed.pem --sha 512 --encrypt-keylen 256 --encrypt x25519.pem zephyr.bin out.bin", "ENCRYPTED_AES256 (0x8)"},
		{"NCS, clear", "ed.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 -k ed.pem --encrypt x25519.pem --clear --confirm zephyr.hex out.hex", "ENCX25519"},
		{"NCS, HMAC-SHA512", "encrypted", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 -k ed.pem --pure --encrypt x25519.pem --hmac-sha 512 zephyr.bin out.bin", "ENCX25519_SHA512"},
		{"NCS, no AES-256 without a key", "p256.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 -k p256.pem --encrypt-keylen 256 zephyr.bin out.bin", "ECDSASIG"},
		{"NCS, compressed", "ed.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --pad-header --header-size 0x200 -k ed.pem --compression lzma2armthumb app.bin out.bin", "COMPRESSED_ARM_THUMB (0x800)"},
		{"NCS, installer", "p256.pem", "sign --version 1.2.3+4 --align 4 --slot-size 0x60000 --header-size 0x200 --overwrite-only --custom-tlv 0xa0 0x01 -k p256.pem zephyr.bin out.bin", "UNKNOWN (0xa0)"},
		{"NCS, external image", "p256.pem", "sign --version 1.0.1 --align 4 --header-size 0x200 --slot-size 0x60000 --pad-header -k p256.pem app.bin out.bin", "1.0.1+0"},
		{"MCUboot's sample", "rsa.pem", "sign --key rsa.pem --header-size 0x200 --align 8 --version 1.2 --slot-size 0x60000 zephyr.bin out.bin", "1.2.0+0"},
		{"ESP-IDF", "p256.pem", "sign --key p256.pem --pad --pad-sig --align 4 -v 0 -H 32 --pad-header -S 0x60000 app.bin out.bin", "boot magic:"},
	} {
		t.Run(test.from, func(t *testing.T) {
			args := inFolder(dir, strings.Fields(test.args))
			status, _, stderr := inProcess(t, append([]string{"imgtool"}, args...)...)
			if status != statusDone || stderr != "" {
				t.Fatalf("status %d\n%s", status, stderr)
			}
			out := args[slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(filepath.Base(arg), "out.") })]
			verifyFlow(t, dir, out, test.key)
			if _, stdout, _ := inProcess(t, "imgtool", "dumpinfo", out); !strings.Contains(stdout, test.want) {
				t.Errorf("no %q in\n%s", test.want, stdout)
			}
		})
	}
}

// verifyFlow verifies an image by its key: a file, "" for none, or "encrypted" for
// an image that cannot be verified without being decrypted.
func verifyFlow(t *testing.T, dir, image, key string) {
	t.Helper()
	args := []string{"imgtool", "verify", image}
	want := statusDone
	switch key {
	case "":
	case "encrypted":
		want = statusFailed
	default:
		args = append(args, "-k", filepath.Join(dir, key))
	}
	if status, stdout, stderr := inProcess(t, args...); status != want {
		t.Errorf("verify: status %d, want %d\n%s%s", status, want, stdout, stderr)
	}
}

// TestImgtoolKeyFlows: what the builds of bootloaders ask about keys.
func TestImgtoolKeyFlows(t *testing.T) {
	dir := zephyrFolder(t)
	for _, test := range []struct{ args, want string }{
		{"getpub -k rsa.pem", "const unsigned int rsa_pub_key_len = 270;"}, // boot/zephyr/CMakeLists.txt
		{"getpub -k p256.pem -e lang-c", "const unsigned int ecdsa_pub_key_len = 91;"},
		{"getpub --key ed.pem --encoding pem", "-----BEGIN PUBLIC KEY-----"},
		{"getpub --key ed.pem --lang rust", "static ED25519_PUB_KEY: &[u8] = &["},
		{"getpubhash -k p256.pem", "const unsigned int ecdsa_pub_key_hash_len = 32;"},
		{"getpriv -k rsa.pem", fmt.Sprintf("const unsigned int enc_priv_key_len = %d;", pkcs1Size(t, filepath.Join(dir, "rsa.pem")))},
		{"getpriv -k p256.pem", "const unsigned int enc_priv_key_len = 138;"},
		{"getpriv -k x25519.pem", "const unsigned int enc_priv_key_len = 48;"},
		{"keyinfo -k ed.pem", "private"}, // of a signature key, so that no public one is built in by mistake
		{"keyinfo --key ed.pem --require private", "private"},
		{"version", "2.4.0"},
	} {
		status, stdout, stderr := inProcess(t, append([]string{"imgtool"}, inFolder(dir, strings.Fields(test.args))...)...)
		if status != statusDone || !strings.Contains(stdout, test.want) || stderr != "" {
			t.Errorf("%s: status %d\n%s%s", test.args, status, stdout, stderr)
		}
	}
}

// pkcs1Size is the length of an RSA key in PKCS #1, which is not the same for all keys:
// numbers that begin with zero bytes are shorter.
func pkcs1Size(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return len(x509.MarshalPKCS1PrivateKey(key.(*rsa.PrivateKey)))
}

// TestConformancePython: the script in docs/imgtool.md, which CMake files start
// with Python.
func TestConformancePython(t *testing.T) {
	reftool.Need(t, "python3")
	dir := zephyrFolder(t)
	script := filepath.Join(dir, "imgtool.py")
	if err := os.WriteFile(script, []byte(fencedIn(t, "docs/imgtool.md", "#!/usr/bin/env python3")), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"version", 0, "2.4.0\n"},
		{"sign --version 1.2.3+4 --header-size 0x200 --slot-size 0x60000 --align 4 --key ed.pem --boot-record SPE zephyr.bin out.bin", 0, "image.py: sign the digest\n"},
		{"verify -k p256.pem out.bin", 1, "Key type does not match TLV record\n"},
		{"sign --version 1.2.3+4 zephyr.bin none.bin", 2, ""},
	} {
		cmd := exec.Command("python3", append([]string{script}, strings.Fields(test.args)...)...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if status := cmd.ProcessState.ExitCode(); status != test.status || string(out) != test.want {
			t.Errorf("%s: status %d, %v\n%s", test.args, status, err, out)
		}
	}
}
