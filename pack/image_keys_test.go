package pack

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/plugin"
	"github.com/fwpack/fwpack/sign/request"
)

// keyedProject is a project with an image, and keys by their tables.
func keyedProject(t *testing.T, keys, rest string) string {
	t.Helper()
	text := strings.Replace(imageProject(t, "none", rest), "key = 'KEYS/none.pem'", "", 1)
	before, after, _ := strings.Cut(text, "[keys.mcu]\n")
	_, after, _ = strings.Cut(after, "\n") // the key
	keys = strings.ReplaceAll(keys, "KEYS", filepath.ToSlash(must(filepath.Abs(testKeys))))
	return files{"zephyr.bin": testFirmware(5000), "passphrase": "fwpack test only\n", "fwpack.toml": before + keys + "\n" + after}.write(t)
}

// outputsOf builds with random bytes that repeat, and returns the outputs by name.
func outputsOf(t *testing.T, dir string, attached map[string][]byte) (map[string][]byte, error) {
	t.Helper()
	project := must(Load(filepath.Join(dir, "fwpack.toml"), Inputs{}))
	p, err := project.Plan(Selection{Attached: attached})
	if err != nil {
		return nil, err
	}
	opt := options(dir)
	opt.Rand = rand.NewChaCha8([32]byte{1})
	opt.Env = func(name string) (string, bool) { return "fwpack test only", name == "PASS" }
	if _, err := Build(context.Background(), p, opt); err != nil {
		return nil, err
	}
	return outputFiles(t, dir), nil
}

// outputFiles are the files in the output folder, without the report.
func outputFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, entry := range must(os.ReadDir(filepath.Join(dir, "dist"))) {
		if entry.Name() != reportName {
			found[entry.Name()] = readFile(t, filepath.Join(dir, "dist", entry.Name()))
		}
	}
	return found
}

// A key in any form of file signs the same image.
func TestImageKeyFiles(t *testing.T) {
	const image = "pad-header = true\nsign = \"mcu\"\noutput = \"a.bin\"\n"
	for plain, others := range map[string][]string{
		"key = 'KEYS/ec-p256.pem'": {
			"key = 'KEYS/ec-p256.sec1.pem'", "key = 'KEYS/ec-p256.params.pem'", "key = 'KEYS/ec-p256.pem'\npublic = 'KEYS/ec-p256.pub.pem'",
			"key = 'KEYS/ec-p256.enc.pem'\npassphrase = { env = 'PASS' }", "key = 'KEYS/ec-p256.enc-scrypt.pem'\npassphrase = { file = 'passphrase' }",
			"key = 'KEYS/ec-p256.enc.pem'\npassphrase = { command = ['cat', 'passphrase'] }",
			"key = 'KEYS/ec-p256.pem'\nscheme = 'cms'\ncert = 'KEYS/ec-p256.crt'", "key = 'KEYS/ec-p256.pem'\nscheme = 'cms'\ncert = 'KEYS/expired.crt'",
		},
		"key = 'KEYS/rsa2048.pem'": {"key = 'KEYS/rsa2048.pkcs1.pem'", "key = 'KEYS/rsa2048.enc.pem'\npassphrase = { env = 'PASS' }", "key = 'KEYS/rsa2048.pem'\nscheme = 'rsa-pkcs1v15'"},
	} {
		want, err := outputsOf(t, keyedProject(t, "[keys.mcu]\n"+plain, image), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range others {
			got, err := outputsOf(t, keyedProject(t, "[keys.mcu]\n"+key, image), nil)
			if err != nil || !maps.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("%s: another image: %v", key, err)
			}
		}
	}
}

// A key that signs no images is refused before anything is written.
func TestImageKeysWrong(t *testing.T) {
	const image = "pad-header = true\nsign = \"mcu\"\noutput = \"a.bin\"\n"
	for key, want := range map[string]string{
		"key = 'KEYS/ec-p521.pem'":                                    "P-521",
		"key = 'KEYS/rsa4096.pem'":                                    "RSA",
		"key = 'KEYS/ec-p256.enc.pem'\npassphrase = { env = 'NOPE' }": "environment variable NOPE is not set",
		"key = 'KEYS/ec-p256.enc.pem'":                                "no terminal to ask at",
		"key = 'KEYS/ec-p256.pem'\npublic = 'KEYS/ec-p384.pub.pem'":   "is not the private key of",
		"key = 'KEYS/rsa2048.crt'":                                    "rsa2048.crt",
		"key = 'nowhere.pem'":                                         "no such file",
		"key = 'plugin:nowhere:x'\npublic = 'KEYS/ec-p256.pub.pem'":   "fwpack-sign-nowhere",
	} {
		dir := keyedProject(t, "[keys.mcu]\n"+key, image)
		_, err := outputsOf(t, dir, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", key, err, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "dist")); err == nil {
			t.Errorf("%s: there is an output folder", key)
		}
	}
}

// everyOutput is an image with an output of each purpose, as binary and Intel HEX.
const everyOutput = `pad-header = true
sign = "mcu"
boot-record = "X"
[image.bootloader]
mode = "swap-scratch"
slot-address = 0x8000
secondary-slot-address = 0x20000
[image.outputs]
ota = ["a.bin", "a.hex"]
test = ["t.bin", "t.hex"]
confirmed = ["c.bin", "c.hex"]
factory = ["f.bin", "f.hex"]
`

func imageSignature(t *testing.T, image []byte) []byte {
	t.Helper()
	img, _, err := mcuboot.Parse(image)
	if err != nil {
		t.Fatal(err)
	}
	for _, tlv := range img.Unprotected {
		if imagebuild.IsSignature(tlv.Type) {
			return tlv.Value
		}
	}
	t.Fatal("the image is not signed")
	return nil
}

// An attached signature, in whatever form it comes, makes all outputs as the key
// itself would, byte for byte. With a body that is encrypted that holds for keys that
// draw nothing.
func TestImageAttach(t *testing.T) {
	for _, key := range []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519", "ed25519 pure", "ed25519 encrypted", "ec-p256 encrypted"} {
		name, how, _ := strings.Cut(key, " ")
		image, recipient := everyOutput, ""
		switch how {
		case "pure":
			image = "pure = true\n" + image
		case "encrypted":
			image, recipient = "encrypt = \"enc\"\n"+image, "[keys.enc]\npublic = 'KEYS/rsa2048.pub.pem'\n"
		}
		want, err := outputsOf(t, keyedProject(t, recipient+"[keys.mcu]\nkey = 'KEYS/"+name+".pem'", image), nil)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		signature := imageSignature(t, want["a.bin"])
		for form, data := range map[string][]byte{
			"bytes": signature, "base64": []byte(base64.StdEncoding.EncodeToString(signature) + "\n"), "hex": []byte(hex.EncodeToString(signature)),
		} {
			got, err := outputsOf(t, keyedProject(t, recipient+"[keys.mcu]\npublic = 'KEYS/"+name+".pub.pem'", image), map[string][]byte{"sensor": data})
			if err != nil {
				t.Errorf("%s, %s: %v", key, form, err)
				continue
			}
			for _, output := range slices.Sorted(maps.Keys(want)) {
				if !bytes.Equal(got[output], want[output]) {
					t.Errorf("%s, %s: %s is another file", key, form, output)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s, %s: %d outputs, want %d", key, form, len(got), len(want))
			}
		}
	}
}

// A signature that is not this image's is explained, and what was there stays.
func TestImageAttachWrong(t *testing.T) {
	const image = "pad-header = true\nsign = \"mcu\"\noutput = \"a.bin\"\n"
	const far, near = "[keys.mcu]\npublic = 'KEYS/ed25519.pub.pem'", "[keys.mcu]\nkey = 'KEYS/ed25519.pem'"
	good := must(outputsOf(t, keyedProject(t, near, image), nil))["a.bin"]
	stale := must(outputsOf(t, keyedProject(t, near, "security-counter = 2\n"+image), nil))["a.bin"]
	others := must(outputsOf(t, keyedProject(t, "[keys.mcu]\nkey = 'KEYS/ec-p256.pem'", image), nil))["a.bin"]
	mangled := bytes.Clone(imageSignature(t, good))
	mangled[5] ^= 1
	dir := keyedProject(t, far, image)
	if _, err := outputsOf(t, dir, map[string][]byte{"sensor": imageSignature(t, good)}); err != nil {
		t.Fatal(err)
	}
	before := outputFiles(t, dir)
	for what, signature := range map[string][]byte{
		"stale": imageSignature(t, stale), "another key's": imageSignature(t, others), "mangled": mangled,
		"cut off": imageSignature(t, good)[:63], "empty": {}, "too long": make([]byte, 1<<20), "a file of something else": good,
	} {
		_, err := outputsOf(t, dir, map[string][]byte{"sensor": signature})
		var unverified *sign.VerificationError
		explained := errors.As(err, &unverified) && strings.Contains(err.Error(), `image "sensor": the signature that is to be attached is not by key "mcu", or over something else: want it over the image with the digest `)
		if what == "empty" {
			explained = err != nil && strings.Contains(err.Error(), "signature of 0 bytes")
		}
		if !explained {
			t.Errorf("%s: %v", what, err)
		}
		if !maps.EqualFunc(outputFiles(t, dir), before, bytes.Equal) {
			t.Errorf("%s: the outputs have changed", what)
		}
	}
	for project, want := range map[string]string{
		keyedProject(t, near, image):                                          `image "sensor": a signature is to be attached, and key "mcu" signs here`,
		keyedProject(t, near, strings.ReplaceAll(image, "sign =", "board =")): `image "sensor": a signature is to be attached, and the image is not signed`,
	} {
		if _, err := outputsOf(t, project, map[string][]byte{"sensor": mangled}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := outputsOf(t, dir, map[string][]byte{"senser": mangled}); err == nil || !strings.Contains(err.Error(), `image "senser", which is not declared`) {
		t.Errorf("error %v", err)
	}
}

// A signing program signs what the bootloader takes.
func TestConformanceImageSigner(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	programs := must(filepath.Abs("../examples/signers/openssl"))
	for _, key := range []string{"rsa2048", "ec-p256", "ed25519"} {
		keys := fmt.Sprintf("[keys.mcu]\nkey = 'plugin:openssl:KEYS/%s.pem'\npublic = 'KEYS/%s.pub.pem'", key, key)
		dir := keyedProject(t, keys, everyOutput)
		opt := options(dir)
		opt.Programs = plugin.Options{Env: os.Environ(), Path: programs + string(os.PathListSeparator) + os.Getenv("PATH")}
		if _, err := Build(context.Background(), plan(t, dir), opt); err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		img, _, err := mcuboot.Parse(outputFiles(t, dir)["a.bin"])
		if err != nil {
			t.Fatal(err)
		}
		bootloaderTakes(t, img, mcuboot.Signing{}, publicKey(t, key))
	}
}

// A key that is elsewhere signs what the request says, with the commands in it as
// they stand; with the signature all outputs are made.
func TestConformanceImageElsewhere(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "sed", "od", "tr")
	for _, c := range imageKeys() {
		t.Run(c.name, func(t *testing.T) {
			image := strings.ReplaceAll(everyOutput, "\"a.", "\"sensor.")
			if c.pure {
				image = "pure = true\n" + image
			} else {
				image = "hash = \"" + strings.ReplaceAll(strings.ToLower(c.hash.String()), "-", "") + "\"\n" + image
			}
			dir := keyedProject(t, "[keys.mcu]\npublic = 'KEYS/"+c.key+".pub.pem'", image)
			first, err := outputsOf(t, dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if names := strings.Join(slices.Sorted(maps.Keys(first)), " "); names != "sensor.request.json sensor.unsigned.bin" {
				t.Errorf("outputs %s", names)
			}
			img, _, err := mcuboot.Parse(first["sensor.unsigned.bin"])
			if err != nil || len(img.Unprotected) != 1 {
				t.Errorf("the unsigned image has %v, %v", img.Unprotected, err)
			}
			asked, err := request.Decode(first["sensor.request.json"])
			if err != nil {
				t.Fatal(err)
			}
			var report Report
			if err := json.Unmarshal(readFile(t, filepath.Join(dir, "dist", reportName)), &report); err != nil {
				t.Fatal(err)
			}
			if r := report.Images[0]; r.Digest != asked.Signers[0].Digest || r.Signature != nil || report.Outputs[0].Request != "sensor.request.json" {
				t.Errorf("report %+v", report)
			}
			second, err := outputsOf(t, dir, map[string][]byte{"sensor": signedElsewhere(t, asked, c.key)})
			if err != nil {
				t.Fatal(err)
			}
			if img, _, err = mcuboot.Parse(second["sensor.bin"]); err != nil {
				t.Fatal(err)
			}
			bootloaderTakes(t, img, mcuboot.Signing{Hash: c.hash, Pure: c.pure}, publicKey(t, c.key))
		})
	}
}
