package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// manyInputs is a project that is made from files of every kind there is.
const manyInputs = `schema = 1
[project]
name = "p"
version = "2"
[vars]
PKGDATA_DIR = "pkgdata"
DEPLOY = { env = "DEPLOY_FOLDER", default = "deploy" }
[keys.release]
scheme = "cms"
key = "keys/leaf.pem"
cert = "keys/leaf.crt"
chain = ["keys/intermediate.crt"]
passphrase = { file = "keys/passphrase" }
[keys.device]
aes = { file = "keys/device.aes" }
[keys.mcu]
key = "keys/ec-p256.pem"
[keys.elsewhere]
public = "keys/ec-p256.pub.pem"
[[artifact]]
name = "rootfs"
file = "@@DEPLOY@@/rootfs.ext4"
compress = "@@METHOD@@"
encrypt = "device"
[[artifact]]
name = "data"
file = "@@DEPLOY@@/data.img"
delta = { url = "https://example.com/data.zck", source = "/dev/sda2", chain = "raw", bases = ["releases/data-1.zck"], releases = ["releases/data-0.img"] }
[[artifact]]
name = "patch"
file = "@@DEPLOY@@/rootfs.ext4"
delta = { kind = "rdiff", base = "releases/rootfs-1.ext4", rdiffbase = "/dev/sda3" }
[[image]]
name = "mcu"
zephyr = "build"
sign = "mcu"
encrypt = "elsewhere"
security-counter = "auto"
outputs = { ota = "mcu.bin", factory = "mcu.hex" }
[[image.tlv]]
type = 0xa0
file = "tlv.bin"
[[image.factory]]
file = "uicr.hex"
[[bundle]]
name = "p"
output = "p.swu"
description = "description.in"
embedded-script = "embedded.lua"
extra = ["notes.txt"]
sign = ["release"]
encrypt-description = { recipients = ["devices/*.crt"] }
[[bundle]]
name = "q"
output = "q.swu"
description = "q.in"
sign = ["release"]
`

const manyInputsDescription = `software = {
  version = "@@VERSION@@";
  description = "busybox $swupdate_get_pkgvar(busybox)";
  images = (
    { filename = "data"; device = "/dev/sda2"; },
    { filename = "patch"; device = "/dev/sda4"; }
  );
  files = ( { filename = "beside.txt"; path = "/etc/beside"; } );
};
`

const manyInputsOther = `software = { version = "1"; images = ( { filename = "rootfs"; type = "raw"; device = "/dev/sda1"; } ); };
`

// manyInputsProject writes that project.
func manyInputsProject(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	copyFolder(t, "../../testdata/keys", filepath.Join(dir, "keys"))
	copyFolder(t, "../../mcuboot/zephyr/testdata/nrf52840dk_sysbuild", filepath.Join(dir, "build"))
	image := bytes.Repeat([]byte("image "), 50_000)
	other := bytes.Repeat([]byte("other "), 50_000)
	code := append(make([]byte, 0x200), bytes.Repeat([]byte{0, 0x40, 0, 0x20, 1, 0xc4, 0, 0}, 300)...)
	for name, data := range map[string][]byte{
		"fwpack.toml": []byte(manyInputs), "description.in": []byte(manyInputsDescription), "q.in": []byte(manyInputsOther),
		"vars": []byte("METHOD=zstd\n"), "embedded.lua": []byte("-- nothing\n"), "notes.txt": []byte("notes"), "beside.txt": []byte("beside"),
		"deploy/rootfs.ext4": image, "deploy/data.img": other, "releases/rootfs-1.ext4": other, "releases/data-0.img": image,
		"keys/device.aes": []byte(strings.Repeat("0123456789abcdef", 4)), "keys/passphrase": []byte("none\n"),
		"pkgdata/runtime/busybox": []byte("PV: 1.36.1\n"), "tlv.bin": []byte("value"), "uicr.hex": []byte(":0400000001020304F2\n:00000001FF\n"),
		"build/smp_svr/zephyr/zephyr.hex": hexOf(t, 0xc000, code),
	} {
		writeAt(t, filepath.Join(dir, name), data)
	}
	recipient, err := os.ReadFile("../../testdata/keys/no-usage.crt")
	if err != nil {
		t.Fatal(err)
	}
	writeAt(t, filepath.Join(dir, "devices", "a.crt"), recipient)
	if status, _, stderr := inProcess(t, "zck", "create", filepath.Join(dir, "deploy", "data.img"), "-o", filepath.Join(dir, "releases", "data-1.zck")); status != statusDone {
		t.Fatal(stderr)
	}
	return dir
}

// hexOf is data at an address in Intel HEX.
func hexOf(t *testing.T, address uint32, data []byte) []byte {
	t.Helper()
	var memory firmware.Memory
	var out bytes.Buffer
	if err := errors.Join(memory.Add(address, data, ""), memory.WriteHex(&out)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// opened is a file that was opened for reading, as strace writes it.
var opened = regexp.MustCompile(`openat\(AT_FDCWD, "([^"]+)", O_RDONLY[^)]*\) = \d`)

// sourcesIn are the files that a file of dependencies names.
func sourcesIn(t *testing.T, depfile string) (names []string) {
	t.Helper()
	for _, line := range strings.Split(string(read(t, depfile)), "\n") {
		if name, ok := strings.CutPrefix(line, "  "); ok {
			names = append(names, strings.TrimSuffix(name, ` \`))
		}
	}
	return names
}

// Whichever file of a build gets another time, the next build is not instant.
func TestEveryInputCounts(t *testing.T) {
	fwpack, dir, work := binary(t), manyInputsProject(t), t.TempDir()
	depfile := filepath.Join(work, "depfile")
	build := func() (stderr string) {
		t.Helper()
		var errors bytes.Buffer
		cmd := exec.Command(fwpack, "build", "--vars", "vars", "--depfile", depfile, "-o", filepath.Join(work, "dist"), "--cache", filepath.Join(work, "cache"))
		cmd.Dir, cmd.Stderr = dir, &errors
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, errors.Bytes())
		}
		return errors.String()
	}
	build()
	if stderr := build(); stderr != "" {
		t.Fatalf("the second build has done something:\n%s", stderr)
	}
	names := sourcesIn(t, depfile)
	for _, name := range names {
		if err := os.Chtimes(filepath.Join(dir, name), time.Time{}, time.Unix(1_000_000_000, 1)); err != nil {
			t.Fatal(err)
		}
		if build() == "" {
			t.Errorf("%s has changed, and nothing was done", name)
		}
	}
	if len(names) < 20 {
		t.Errorf("%q: more was expected", names)
	}
}

// The kernel knows which files a build has read, and --depfile names each of them.
func TestConformanceInputs(t *testing.T) {
	reftool.Need(t, "strace")
	fwpack, dir := binary(t), manyInputsProject(t)
	work := t.TempDir()
	trace, depfile := filepath.Join(work, "trace"), filepath.Join(work, "depfile")
	cmd := exec.Command("strace", "-f", "-qq", "-s", "4096", "-e", "trace=openat", "-o", trace, fwpack, "build", "--vars", "vars", "--depfile", depfile, "-o", filepath.Join(work, "dist"))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rule, seen := sourcesIn(t, depfile), 0
	for _, match := range opened.FindAllSubmatch(read(t, trace), -1) {
		path := string(match[1])
		info, err := os.Stat(filepath.Join(dir, path))
		if filepath.IsAbs(path) || err != nil || info.IsDir() {
			continue
		}
		seen++
		if !slices.Contains(rule, path) {
			t.Errorf("the build has read %s, and the file of dependencies does not name it", path)
		}
	}
	if seen < 20 {
		t.Errorf("%d files were read", seen)
	}
}
