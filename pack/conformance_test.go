package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swu"
)

// keyFile is the path of a test key or certificate.
func keyFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(testKeys, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// realTree copies the files of an installed Debian package into dir.
func realTree(t *testing.T, pkg, dir string) {
	t.Helper()
	reftool.Need(t, "dpkg")
	out, err := exec.Command("dpkg", "-L", pkg).Output()
	if err != nil {
		t.Fatalf("dpkg -L %s: %v", pkg, err)
	}
	for path := range strings.Lines(string(out)) {
		path = strings.TrimSpace(path)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, path), data)
	}
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

// run executes a reference program and fails the test where that fails.
func run(t *testing.T, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	reftool.Need(t, name)
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// tarball packs a folder the way a build system would.
func tarball(t *testing.T, dir string) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const boardDescription = `software =
{
	version = "@@VERSION@@";
	/* one board, two slots */
	board = {
		hardware-compatibility = [ "#RE:^1\\.[0-9]$" ];
		stable = {
			copy1 = {
				images = ( { filename = "rootfs"; type = "raw"; device = "@@TARGET@@/slot1"; } );
				bootenv = ( { name = "slot"; value = "1"; } );
			};
			copy2 = {
				images = ( { filename = "rootfs"; type = "raw"; device = "@@TARGET@@/slot2"; } );
				bootenv = ( { name = "slot"; value = "2"; } );
			};
		};
	};
	files = (
		{ filename = "docs"; type = "archive"; path = "@@TARGET@@/docs"; properties = { create-destination = "true"; }; },
		{ filename = "settings.conf"; path = "@@TARGET@@/settings.conf"; }
	);
	scripts = ( { filename = "note.sh"; type = "shellscript"; } );
};
`

const boardArtifacts = `
[[artifact]]
name = "rootfs"
file = "rootfs.ext4"
compress = "zstd"
encrypt = "aes"
[[artifact]]
name = "docs"
file = "docs.tar.gz"
encrypt = "aes"
`

// boardProject is a project as integrators have it, on a real file system of
// real files.
func boardProject(t *testing.T, target string) string {
	t.Helper()
	dir := files{
		"fwpack.toml":       strings.Replace(project(t, "ec-p256", boardArtifacts), "vars = {", "vars = { TARGET = '"+target+"',", 1),
		"sw-description.in": boardDescription,
		"settings.conf":     "colour = blue\n",
		"note.sh":           "#!/bin/sh\necho \"$1\" >> " + target + "/phases\n",
		"device.aes":        deviceAES,
	}.write(t)
	realTree(t, "e2fsprogs", filepath.Join(dir, "tree"))
	run(t, nil, "mkfs.ext4", "-q", "-d", filepath.Join(dir, "tree"), filepath.Join(dir, "rootfs.ext4"), "32M")
	writeFile(t, filepath.Join(dir, "docs.tar.gz"), tarball(t, filepath.Join(dir, "tree", "usr", "share")))
	return dir
}

// A real root file system with scripts, an archive and a file is installed by
// the real client into the selected slot, and only there.
func TestConformanceInstall(t *testing.T) {
	reftool.Need(t, "swupdate", "mkfs.ext4")
	for _, slot := range []string{"1", "2"} {
		t.Run("copy"+slot, func(t *testing.T) {
			t.Parallel()
			target := t.TempDir()
			dir := boardProject(t, target)
			rootfs, err := os.ReadFile(filepath.Join(dir, "rootfs.ext4"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"slot1", "slot2"} {
				writeFile(t, filepath.Join(target, name), make([]byte, len(rootfs)))
			}
			build(t, dir, options(dir))
			device := reftool.Client{
				Cert: keyFile(t, "ec-p256.crt"), AESKey: filepath.Join(dir, "device.aes"),
				HW: "board:1.7", Select: "stable,copy" + slot,
			}
			if v := device.Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
				t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
			}
			other := map[string]string{"1": "2", "2": "1"}[slot]
			sameFile(t, filepath.Join(target, "slot"+slot), rootfs)
			sameFile(t, filepath.Join(target, "slot"+other), make([]byte, len(rootfs)))
			sameFile(t, filepath.Join(target, "settings.conf"), []byte("colour = blue\n"))
			sameFile(t, filepath.Join(target, "phases"), []byte("preinst\npostinst\n"))
			sameTree(t, filepath.Join(dir, "tree", "usr", "share"), filepath.Join(target, "docs"))
		})
	}
}

func sameFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	} else if !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, not the %d expected ones", path, len(got), len(want))
	}
}

func sameTree(t *testing.T, want, got string) {
	t.Helper()
	err := filepath.WalkDir(want, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(want, path)
		sameFile(t, filepath.Join(got, rel), data)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// aesFiles are the key files of the three key lengths, in both forms.
var aesFiles = map[string]string{
	"aes128": "000102030405060708090A0B0C0D0E0F 000102030405060708090a0b0c0d0e0f\n",
	"aes192": "key=000102030405060708090a0b0c0d0e0f1011121314151617\niv =000102030405060708090a0b0c0d0e0f\n",
	"aes256": "salt=0011223344556677\nkey=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\niv =000102030405060708090a0b0c0d0e0f\n",
}

// clientKey is the same key in the one form that the client reads.
func clientKey(file string) string {
	var words []string
	for _, word := range strings.Fields(strings.NewReplacer("key=", "", "iv =", "").Replace(file)) {
		if !strings.HasPrefix(word, "salt=") {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ") + "\n"
}

// Every compression that the client knows, with and without encryption, signed
// by every kind of key, arrives as the bytes that went in.
func TestConformanceMatrix(t *testing.T) {
	reftool.Need(t, "swupdate")
	source := []byte(strings.Repeat("one hundred thousand lines of nothing much\n", 20_000))
	for _, compress := range []string{"none", "zlib", "zstd"} {
		for _, aes := range []string{"", "aes128", "aes192", "aes256"} {
			for _, key := range []string{"rsa2048", "rsa2048 pss", "rsa4096", "ec-p256", "ec-p384", "ec-p521"} {
				t.Run(strings.Join([]string{compress, aes, key}, "_"), func(t *testing.T) {
					t.Parallel()
					installOne(t, source, compress, aes, key)
				})
			}
		}
	}
}

func installOne(t *testing.T, source []byte, compress, aes, key string) {
	name, padding, _ := strings.Cut(key, " ")
	artifact := fmt.Sprintf("[[artifact]]\nname = \"data\"\nfile = \"data.bin\"\ncompress = %q\n", compress)
	if aes != "" {
		artifact += "encrypt = \"aes\"\n"
	}
	toml := project(t, name, artifact)
	if padding != "" {
		toml = strings.Replace(toml, "scheme = \"cms\"", "scheme = \"cms\"\npadding = \"pss\"\ndigest = \"sha512\"", 1)
	}
	target := filepath.Join(t.TempDir(), "target")
	dir := files{
		"fwpack.toml":       toml,
		"data.bin":          string(source),
		"device.aes":        aesFiles[aes],
		"client.aes":        clientKey(aesFiles[aes]),
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "data"; path = "` + target + `"; }); };`,
	}.write(t)
	build(t, dir, options(dir))
	device := reftool.Client{Cert: keyFile(t, name+".crt")}
	if aes != "" {
		device.AESKey = filepath.Join(dir, "client.aes")
	}
	if v := device.Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	sameFile(t, target, source)
}

// A certificate below a root, and several signers in one signature, are what
// the client accepts with the root, or one of the signers, trusted.
func TestConformanceChainAndSigners(t *testing.T) {
	reftool.Need(t, "swupdate")
	target := filepath.Join(t.TempDir(), "target")
	toml := project(t, "leaf", "[keys.second]\nscheme = \"cms\"\nkey = \"@@KEYS@@/rsa3072.pem\"\ncert = \"@@KEYS@@/rsa3072.crt\"\n")
	toml = strings.Replace(toml, "leaf.crt\"\n", "leaf.crt\"\nchain = [\"@@KEYS@@/intermediate.crt\"]\n", 1)
	toml = strings.Replace(toml, `sign = ["release"]`, `sign = ["release", "second"]`, 1)
	dir := files{
		"fwpack.toml":       toml,
		"data":              "data",
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "data"; path = "` + target + `"; }); };`,
	}.write(t)
	_, entries := build(t, dir, options(dir))
	for _, trusted := range []string{"trust-chain.crt", "rsa3072.crt"} {
		if v := (reftool.Client{Cert: keyFile(t, trusted)}).Install(t, filepath.Join(dir, "dist", "gw.swu")); !v.Accepted {
			t.Errorf("%s: refused: %s\n%s", trusted, v.Reason, v.Log)
		}
		sameFile(t, target, []byte("data"))
	}
	both := append(readKey(t, "trust-chain.crt"), readKey(t, "rsa3072.crt")...)
	opensslVerifies(t, entries, both)
}

func readKey(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(keyFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// opensslVerifies asks openssl about the signature in a bundle.
func opensslVerifies(t *testing.T, entries map[string][]byte, trusted []byte) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string][]byte{"desc": entries[swu.Description], "sig": entries[swu.Signature], "ca": trusted} {
		writeFile(t, filepath.Join(dir, name), data)
	}
	out := run(t, nil, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", filepath.Join(dir, "sig"),
		"-content", filepath.Join(dir, "desc"), "-CAfile", filepath.Join(dir, "ca"))
	if !bytes.Equal(out, entries[swu.Description]) {
		t.Error("openssl verified other bytes than the description")
	}
}

// What a device must refuse, it refuses: a bundle changed after signing, one by
// a stranger, one without its artifact.
func TestConformanceRefused(t *testing.T) {
	reftool.Need(t, "swupdate", "cpio")
	target := filepath.Join(t.TempDir(), "target")
	dir := files{
		"fwpack.toml":       project(t, "ec-p256", ""),
		"data":              "data to be installed",
		"sw-description.in": `software = { version = "1"; hardware-compatibility = ["1.0"]; files = ({ filename = "data"; path = "` + target + `"; }); };`,
	}.write(t)
	_, entries := build(t, dir, options(dir))
	device := reftool.Client{Cert: keyFile(t, "ec-p256.crt")}
	good := filepath.Join(dir, "dist", "gw.swu")
	if v := device.Install(t, good); !v.Accepted {
		t.Fatalf("the good bundle is refused: %s", v.Reason)
	}

	tampered := repack(t, entries, func(e map[string][]byte) {
		e[swu.Description] = bytes.Replace(e[swu.Description], []byte(`version = "1"`), []byte(`version = "2"`), 1)
	})
	changed := repack(t, entries, func(e map[string][]byte) { e["data"] = []byte("data to be mistaken!") })
	missing := repack(t, entries, func(e map[string][]byte) { delete(e, "data") })
	unsigned := repack(t, entries, func(e map[string][]byte) { delete(e, swu.Signature) })
	for name, bad := range map[string]string{"tampered": tampered, "changed": changed, "missing": missing, "unsigned": unsigned} {
		if v := device.Install(t, bad); v.Accepted {
			t.Errorf("%s: accepted\n%s", name, v.Log)
		}
	}
	stranger := reftool.Client{Cert: keyFile(t, "ec-p384.crt")}
	if v := stranger.Install(t, good); v.Accepted {
		t.Errorf("a stranger's bundle is accepted\n%s", v.Log)
	}
}

// repack makes a bundle of changed entries, its container in order.
func repack(t *testing.T, entries map[string][]byte, change func(map[string][]byte)) string {
	t.Helper()
	changed := map[string][]byte{}
	for name, data := range entries {
		changed[name] = data
	}
	change(changed)
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	for _, name := range []string{swu.Description, swu.Signature, "data"} {
		data, ok := changed[name]
		if !ok {
			continue
		}
		if err := writeEntry(t.Context(), w, name, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bad.swu")
	writeFile(t, path, out.Bytes())
	return path
}

// The programs that fwpack replaces agree with what it made.
func TestConformanceTools(t *testing.T) {
	source := []byte(strings.Repeat("what comes out must be what went in\n", 30_000))
	decoders := map[string][]string{
		"zlib": {"gzip", "-dc"}, "zstd": {"zstd", "-dcq"}, "xz": {"xz", "-dc"}, "lz4": {"lz4", "-dcq"},
	}
	for _, method := range []string{"none", "zlib", "zstd", "xz", "lz4"} {
		dir := files{
			"fwpack.toml":       project(t, "rsa2048", fmt.Sprintf("[[artifact]]\nname = \"data\"\nfile = \"data.bin\"\nencrypt = \"aes\"\ncompress = %q\n", method)),
			"data.bin":          string(source),
			"device.aes":        deviceAES,
			"sw-description.in": `software = { version = "1"; files = ({ filename = "data"; path = "/x"; }); };`,
		}.write(t)
		report, entries := build(t, dir, options(dir))
		opensslVerifies(t, entries, readKey(t, "rsa2048.crt"))
		archive, err := os.ReadFile(filepath.Join(dir, "dist", "gw.swu"))
		if err != nil {
			t.Fatal(err)
		}
		run(t, archive, "cpio", "-i", "--only-verify-crc", "--quiet")
		if names := string(run(t, archive, "cpio", "-t", "--quiet")); names != "sw-description\nsw-description.sig\ndata\n" {
			t.Errorf("cpio lists %q", names)
		}
		payload := report.Outputs[0].Payloads[0]
		plain := run(t, entries["data"], "openssl", "enc", "-d", "-aes-256-cbc", "-nosalt", "-K", strings.Fields(deviceAES)[0], "-iv", payload.IV)
		if decoder := decoders[method]; decoder != nil {
			run(t, plain, decoder[0], "-t")
			plain = run(t, plain, decoder[0], decoder[1:]...)
		}
		if !bytes.Equal(plain, source) {
			t.Errorf("%s: %d bytes come out, not the %d that went in", method, len(plain), len(source))
		}
	}
}

// The raw RSA signatures are what openssl makes and verifies.
func TestConformanceRSASchemes(t *testing.T) {
	options4openssl := map[string][]string{
		"rsa-pkcs1v15": nil,
		"rsa-pss":      {"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-2"},
	}
	for scheme, sigopts := range options4openssl {
		toml := strings.Replace(project(t, "rsa3072", ""), `scheme = "cms"`, fmt.Sprintf("scheme = %q", scheme), 1)
		toml = strings.Replace(toml, "cert = \"@@KEYS@@/rsa3072.crt\"\n", "", 1)
		dir := files{
			"fwpack.toml":       toml,
			"data":              "data",
			"sw-description.in": `software = { version = "1"; files = ({ filename = "data"; path = "/x"; }); };`,
		}.write(t)
		_, entries := build(t, dir, options(dir))
		sig, desc := filepath.Join(dir, "sig"), filepath.Join(dir, "desc")
		writeFile(t, sig, entries[swu.Signature])
		writeFile(t, desc, entries[swu.Description])
		args := slices.Concat([]string{"dgst", "-sha256", "-verify", keyFile(t, "rsa3072.pub.pem"), "-signature", sig}, sigopts, []string{desc})
		run(t, nil, "openssl", args...)
	}
}
