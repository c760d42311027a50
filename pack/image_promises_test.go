package pack

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/sign/plugin"
)

// Two builds make the same bytes, in whatever folder, unless the key or the body
// takes random bytes; then they do not.
func TestImageRepeats(t *testing.T) {
	const enc = "encrypt = \"enc\"\n"
	for _, c := range []struct {
		key, image string
		same       bool
	}{
		{"ed25519", "", true}, {"ec-p256", "", true}, {"ec-p384", "compress = \"lzma2\"\n", true}, {"ed25519", "pure = true\n", true},
		{"rsa2048", "", false}, {"ed25519", enc, false},
	} {
		var all []map[string][]byte
		for range 2 {
			dir := keyedProject(t, "[keys.mcu]\nkey = 'KEYS/"+c.key+".pem'\n[keys.enc]\npublic = 'KEYS/rsa2048.pub.pem'\n", c.image+everyOutput)
			if _, err := Build(context.Background(), plan(t, dir), options(dir)); err != nil {
				t.Fatal(err)
			}
			outputs := outputFiles(t, dir)
			if c.same {
				outputs[reportName] = readFile(t, filepath.Join(dir, "dist", reportName))
			}
			all = append(all, outputs)
		}
		if same := maps.EqualFunc(all[0], all[1], bytes.Equal); same != c.same {
			t.Errorf("%s %s: the same %t, want %t", c.key, c.image, same, c.same)
		}
	}
}

// No output and no report has a key, or what it was wrapped with, in it.
func TestImageSecrets(t *testing.T) {
	dir := keyedProject(t, "[keys.mcu]\nkey = 'KEYS/ec-p256.enc.pem'\npassphrase = { env = 'PASS' }\n[keys.enc]\naes = { file = 'kek' }\n", "encrypt = \"enc\"\n"+everyOutput)
	key := kek(16)
	writeFile(t, filepath.Join(dir, "kek"), key)
	outputs, err := outputsOf(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	outputs[reportName] = readFile(t, filepath.Join(dir, "dist", reportName))
	for name, data := range outputs {
		for _, secret := range [][]byte{key, []byte(hex.EncodeToString(key)), []byte(base64.StdEncoding.EncodeToString(key)), []byte("test only")} {
			if bytes.Contains(bytes.ToLower(data), bytes.ToLower(secret)) {
				t.Errorf("%s holds a secret", name)
			}
		}
		if bytes.Contains(data, []byte(dir)) {
			t.Errorf("%s holds a path of this machine", name)
		}
	}
}

// countingProject is a project with two images, a payload and a bundle, whose signing
// program notes every signature that it is asked for.
func countingProject(t *testing.T, more files, change func(text string) string) (dir string, opt Options, asked func() int) {
	t.Helper()
	programs := t.TempDir()
	log := filepath.Join(programs, "log")
	real := must(filepath.Abs("../examples/signers/openssl/fwpack-sign-openssl"))
	writeFile(t, filepath.Join(programs, "fwpack-sign-counting"), []byte(fmt.Sprintf("#!/bin/sh\n[ \"$1\" = sign-v1 ] && tee -a %s | exec %s \"$@\"\n[ \"$1\" = sign-v1 ] || exec %s \"$@\"\n", log, real, real)))
	keys := filepath.ToSlash(must(filepath.Abs(testKeys)))
	text := strings.ReplaceAll(`schema = 1
project = { name = "mcu", version = "9.9.9" }
[keys.mcu]
key = "plugin:counting:KEYS/ed25519.pem"
public = "KEYS/ed25519.pub.pem"
[keys.other]
public = "KEYS/ec-p256.pub.pem"
[keys.release]
scheme = "cms"
key = "KEYS/rsa2048.pem"
cert = "KEYS/rsa2048.crt"
[[image]]
name = "one"
input = "zephyr.bin"
output = "one.bin"
version = "1.0"
header-size = 0x200
pad-header = true
slot-size = "64K"
sign = "mcu"
[[image]]
name = "two"
input = "zephyr.bin"
output = "two.bin"
version = "2.0"
number = 1
header-size = 0x200
pad-header = true
slot-size = "64K"
sign = "mcu"
# here
[[artifact]]
name = "data"
file = "data"
compress = "zstd"
[[bundle]]
name = "gw"
output = "gw.swu"
description = "sw-description.in"
sign = ["release"]
`, "KEYS", keys)
	project := files{
		"zephyr.bin": testFirmware(5000), "data": "data", "fwpack.toml": change(text),
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "one"; path = "/a"; }, { filename = "data"; path = "/b"; /* here */ }); };`,
	}
	maps.Copy(project, more)
	dir = project.write(t)
	opt = options(dir)
	opt.Programs = plugin.Options{Env: os.Environ(), Path: programs + string(os.PathListSeparator) + os.Getenv("PATH")}
	return dir, opt, func() int {
		data, _ := os.ReadFile(log)
		return strings.Count(string(data), "\n")
	}
}

// Nothing is signed where anything else fails, and what was built before stays.
func TestConformanceImageNothingSigned(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "tee")
	same := func(text string) string { return text }
	dir, opt, asked := countingProject(t, nil, same)
	if _, err := Build(context.Background(), plan(t, dir), opt); err != nil || asked() != 2 {
		t.Fatalf("%d signatures were asked for, want 2: %v", asked(), err)
	}
	broken := func(old, with string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, with, 1) }
	}
	for _, c := range []struct {
		name   string
		change func(string) string
		break_ func(dir string) // between plan and build
		want   string
	}{
		{"key of another bootloader", broken("# here", `trust = ["other"]`), nil, `image "two": rule "signature"`},
		{"key of a type that the bootloader does not know", broken("# here", "[image.bootloader]\nmode = \"single-slot\"\npure = true\nhash = \"sha256\""), nil, `image "two": rule "signature": KEYHASH of 64 bytes`},
		{"encrypted for a key that does not decrypt", broken("# here", "encrypt = \"far\"\n[keys.far]\npublic = \""+filepath.ToSlash(keyFile(t, "rsa3072.pub.pem"))+"\""), nil, "rsa-3072"},
		{"payload is gone", same, func(dir string) { os.Remove(filepath.Join(dir, "data")) }, "data: no such file"},
		{"payload has changed", same, func(dir string) { writeFile(t, filepath.Join(dir, "data"), []byte("longer")) }, "changed"},
		{"output is in the way", same, func(dir string) { os.Mkdir(filepath.Join(dir, "dist", "two.bin"), 0o777) }, "is a folder"},
		{"report is in the way", same, func(dir string) { os.Mkdir(filepath.Join(dir, "dist", reportName), 0o777) }, "is a folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, opt, asked := countingProject(t, nil, c.change)
			writeFile(t, filepath.Join(dir, "dist", "one.bin"), []byte("before"))
			p, err := must(Load(filepath.Join(dir, "fwpack.toml"), Inputs{})).Plan(Selection{})
			if err == nil {
				if c.break_ != nil {
					c.break_(dir)
				}
				_, err = Build(context.Background(), p, opt)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if asked() != 0 {
				t.Errorf("%d signatures were asked for", asked())
			}
			names := must(filepath.Glob(filepath.Join(dir, "dist", "*")))
			sameFile(t, filepath.Join(dir, "dist", "one.bin"), []byte("before"))
			if len(names) > 2 || len(names) == 2 && !strings.Contains(c.want, "folder") {
				t.Errorf("the output folder has %v", names)
			}
		})
	}
}

// A digest of a payload that turns out wrong ends the build before the image in the
// same bundle is signed.
func TestConformanceImageWrongDigest(t *testing.T) {
	reftool.Need(t, "openssl", "sh", "tee")
	wrong := strings.Repeat("0", 64)
	for entry, signatures := range map[string]int{"data": 0, "one": 2} {
		dir, opt, asked := countingProject(t, nil, func(text string) string { return text })
		replaceIn(t, filepath.Join(dir, "sw-description.in"), `filename = "`+entry+`"`, `filename = "`+entry+`"; sha256 = "`+wrong+`"`)
		_, err := Build(context.Background(), plan(t, dir), opt)
		if err == nil || !strings.Contains(err.Error(), `sha256 is not that of artifact "`+entry+`"`) || asked() != signatures {
			t.Errorf("%s: %d signatures: %v", entry, asked(), err)
		}
		if names := must(filepath.Glob(filepath.Join(dir, "dist", "*"))); len(names) > 0 {
			t.Errorf("%s: the output folder has %v", entry, names)
		}
	}
}
