package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/imgtool"
	"github.com/fwpack/fwpack/sign/keygen"
)

// imgtoolVector is a run of imgtool 2.4.0: see mcuboot/testdata/README.md.
type imgtoolVector struct {
	ID         string
	Args       []string
	Body       int
	ZeroHeader int `json:"zero_header"`
	Exit       string
	SHA256     string
}

func imgtoolVectors(t *testing.T) []imgtoolVector {
	t.Helper()
	data, err := os.ReadFile("../../mcuboot/testdata/imgtool.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []imgtoolVector
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var v imgtoolVector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// imgtoolFolder has the files that the vectors name.
func imgtoolFolder(t *testing.T, zeros, body int) string {
	t.Helper()
	dir := t.TempDir()
	firmware := make([]byte, zeros, zeros+body)
	for i := range body {
		firmware = append(firmware, byte(7*i+3))
	}
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	key, err := keygen.MarshalPrivateKey(ed25519.NewKeyFromSeed(seed), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"in.bin": firmware, "ed.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// inFolder makes the names of files paths in dir.
func inFolder(dir string, args []string) []string {
	args = slices.Clone(args)
	for i, arg := range args {
		if slices.Contains([]string{".bin", ".hex", ".pem", ".txt"}, filepath.Ext(arg)) {
			args[i] = filepath.Join(dir, arg)
		}
	}
	return args
}

// TestImgtoolVectors: the same bytes as imgtool, and the same refused with the
// same status.
func TestImgtoolVectors(t *testing.T) {
	vectors := imgtoolVectors(t)
	if len(vectors) < 159 {
		t.Fatalf("%d vectors, want 159", len(vectors))
	}
	for _, v := range vectors {
		dir := imgtoolFolder(t, v.ZeroHeader, v.Body)
		status, _, stderr := inProcess(t, append([]string{"imgtool", "sign"}, inFolder(dir, v.Args)...)...)
		out, err := os.ReadFile(filepath.Join(dir, v.Args[len(v.Args)-1]))
		if v.Exit == "refused" {
			if status != statusUsage || !strings.Contains(stderr, "more than the slot of") || err == nil {
				t.Errorf("%s %q: status %d, %v\n%s", v.ID, v.Args, status, err, stderr)
			}
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(out)); status != statusDone || got != v.SHA256 {
			t.Errorf("%s %q: status %d, SHA-256 %s, want %s\n%s", v.ID, v.Args, status, got, v.SHA256, stderr)
		}
	}
}

// TestImgtoolVectorsVerify: what was signed is valid, and dumpinfo shows it.
func TestImgtoolVectorsVerify(t *testing.T) {
	checked := 0
	for _, v := range imgtoolVectors(t) {
		if v.Exit == "refused" || slices.Contains(v.Args, "--vector-to-sign") || slices.Contains(v.Args, "big") {
			continue
		}
		checked++
		dir := imgtoolFolder(t, v.ZeroHeader, v.Body)
		args := inFolder(dir, v.Args)
		out := args[len(args)-1]
		inProcess(t, append([]string{"imgtool", "create"}, args...)...)
		verify := []string{"imgtool", "verify", out}
		if slices.Contains(v.Args, "-k") {
			verify = append(verify, "-k", filepath.Join(dir, "ed.pem"))
		}
		status, stdout, stderr := inProcess(t, verify...)
		if status != statusDone || !strings.HasPrefix(stdout, "Image was correctly validated\nImage version: ") || stderr != "" {
			t.Errorf("%s %q: status %d\n%s%s", v.ID, v.Args, status, stdout, stderr)
		}
		if status, stdout, stderr := inProcess(t, "imgtool", "dumpinfo", out); status != statusDone || !strings.Contains(stdout, "SHA") {
			t.Errorf("%s: dumpinfo: status %d\n%s", v.ID, status, stderr)
		}
	}
	if checked < 100 {
		t.Errorf("%d images, want at least 100", checked)
	}
}

func TestCommandLine(t *testing.T) {
	for _, test := range []struct{ argv, want []string }{
		{nil, nil},
		{[]string{"/usr/bin/fwpack", "build"}, []string{"build"}},
		{[]string{"imgtool"}, []string{"imgtool"}},
		{[]string{"./tools/imgtool", "sign", "-h"}, []string{"imgtool", "sign", "-h"}},
		{[]string{"imgtool.exe", "version"}, []string{"imgtool", "version"}},
		{[]string{"scripts/imgtool.py", "version"}, []string{"imgtool", "version"}},
		{[]string{"imgtool2", "version"}, []string{"version"}},
	} {
		if got := commandLine(test.argv); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.argv, got, test.want)
		}
	}
}

func TestJoinPairs(t *testing.T) {
	flags := newImgtoolSign(surroundings{}).Flags()
	for _, test := range []struct{ args, want string }{
		{"--custom-tlv 0xa0 x in out", "--custom-tlv=0xa0\x00x in out"},
		{"--custom-tlv=0xa0 x in", "--custom-tlv=0xa0\x00x in"},
		{"--custom-tlv 160 -v", "--custom-tlv=160\x00-v"},
		{"--custom-tlv-file 160 --pad --pad", "--custom-tlv-file=160\x00--pad --pad"},
		{"--vid --custom-tlv in out x", "--vid --custom-tlv in out x"},
		{"-ck --custom-tlv in out", "-ck --custom-tlv in out"},
		{"-c --custom-tlv 1 2", "-c --custom-tlv=1\x002"},
		{"-kfile --custom-tlv 1 2", "-kfile --custom-tlv=1\x002"},
		{"-- --custom-tlv 1 2", "-- --custom-tlv 1 2"},
		{"--pad --unknown -z -", "--pad --unknown -z -"},
		{"--custom-tlv 1", ""},
		{"--custom-tlv=1", ""},
	} {
		got, err := joinPairs(flags, strings.Fields(test.args))
		if strings.Join(got, " ") != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%q: %q, %v, want %q", test.args, got, err, test.want)
		}
	}
}

// Every option of imgtool 2.4.0 is there, under its long and its short name.
func TestImgtoolOptions(t *testing.T) {
	for command, options := range map[string]string{
		"sign": `key,k version,v header-size,H slot-size,S pad-header pad confirm test align max-align max-sectors,M
			overwrite-only erased-val,R endian,e hex-addr,x load-addr,L rom-fixed,F non-bootable security-counter,s
			dependencies,d boot-record custom-tlv custom-tlv-file vid cid public-key-format pad-sig pure sha hmac-sha
			encrypt,E encrypt-keylen clear,c save-enctlv compression vector-to-sign fix-sig fix-sig-pubkey sig-out`,
		"verify": "key,k", "dumpinfo": "outfile,o format,f silent,s", "keygen": "key,k type,t password,p",
		"getpub": "key,k encoding,e lang,l output,o name-suffix", "getpubhash": "key,k encoding,e output,o name-suffix",
		"getpriv": "key,k minimal format,f", "keyinfo": "key,k require", "version": "", "create": "",
	} {
		cmd, _, err := newRoot(surroundings{}, nil).Find([]string{"imgtool", command})
		if err != nil {
			t.Fatal(err)
		}
		for _, option := range strings.Fields(options) {
			name, short, _ := strings.Cut(option, ",")
			if flag := cmd.Flags().Lookup(name); flag == nil || flag.Shorthand != short {
				t.Errorf("%s: option %s: %+v", command, option, flag)
			}
		}
	}
	if imgtool.Version != "2.4.0" {
		t.Errorf("version %s", imgtool.Version)
	}
}
