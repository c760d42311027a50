package main

import (
	"bytes"
	endian "encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/bounds"
)

// finishedKinds makes a file of each kind that a verb reads, by its name.
func finishedKinds(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.CopyFS(in("project"), os.DirFS("../../examples/linux-and-mcu")); err != nil {
		t.Fatal(err)
	}
	done(t, "build", "-f", in("project/fwpack.toml"), "-o", in("dist"))
	done(t, "zck", "create", in("project/deploy/rootfs.ext4"), "-o", in("a.zck"))
	done(t, "zck", "header", in("a.zck"), "-o", in("a.zckheader"))
	done(t, "delta", "create", in("project/firmware/zephyr.bin"), in("dist/sensor-1.7.0+12.bin"), "-o", in("a.rdiff"))
	done(t, "extract", in("dist/gateway-3.1.0.swu"), "-o", in("parts"))
	kinds := map[string][]byte{"description.json": nil}
	for name, path := range map[string]string{
		"bundle": "dist/gateway-3.1.0.swu", "image.bin": "dist/sensor-1.7.0+12.bin", "image.hex": "dist/sensor-test.hex", "dfu.zip": "dist/dfu_application.zip",
		"zck": "a.zck", "zckheader": "a.zckheader", "rdiff": "a.rdiff", "description": "parts/sw-description", "cms": "parts/sw-description.sig",
		"key.pem": "project/keys/release.pem", "certificate.crt": "project/keys/release.crt", "project": "project/fwpack.toml",
	} {
		kinds[name] = content(t, in(path))
	}
	status, json, stderr := inProcess(t, "convert", in("parts/sw-description"), "--to", "json")
	if status != statusDone {
		t.Fatal(stderr)
	}
	kinds["description.json"] = []byte(json)
	kinds["key.aes"] = content(t, "../../examples/quickstart/keys/device.aes")
	return kinds
}

// hostile changes a file the way people who mean harm do, and broken disks.
func hostile(random *rand.Rand, data []byte) []byte {
	changed := bytes.Clone(data)
	at := random.IntN(len(changed))
	switch random.IntN(7) {
	case 0:
		changed[at] ^= 1 << random.IntN(8)
	case 1:
		return changed[:at]
	case 2: // a length of 0, the largest one, or 4 GiB + 1
		lengths := []uint64{0, 1<<32 - 1, 1<<32 + 1, 1<<64 - 1}
		copy(changed[at:], endian.LittleEndian.AppendUint64(nil, lengths[random.IntN(len(lengths))])[:4<<random.IntN(2)])
	case 3: // the same as digits, in the first headers
		copy(changed[min(at, 200):], []string{"00000000", "FFFFFFFF", "ffffffff"}[random.IntN(3)])
	case 4:
		words := []string{"../../../../tmp/x", "/etc/passwd", "\x00", strings.Repeat("n", 300), strings.Repeat("(", 5000), strings.Repeat("{", 5000), "99999999999999999999"}
		changed = append(changed[:at:at], append([]byte(words[random.IntN(len(words))]), changed[at:]...)...)
	case 5:
		changed = append(changed[:at:at], changed[min(len(changed), at+1+random.IntN(64)):]...)
	default:
		changed = append(changed, data[:at]...)
	}
	return changed
}

// Whatever is wrong with a file, every verb that reads finished files ends soon, in
// little memory, with a status that says so, and writes nowhere but into its folder.
func TestHostileFiles(t *testing.T) {
	dir, random := t.TempDir(), rand.New(rand.NewPCG(3, 5))
	in := func(name string) string { return filepath.Join(dir, name) }
	trust := must(filepath.Abs("../../examples/linux-and-mcu/keys/release.crt"))
	kinds := finishedKinds(t)
	for name, data := range kinds {
		file, good := in(name), in("good")
		if strings.HasSuffix(name, "project") {
			file = in("fwpack.toml")
		}
		if err := os.WriteFile(good, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 8 {
			if err := os.WriteFile(file, hostile(random, data), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"inspect", file}, {"inspect", file, "--json", "--decrypt", "../../examples/linux-and-mcu/keys/mcu-bootloader.pem"},
				{"verify", file, "--trust", trust}, {"extract", file, "-o", in("parts"), "--force"}, {"check", file},
				{"plan", file, "--revision", "1.0", "--board", "b"}, {"diff", good, file}, {"diff", file, good, "--json", "--exit-code"},
			} {
				bounds.Check(t, fmt.Sprint(name, ": ", args[0]), func() { endsWell(t, name, args) })
			}
		}
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(dir)
	for _, entry := range left {
		if name := entry.Name(); name != "parts" && name != "good" {
			t.Errorf("%s was left", name)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// endsWell runs a verb and wants a status that a script can rely on: 2 is for projects
// alone, and for the way to call a verb.
func endsWell(t *testing.T, name string, args []string) {
	t.Helper()
	status, stdout, stderr := inProcess(t, args...)
	switch {
	case status < statusDone || status > statusUnverified:
		t.Errorf("%s: %v: status %d", name, args[0], status)
	case status == statusUsage && name != "project" && args[0] != "plan" && args[0] != "diff":
		t.Errorf("%s: %v: status 2: %s", name, args[0], stderr)
	case status == statusFailed && stderr == "":
		t.Errorf("%s: %v: status 1 without a word", name, args[0])
	}
	for _, r := range stdout + stderr {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			t.Errorf("%s: %v: control character %#x on the terminal", name, args[0], r)
			return
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
