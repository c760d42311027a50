package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
)

// keptIn is where secrets are kept that the tests must not find elsewhere: by name,
// as raw bytes.
type keptIn map[string][]byte

// find returns the name of a secret that data holds in any form, "" for none.
func (s keptIn) find(data []byte) string {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		for _, form := range forms(s[name]) {
			if bytes.Contains(data, form) {
				return name
			}
		}
	}
	return ""
}

// forms are the ways to write a secret down: as it is, in hexadecimal, and in
// base64, where it may begin at any byte of three.
func forms(secret []byte) [][]byte {
	digits := hex.EncodeToString(secret)
	all := [][]byte{secret, []byte(digits), []byte(strings.ToUpper(digits))}
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := encoding.EncodeToString(append(make([]byte, shift), secret...))
			all = append(all, []byte(text[(8*shift+5)/6:len(text)-1]))
		}
	}
	return all
}

func TestForms(t *testing.T) {
	secret := keptIn{"key": noise(32, 1)}
	for before := range 4 {
		data := slices.Concat(noise(before, 2), secret["key"], noise(5, 3))
		for _, text := range []string{
			string(data), hex.EncodeToString(data), fmt.Sprintf("%X", data),
			base64.StdEncoding.EncodeToString(data), base64.URLEncoding.EncodeToString(data),
		} {
			if secret.find([]byte(text)) == "" {
				t.Errorf("not found in %q", text)
			}
		}
	}
	if found := secret.find(noise(1000, 4)); found != "" {
		t.Errorf("%s found in noise", found)
	}
}

const secretProject = `schema = 1
project = { name = "secrets", version = "1.0" }
[vars]
KEYS = { env = "KEYS" }
PIN = { env = "PIN_FILE" }
[keys.from-env]
scheme = "cms"
key = "@@KEYS@@/rsa2048.enc.pem"
cert = "@@KEYS@@/rsa2048.crt"
passphrase = { env = "RELEASE_PASSPHRASE" }
[keys.from-file]
scheme = "cms"
key = "@@KEYS@@/ec-p256.enc.pem"
cert = "@@KEYS@@/ec-p256.crt"
passphrase = { file = "passphrase" }
[keys.from-command]
scheme = "rsa-pss"
key = "@@KEYS@@/rsa2048.enc.pem"
passphrase = { command = ["sh", "-c", "sleep 0.2; cat passphrase"] }
[keys.program]
scheme = "rsa-pkcs1v15"
key = "plugin:slow:@@KEYS@@/rsa4096.pem?pin-source=@@PIN@@"
public = "@@KEYS@@/rsa4096.pub.pem"
[keys.mcu]
key = "@@KEYS@@/rsa2048.enc.pem"
passphrase = { env = "RELEASE_PASSPHRASE" }
[keys.device]
aes = { file = "device.aes" }
[keys.other-device]
aes = { env = "OTHER_DEVICE" }
[keys.session]
aes = { fresh = true }
[[artifact]]
name = "a"
file = "a.bin"
encrypt = "device"
[[artifact]]
name = "b"
file = "b.bin"
compress = "zstd"
encrypt = "other-device"
[[artifact]]
name = "c"
file = "c.bin"
encrypt = "session"
[[image]]
name = "sensor"
input = "c.bin"
output = "sensor.bin"
version = "1.0.0"
sign = "mcu"
header-size = 0x200
slot-size = "384K"
align = 8
pad-header = true
`

// secretBundles are the signers of a bundle each, and what it holds.
var secretBundles = [][3]string{
	{`"from-env", "from-file"`, "a", ""},
	{`"from-command"`, "b", ""},
	{`"program"`, "a", ""},
	{`"from-file"`, "c", `encrypt-description = { recipients = ["recipient.crt"] }`},
}

// secretsIn is what the files of the project keep.
func secretsIn(t *testing.T, keys string) keptIn {
	t.Helper()
	kept := keptIn{
		"passphrase": []byte("fwpack test only"), "PIN": []byte(testPIN), "key of the device": noise(32, 5), "key of the other device": noise(16, 6),
	}
	for _, name := range []string{"rsa2048", "rsa4096", "ec-p256"} {
		private, err := sign.ParsePrivateKey(read(t, filepath.Join(keys, name+".pem")), nil)
		if err != nil {
			t.Fatal(err)
		}
		switch key := private.(type) {
		case *rsa.PrivateKey:
			kept["d of "+name], kept["p of "+name], kept["q of "+name] = key.D.Bytes(), key.Primes[0].Bytes(), key.Primes[1].Bytes()
		case *ecdsa.PrivateKey:
			if kept["d of "+name], err = key.Bytes(); err != nil {
				t.Fatal(err)
			}
		case ed25519.PrivateKey:
			kept["seed of "+name] = key.Seed()
		}
	}
	for _, name := range []string{"rsa2048.enc", "ec-p256.enc"} { // which others might try passphrases on
		block, _ := pem.Decode(read(t, filepath.Join(keys, name+".pem")))
		kept["file of "+name] = block.Bytes
	}
	return kept
}

// secretFolder writes the project and returns its folder.
func secretFolder(t *testing.T, keys string, kept keptIn) string {
	t.Helper()
	dir := t.TempDir()
	project := secretProject
	for n, b := range secretBundles {
		project += fmt.Sprintf("[[bundle]]\nname = \"b%d\"\noutput = \"b%[1]d.swu\"\nsign = [%s]\n%s\n[bundle.software]\nhardware-compatibility = [\"1.0\"]\n"+
			"[[bundle.software.images]]\nartifact = %q\ntype = \"raw\"\ndevice = \"/dev/sda1\"\n", n, b[0], b[2], b[1])
	}
	for name, data := range map[string][]byte{
		"fwpack.toml": []byte(project), "passphrase": kept["passphrase"], "pin": kept["PIN"],
		"device.aes": fmt.Appendf(nil, "%x %x\n", kept["key of the device"], noise(16, 7)),
		"a.bin":      noise(100_000, 8), "b.bin": noise(300_000, 9), "c.bin": noise(50_000, 10),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("fwpack", "key", "cert", filepath.Join(keys, "rsa2048.pem"), "-o", filepath.Join(dir, "recipient.crt"), "--cn", "device", "--recipient")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// watch is what could be seen of a process from outside while it ran: files below
// folders, and command lines and environments of what it started.
type watch struct {
	fwpack string
	pid    int
	dirs   []string
	seen   map[string][]byte // by where it was seen, the longest
}

// look takes one sample.
func (w *watch) look() {
	for _, dir := range w.dirs {
		filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				w.note(path)
			}
			return nil
		})
	}
	w.note(fmt.Sprintf("/proc/%d/cmdline", w.pid))
	for _, pid := range w.descendants() {
		exe := fmt.Sprintf("/proc/%d/exe", pid)
		before, _ := os.Readlink(exe)
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		// A process that is about to become another one still shows its parent.
		if after, err := os.Readlink(exe); err == nil && before == after && after != w.fwpack && len(cmdline) > 0 {
			name := string(bytes.ReplaceAll(cmdline, []byte{0}, []byte(" ")))
			w.seen["command line "+name], w.seen["environment of "+name] = cmdline, environ
		}
	}
}

func (w *watch) note(path string) {
	if data, err := os.ReadFile(path); err == nil && len(data) >= len(w.seen[path]) {
		w.seen[path] = data
	}
}

// descendants lists the processes below the one that is watched.
func (w *watch) descendants() []int {
	entries, _ := os.ReadDir("/proc")
	parents := map[int]int{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		_, rest, _ := bytes.Cut(stat, []byte(") ")) // "42 (name) S 7 ..."
		if fields := bytes.Fields(rest); len(fields) > 1 {
			parents[pid], _ = strconv.Atoi(string(fields[1]))
		}
	}
	var below []int
	for pid := range parents {
		for up, known := parents[pid], true; known; up, known = parents[up] {
			if up == w.pid {
				below = append(below, pid)
				break
			}
		}
	}
	return below
}

// watched runs fwpack and returns its status and all that was seen, what it said
// among it.
func watched(t *testing.T, cmd *exec.Cmd, dirs ...string) (outcome, map[string][]byte) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &watch{fwpack: cmd.Path, pid: cmd.Process.Pid, dirs: dirs, seen: map[string][]byte{}}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for len(ended) == 0 {
		w.look()
		time.Sleep(time.Millisecond)
	}
	how := outcomeOf(t, <-ended)
	w.look()
	w.seen["stdout"], w.seen["stderr"] = stdout.Bytes(), stderr.Bytes()
	return how, w.seen
}

// TestSecretsStay builds with keys of all kinds and looks for them in all that
// anybody else could see.
func TestSecretsStay(t *testing.T) {
	fwpack := binary(t)
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	kept := secretsIn(t, keys)
	dir, temp := secretFolder(t, keys, kept), t.TempDir()
	dist := filepath.Join(dir, "dist")
	if err := os.Mkdir(dist, 0o777); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(temp, "cache")
	env := append(os.Environ(), "FWPACK_CACHE_DIR="+cache, "KEYS="+keys, "PIN_FILE="+filepath.Join(dir, "pin"), "TMPDIR="+temp, "RELEASE_PASSPHRASE=fwpack test only",
		fmt.Sprintf("OTHER_DEVICE=%x", kept["key of the other device"]))
	run := func(want outcome, env []string, args ...string) map[string][]byte {
		t.Helper()
		cmd := exec.Command(fwpack, args...)
		cmd.Dir, cmd.Env = dir, env
		how, seen := watched(t, cmd, dist, temp)
		for where, data := range seen {
			if name := kept.find(data); name != "" {
				t.Errorf("fwpack %s: %s shows in %s", strings.Join(args, " "), name, where)
			}
		}
		if how != want {
			t.Errorf("fwpack %s: outcome %d\n%s", strings.Join(args, " "), how, seen["stderr"])
		}
		return seen
	}

	var all []map[string][]byte
	for _, args := range [][]string{{"build"}, {"build", "--json", "-j", "1", "--no-cache"}} {
		seen := run(finished, env, args...)
		fresh := keptIn{"the fresh key": freshKey(t, filepath.Join(dist, "b3.swu"), keys)}
		for where, data := range seen {
			if name := fresh.find(data); name != "" {
				t.Errorf("%s shows in %s", name, where)
			}
		}
		all = append(all, seen)
	}
	if files, err := filepath.Glob(filepath.Join(cache, "payloads", "*")); err != nil || len(files) == 0 {
		t.Errorf("the cache, which was to be looked at, holds %d payloads: %v", len(files), err)
	}
	for _, word := range []string{"sleep", "fwpack-sign-slow"} {
		if !sawProgram(all[0], word) && !sawProgram(all[1], word) {
			t.Errorf("%s was not seen to run", word)
		}
	}
	run(finished, env, "build", "--dry-run", "--json")
	for _, args := range [][]string{{"inspect", "--json"}, {"check"}, {"plan"}} {
		run(finished, env, append(args, "dist/b0.swu")...)
	}
	run(finished, env, "sign", "dist/b0.swu", "-f", "fwpack.toml", "--key", "from-env", "-o", "dist/again.swu", "--json")
	wrong := append(slices.Clone(env), "RELEASE_PASSPHRASE=another passphrase", "OTHER_DEVICE="+strings.Repeat("secret", 5))
	kept["wrong passphrase"], kept["wrong key"] = []byte("another passphrase"), []byte("secretsecret")
	run(failed, wrong, "build")
}

// sawProgram tells whether the command line of a program was sampled.
func sawProgram(seen map[string][]byte, word string) bool {
	for where := range seen {
		if strings.HasPrefix(where, "command line ") && strings.Contains(where, word) {
			return true
		}
	}
	return false
}

// freshKey is the key that an encrypted description ships.
func freshKey(t *testing.T, bundle, keys string) []byte {
	t.Helper()
	private, err := sign.ParsePrivateKey(read(t, filepath.Join(keys, "rsa2048.pem")), nil)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := envelope.Open(entriesOf(t, bundle)[swu.Description], private, nil)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`aes-key = "([0-9a-f]{64})"`).FindSubmatch(opened)
	if match == nil {
		t.Fatalf("no key in %s", opened)
	}
	key, err := hex.DecodeString(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return key
}
