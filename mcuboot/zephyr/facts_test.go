package zephyr

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot/profile"
)

// facts are what the folders of testdata say, one setting a line. D is the folder.
var facts = map[string]struct{ image, bootloader string }{
	"nrf52840dk": {`
input=D/zephyr/zephyr.bin
version=1.7.0+12
header-size=0x200
pad-header=false
board=nrf52840dk/nrf52840
soc=nrf52840
signature-key-file=bootloader/mcuboot/root-rsa-2048.pem
extra-args=--dependencies "(1, 1.2.3+0)"
confirmed=true`, `
mode=swap-move
slot-size=0x76000
secondary-slot-size=0x76000
slot-address=0xc000
secondary-slot-address=0x82000
sector-size=4096
write-size=4
max-align=8
demands=version`},
	"nrf52840dk_sysbuild": {`
input=D/smp_svr/zephyr/zephyr.hex
version=0.0.0+0
header-size=0x200
pad-header=false
board=nrf52840dk/nrf52840
soc=nrf52840
signature-key-file=/home/user/zephyrproject/bootloader/mcuboot/root-ec-p256.pem
encryption-key-file=/home/user/zephyrproject/bootloader/mcuboot/enc-ec256-pub.pem`, `
mode=swap-move
slot-size=0x76000
secondary-slot-size=0x76000
slot-address=0xc000
secondary-slot-address=0x82000
sector-size=4096
write-size=4
max-align=8
max-sectors=118
signature=ecdsa-p256
key-tlv=keyhash
padded-signatures=true
hash=sha256
encryption=ecies-p256
aes-key-size=128
allow-list=true
save-enctlv=true
compare-build-numbers=false
demands=security-counter`},
	"nrf5340dk_images": {`
input=D/app/zephyr/zephyr.bin
version=2.0.0+0
header-size=0x200
pad-header=false
board=nrf5340dk/nrf5340/cpuapp
soc=nrf5340
signature-key-file=keys/ed25519.pem`, `
mode=overwrite-only
slot-size=0x60000
secondary-slot-size=0x60000
slot-address=0x10000
secondary-slot-address=0x70000` + nrf5340Rest + `
class-id=door-lock
demands=version`},
	"nrf5340dk_images/second": {`
input=D/zephyr/second.bin
version=0.3.0+1
header-size=0x200
pad-header=false
board=nrf5340dk/nrf5340/cpuapp
soc=nrf5340
signature-key-file=keys/ed25519.pem`, `
mode=overwrite-only
slot-size=0x10000
secondary-slot-size=0x18000
slot-address=0xd0000
secondary-slot-address=0xe0000` + nrf5340Rest + `
class-id=door-lock-radio
demands=version`},
	"nrf5340dk_images/mcuboot": {``, `
mode=overwrite-only
slot-size=0x60000
secondary-slot-size=0x60000
slot-address=0x10000
secondary-slot-address=0x70000` + nrf5340Rest + `
class-id=door-lock
demands=version`},
	"nucleo_h743zi_sysbuild": {`
input=D/blinky/zephyr/zephyr.bin
version=1.0.0+0
header-size=0x400
pad-header=false
board=nucleo_h743zi/stm32h743xx
soc=stm32h743xx
signature-key-file=bootloader/mcuboot/root-rsa-3072.pem`, `
mode=swap-scratch
slot-size=0x40000
secondary-slot-size=0x40000
slot-address=0x8040000
secondary-slot-address=0x8080000
sector-size=131072
write-size=32
max-align=32
max-sectors=2
signature=rsa-3072
key-tlv=pubkey
hash=sha256
encryption=none
allow-list=true
compression=false
max-boot-record=64
demands=security-counter`},
	"nrf9160dk_ncs": {`
input=D/tracker/zephyr/tfm_merged.hex
version=3.1.4+0
header-size=0x200
pad-header=true
board=nrf9160dk@0.14.0/nrf9160/ns
soc=nrf9160
signature-key-file=/opt/ncs/bootloader/mcuboot/root-rsa-2048.pem
security-counter=7
vendor-id=example.com
class-id=tracker`, nrf9160Bootloader},
	"nrf9160dk_ncs/mcuboot": {``, strings.Replace(nrf9160Bootloader, "\nsecondary-slot-address=0x84000", "", 1)},
}

const nrf5340Rest = `
sector-size=4096
write-size=4
max-align=8
max-sectors=256
signature=ed25519
key-tlv=none
hash=sha512
encryption=none
pure=true
allow-list=false
compare-build-numbers=true
verify-address=true
vendor-id=example.com`

const nrf9160Bootloader = `
mode=swap-move
slot-size=0x78000
secondary-slot-size=0x78000
slot-address=0xc000
secondary-slot-address=0x84000
sector-size=4096
write-size=4
max-align=8
max-sectors=256
signature=rsa-2048
key-tlv=keyhash
hash=sha256
encryption=none
demands=security-counter`

func TestFacts(t *testing.T) {
	for name, want := range facts {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", filepath.FromSlash(name))
			b, err := Read(dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			differ(t, "image", shown(b.Image), strings.ReplaceAll(want.image, "=D/", "="+dir+"/"))
			differ(t, "bootloader", shown(b.Bootloader), want.bootloader)
			p := &profile.Profile{}
			for _, s := range b.Bootloader {
				if err := p.Set(s); err != nil {
					t.Errorf("the profile does not take %+v: %v", s, err)
				}
			}
		})
	}
}

func shown(settings []Setting) string {
	var out strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&out, "%s=%s\n", s.Key, s.Value)
	}
	return out.String()
}

// differ compares line by line.
func differ(t *testing.T, what, got, want string) {
	t.Helper()
	g, w := strings.Split(strings.TrimSpace(got), "\n"), strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Errorf("%s: misses %s", what, w[i])
		case i >= len(w):
			t.Errorf("%s: has %s, too", what, g[i])
		case g[i] != w[i]:
			t.Errorf("%s: got %s, want %s", what, g[i], w[i])
		}
	}
}

// Every origin is a line of a file that names what it says it names.
func TestOrigins(t *testing.T) {
	for name := range facts {
		b, err := Read(filepath.Join("testdata", name), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append(b.Image, b.Bootloader...) {
			for from := range strings.SplitSeq(s.From, "; ") {
				checkOrigin(t, s.Key, from)
			}
		}
	}
}

func checkOrigin(t *testing.T, key, from string) {
	t.Helper()
	parts := strings.SplitN(from, ":", 3)
	if len(parts) != 3 {
		t.Fatalf("%s: from %q", key, from)
	}
	data, err := os.ReadFile(parts[0])
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	n, err := strconv.Atoi(parts[1])
	lines := strings.Split(string(data), "\n")
	if err != nil || n < 1 || n > len(lines) || !strings.Contains(lines[n-1], strings.TrimSpace(parts[2])) {
		t.Errorf("%s: from %q: that line does not say so", key, from)
	}
}

// The folder of the application in one of sysbuild says what that of sysbuild
// says.
func TestFolders(t *testing.T) {
	for whole, part := range map[string]string{
		"nrf52840dk_sysbuild":    "smp_svr",
		"nrf5340dk_images":       "app",
		"nucleo_h743zi_sysbuild": "blinky",
		"nrf9160dk_ncs":          "tracker",
	} {
		dir := filepath.Join("testdata", whole)
		a, err := Read(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Read(filepath.Join(dir, part), nil)
		if err != nil {
			t.Fatal(err)
		}
		differ(t, whole, shown(b.Image)+shown(b.Bootloader), shown(a.Image)+shown(a.Bootloader))
		if a.Application != filepath.Join(dir, part) || a.MCUboot != filepath.Join(dir, "mcuboot") {
			t.Errorf("%s: read %q and %q", whole, a.Application, a.MCUboot)
		}
	}
	t.Chdir(filepath.Join("testdata", "nrf52840dk_sysbuild", "smp_svr"))
	b, err := Read(".", nil)
	if err != nil || b.MCUboot != filepath.Join("..", "mcuboot") {
		t.Errorf("in the folder itself: %v, %+v", err, b)
	}
}
