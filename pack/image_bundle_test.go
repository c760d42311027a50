package pack

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot"
)

const bundledImage = `pad-header = true
sign = "mcu"
output = "sensor-@@image.sensor.version@@.bin"
`

// bundledProject is a project with a bundle around an image. Description are the
// entries; the bundle is signed by a key whose signatures have one length.
func bundledProject(t *testing.T, key, image, artifacts, description string, more files) string {
	t.Helper()
	keys := filepath.ToSlash(must(filepath.Abs(testKeys)))
	project := files{
		"zephyr.bin": testFirmware(5000), "large": strings.Repeat("large", 300_000), "device.aes": deviceAES,
		"sw-description.in": "software = { version = \"1\"; hardware-compatibility = [\"1.0\"]; files = (" + description + "); };\n",
		"fwpack.toml": imageProject(t, key, image) + artifacts + strings.ReplaceAll(`
[[artifact]]
name = "large"
file = "large"
[[bundle]]
name = "gw"
output = "gw.swu"
description = "sw-description.in"
sign = ["release"]
[keys.release]
scheme = "cms"
key = "KEYS/rsa2048.pem"
cert = "KEYS/rsa2048.crt"
[keys.aes]
aes = { file = "device.aes" }
`, "KEYS", keys),
	}
	for name, text := range more {
		project[name] = text
	}
	return project.write(t)
}

// buildBundled builds, and returns the entries of the bundle beside the outputs.
func buildBundled(t *testing.T, dir string) (report *Report, entries, outputs map[string][]byte) {
	t.Helper()
	report, err := Build(context.Background(), plan(t, dir), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	return report, readBundle(t, filepath.Join(dir, "dist", "gw.swu")), outputFiles(t, dir)
}

const largeEntry = `, { filename = "large"; path = "/b"; }`

// An image is in a bundle under its name, or under that of its file; in front of a
// large payload, whatever the length of its signature turned out to be.
func TestImageInBundle(t *testing.T) {
	for _, key := range []string{"ed25519", "rsa2048", "ec-p256", "ec-p384"} {
		for _, name := range []string{"sensor", "sensor-1.7.0+12.bin"} {
			dir := bundledProject(t, key, bundledImage, "", `{ filename = "`+name+`"; version = "@@image.sensor.version@@"; path = "/a"; }`+largeEntry, nil)
			for round := range 4 {
				if err := os.WriteFile(filepath.Join(dir, "zephyr.bin"), []byte(testFirmware(5000+round)), 0o666); err != nil {
					t.Fatal(err)
				}
				_, entries, outputs := buildBundled(t, dir)
				if image := outputs["sensor-1.7.0+12.bin"]; len(image) == 0 || !bytes.Equal(entries[name], image) {
					t.Errorf("%s, %s: %d bytes in the bundle, %d beside it", key, name, len(entries[name]), len(image))
				}
				if string(entries["large"]) != strings.Repeat("large", 300_000) {
					t.Errorf("%s, %s: what comes behind is another file", key, name)
				}
				if text := string(entries["sw-description"]); !strings.Contains(text, `version = "1.7.0+12"`) || !strings.Contains(text, hexDigest(entries[name])) {
					t.Errorf("%s, %s: the description is\n%s", key, name, text)
				}
			}
		}
	}
}

// Artifacts compress and encrypt an image, and choose its purpose.
func TestImageArtifacts(t *testing.T) {
	const image = `pad-header = true
sign = "mcu"
[image.bootloader]
mode = "swap-scratch"
slot-address = 0x8000
[image.outputs]
ota = ["sensor.hex", "sensor.bin"]
test = "t.bin"
`
	const artifacts = `
[[artifact]]
name = "packed"
image = "sensor"
compress = "zlib"
[[artifact]]
name = "secret"
image = "sensor"
purpose = "test"
compress = "zstd"
encrypt = "aes"
[[artifact]]
name = "for-good"
image = "sensor"
purpose = "confirmed"
[[artifact]]
name = "line"
image = "sensor"
purpose = "factory"
`
	dir := bundledProject(t, "ec-p256", image, artifacts, `
{ filename = "packed"; path = "/a"; }, { filename = "secret"; path = "/b"; }, { filename = "for-good"; path = "/c"; }, { filename = "line"; path = "/d"; },
{ filename = "sensor"; path = "/e"; }`+largeEntry, nil)
	report, entries, outputs := buildBundled(t, dir)
	if !bytes.Equal(gunzip(t, entries["packed"]), outputs["sensor.bin"]) || !bytes.Equal(entries["sensor"], outputs["sensor.bin"]) {
		t.Error("the image in the bundle is another one")
	}
	b := mcuboot.Bootloader{SlotSize: 64 << 10, Align: 8}
	b.Keys = append(b.Keys, publicKey(t, "ec-p256"))
	for name, want := range map[string]mcuboot.Upgrade{"t.bin": mcuboot.UpgradeTest, "for-good": mcuboot.UpgradePermanent, "line": mcuboot.UpgradeNone} {
		data := entries[name]
		if data == nil {
			data = outputs[name]
		}
		if verdict := must(mcuboot.Verify(data, b)); verdict.Err() != nil || verdict.Upgrade != want {
			t.Errorf("%s: %v, %s", name, verdict.Err(), verdict.Upgrade)
		}
	}
	for _, p := range report.Outputs[0].Payloads {
		if p.Name == "secret" && (p.SourceSize != 64<<10 || p.Compressed != "zstd" || p.Encrypted == "") {
			t.Errorf("secret is %+v", p)
		}
	}
}

// The digest in a description is that of the finished image, however long, also where
// it depends on the signature.
func TestImageDigest(t *testing.T) {
	for _, c := range []struct{ key, image string }{
		{"ed25519", ""}, {"ed25519", "hash = \"sha512\"\n"}, {"ed25519", "pure = true\n"}, {"ec-p384", ""}, {"rsa2048", ""},
		{"ed25519", "compress = \"lzma2\"\n"}, {"ec-p384", "compress = \"lzma2\"\n"}, {"rsa3072", "compress = \"lzma2-arm-thumb\"\n"},
		{"ed25519", "compress = \"lzma2\"\npure = true\n"}, {"ec-p256", "compress = \"lzma2\"\nkey-tlv = \"pubkey\"\n"},
	} {
		dir := bundledProject(t, c.key, c.image+bundledImage, "", `{ filename = "sensor"; path = "/a"; properties = { digest = "$fwpack_image_digest(sensor)"; }; }`+largeEntry,
			files{"zephyr.bin": strings.Repeat("firmware", 2000)})
		report, entries, _ := buildBundled(t, dir)
		img, _, err := mcuboot.Parse(entries["sensor"])
		if err != nil {
			t.Fatal(err)
		}
		_, digest := img.StoredDigest()
		if text := hex.EncodeToString(digest); !strings.Contains(string(entries["sw-description"]), `digest = "`+text+`"`) || report.Images[0].Digest != text {
			t.Errorf("%s %s: the digest is %s in the image, %s in the report, and in the description\n%s", c.key, c.image, text, report.Images[0].Digest, entries["sw-description"])
		}
		if compressed := img.Header.Flags&mcuboot.FlagLZMA2 != 0; compressed != strings.Contains(c.image, "compress") {
			t.Errorf("%s %s: compressed %t", c.key, c.image, compressed)
		}
	}
}

// Names select: an image alone, or a bundle with the images in it.
func TestImageOnly(t *testing.T) {
	second := strings.ReplaceAll(bundledImage, "sensor", "radio")
	dir := bundledProject(t, "ed25519", bundledImage+"[[image]]\nname = \"radio\"\ninput = \"zephyr.bin\"\nversion = \"2.0\"\nheader-size = 0x200\nslot-size = \"64K\"\nnumber = 1\n"+second,
		"[[artifact]]\nname = \"again\"\nimage = \"sensor\"\n", `{ filename = "again"; path = "/a"; }`+largeEntry, nil)
	project := must(Load(filepath.Join(dir, "fwpack.toml"), Inputs{}))
	for only, want := range map[string]string{
		"": "gw.swu sensor-1.7.0+12.bin radio-2.0.0+0.bin", "sensor": "sensor-1.7.0+12.bin", "radio": "radio-2.0.0+0.bin", "gw": "gw.swu sensor-1.7.0+12.bin", "again": "gw.swu sensor-1.7.0+12.bin",
	} {
		var selection Selection
		if only != "" {
			selection.Only = []string{only}
		}
		report, err := Build(context.Background(), must(project.Plan(selection)), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, o := range report.Outputs {
			names = append(names, o.File)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("--only %s builds %s, want %s", only, got, want)
		}
	}
	if _, err := project.Plan(Selection{Only: []string{"sensr"}}); err == nil || !strings.Contains(err.Error(), `"sensr" is neither`) {
		t.Errorf("error %v", err)
	}
}

// A bundle that waits for the signature of an image says how to get it.
func TestImageInBundleElsewhere(t *testing.T) {
	dir := bundledProject(t, "ed25519", bundledImage, "", `{ filename = "sensor"; path = "/a"; }`+largeEntry, nil)
	replaceIn(t, filepath.Join(dir, "fwpack.toml"), "/ed25519.pem'", "/ed25519.pub.pem'")
	replaceIn(t, filepath.Join(dir, "fwpack.toml"), "[keys.mcu]\nkey", "[keys.mcu]\npublic")
	project := must(Load(filepath.Join(dir, "fwpack.toml"), Inputs{}))
	_, err := project.Plan(Selection{})
	if got := problemLines(t, err, dir, 0); !strings.Contains(got, `artifact "sensor": image "sensor" is signed elsewhere, and its signature is not there yet (build the image alone (--only sensor)`) {
		t.Error(got)
	}
	if _, err := project.Plan(Selection{Only: []string{"sensor"}}); err != nil {
		t.Error(err)
	}
}

// A bundle that is a release has no image that is signed, or encrypted, with a key
// that everybody has; one that is none may.
func TestImageRelease(t *testing.T) {
	private := files{"mcu.pem": newKey(t)}
	for _, c := range []struct{ image, want string }{
		{"sign = \"mcu\"\noutput = \"a.bin\"\npad-header = true\n", `key "mcu": `},
		{"sign = \"own\"\nencrypt = \"enc\"\noutput = \"a.bin\"\npad-header = true\n", `key "enc": is not for a release: everybody has the private key`},
		{"sign = \"own\"\noutput = \"a.bin\"\npad-header = true\n", ""},
	} {
		dir := bundledProject(t, "ed25519", c.image, "", `{ filename = "sensor"; path = "/a"; }`+largeEntry, private)
		toml := filepath.Join(dir, "fwpack.toml")
		replaceIn(t, toml, "sign = [\"release\"]", "release = true")
		writeFile(t, toml, append(readFile(t, toml), strings.ReplaceAll("\n[keys.own]\nkey = \"mcu.pem\"\n[keys.enc]\npublic = \"KEYS/rsa2048.pub.pem\"\n", "KEYS", filepath.ToSlash(must(filepath.Abs(testKeys))))...))
		_, err := Build(context.Background(), plan(t, dir), options(dir))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "published")) {
			t.Errorf("%s: error %v, want %q", c.image, err, c.want)
		}
		if c.want == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "dist")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("there is an output folder")
		}
		replaceIn(t, toml, "release = true", "")
		if _, err := Build(context.Background(), plan(t, dir), options(dir)); err != nil {
			t.Errorf("%s: %v", c.image, err)
		}
	}
}

// Debian's client installs a bundle with an image, and what it wrote is what the
// bootloader takes.
func TestConformanceImageInstall(t *testing.T) {
	reftool.Need(t, "swupdate")
	target := t.TempDir()
	dir := bundledProject(t, "ec-p256", bundledImage, "\n[[artifact]]\nname = \"packed\"\nimage = \"sensor\"\ncompress = \"zlib\"\nencrypt = \"aes\"\n",
		`{ filename = "sensor"; path = "`+target+`/plain"; }, { filename = "packed"; path = "`+target+`/packed"; }, { filename = "large"; path = "`+target+`/large"; }`, nil)
	_, _, outputs := buildBundled(t, dir)
	client := reftool.Client{Cert: keyFile(t, "rsa2048.crt"), AESKey: filepath.Join(dir, "device.aes"), HW: "board:1.0"}
	if v := client.Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	b := mcuboot.Bootloader{Mode: mcuboot.SingleSlot, SlotSize: 64 << 10, Align: 8, NoAllowList: true}
	b.Keys = append(b.Keys, publicKey(t, "ec-p256"))
	for _, name := range []string{"plain", "packed"} {
		data := readFile(t, filepath.Join(target, name))
		if verdict := must(mcuboot.Verify(data, b)); !verdict.Accepted() || !bytes.Equal(data, outputs["sensor-1.7.0+12.bin"]) {
			t.Errorf("%s: %d bytes\n%s", name, len(data), verdict)
		}
	}
}

// newKey is a private key that nobody else has, as PEM.
func newKey(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
